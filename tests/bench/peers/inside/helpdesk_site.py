"""Settings, addresses and WSGI application of a django-helpdesk as its installation guide has it, for production."""

from django.core.wsgi import get_wsgi_application
from django.urls import include, path

from tests.bench.peers.inside.sites import database

SECRET_KEY = "only-for-the-bench-0123456789-abcdefghijklmnop"  # pragma: allowlist secret
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
SITE_ID = 1
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.sites",
    "django.contrib.admin", "django.contrib.messages", "django.contrib.staticfiles", "django.contrib.humanize",
    "helpdesk", "rest_framework", "django_cleanup.apps.CleanupConfig",
]  # fmt: skip
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware",
]  # fmt: skip
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]  # fmt: skip
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
STATIC_URL = "/static/"
ROOT_URLCONF = "tests.bench.peers.inside.helpdesk_site"
HELPDESK_TEAMS_MODE_ENABLED = False


def __getattr__(name: str) -> object:
    """The addresses and the application, once somebody asks: both need these settings to be loaded."""
    if name == "urlpatterns":
        return [path("helpdesk/", include("helpdesk.urls"))]
    if name == "application":
        return get_wsgi_application()
    raise AttributeError(name)
