from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "fahuo.store"
    label = "fahuo"
    default_auto_field = "django.db.models.BigAutoField"
