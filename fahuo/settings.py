"""Every knob, from the environment."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent
SECRET_KEY = os.environ.get("FAHUO_SECRET_KEY", "scaffold")
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.postgres", "fahuo.store"]
AUTH_USER_MODEL = "fahuo.User"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "fahuo", "HOST": os.environ.get("PGHOST", "/tmp/fahuo/pg"), "USER": "fahuo"}}
USE_TZ = True
TIME_ZONE = "UTC"
