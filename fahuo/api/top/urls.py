"""The addresses of the gateway, as its clients know them."""

from django.urls import URLPattern, path

from fahuo.api.top import oauth, view

urlpatterns: list[URLPattern] = [
    path("router/rest", view.rest, name="top-rest"),
    path("oauth/token", oauth.token, name="top-token"),
]
