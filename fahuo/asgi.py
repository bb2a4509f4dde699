"""The web process. Its database connections are kept in a pool as large as its threads, for pages and for calls of
software; one more listens."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fahuo.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.DATABASES["default"]["OPTIONS"]["pool"] = settings.WEB_POOL
pages = get_wsgi_application()

from fahuo.api.doors import PREFIX, busy, straight  # noqa: E402  # once Django knows its apps
from fahuo.store import live  # noqa: E402
from fahuo.web.live import Hub  # noqa: E402
from fahuo.web.server import Machines, Pages, Server  # noqa: E402

calls = Machines(straight, settings.CALLS, PREFIX, busy, settings.QUEUE)
application = Server(
    Pages(pages, settings.THREADS, settings.QUEUE), calls, lambda: Hub(live.hints, (OSError, live.Error))
)
