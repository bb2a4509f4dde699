"""The web process. Its pages' database connections are kept in a pool as large as its threads; one more listens."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fahuo.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.DATABASES["default"]["OPTIONS"]["pool"] = settings.WEB_POOL
pages = get_wsgi_application()

from fahuo.store import live  # noqa: E402  # once Django knows its apps
from fahuo.web.live import Hub  # noqa: E402
from fahuo.web.server import Pages, Server  # noqa: E402

application = Server(Pages(pages, settings.THREADS), lambda: Hub(live.hints, (OSError, live.Error)))
