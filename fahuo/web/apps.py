"""The pages: an app without tables, for its templates, static files, tags and messages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "fahuo.web"
    label = "web"
