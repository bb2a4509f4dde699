from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def put_up_walls(**_: Any) -> None:
    from fahuo.store import wall_tables

    wall_tables.build()


class StoreConfig(AppConfig):
    name = "fahuo.store"
    label = "fahuo"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(put_up_walls, sender=self)
