"""What the two Django sites have in common: the database from the environment, as in production, and somebody signed in."""

import os
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, unquote, urlsplit


def database() -> dict[str, object]:
    """Django's description of the database at PEER_URL (a socket's folder as `host`), connections kept open."""
    parts = urlsplit(os.environ["PEER_URL"])
    asked = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": unquote(parts.path[1:]), "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""), "HOST": asked.get("host", [parts.hostname or ""])[0],
        "PORT": asked.get("port", [str(parts.port or "")])[0], "CONN_MAX_AGE": None,
    }  # fmt: skip


def signed_in(name: str) -> dict[str, str]:
    """The headers of a browser in which a new superuser of that name has signed in."""
    from django.conf import settings
    from django.contrib.auth import get_user_model, login
    from django.contrib.sessions.backends.db import SessionStore
    from django.http import HttpRequest
    from django.middleware.csrf import _get_new_csrf_string

    user = get_user_model().objects.create_superuser(name, f"{name}@example.com", "only-for-the-bench")
    request = HttpRequest()
    request.session = SessionStore()
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.save()
    secret = _get_new_csrf_string()
    cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: request.session.session_key or "", "csrftoken": secret})
    return {
        "Cookie": "; ".join(f"{each.key}={each.value}" for each in cookies.values()), "X-CSRFToken": secret,
        "user": str(user.pk),
    }  # fmt: skip
