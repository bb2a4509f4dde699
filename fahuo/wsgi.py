"""The web process. Its database connections are kept in a pool as large as its threads."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fahuo.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.DATABASES["default"]["OPTIONS"]["pool"] = settings.WEB_POOL
application = get_wsgi_application()
