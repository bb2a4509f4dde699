"""账号 and 设置: who serves the shop and may do what; what the shop says about itself."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
