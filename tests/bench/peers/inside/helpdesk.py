"""django-helpdesk told what to do: its tables, a queue that escalates after a day, old tickets, its command."""

import os
from datetime import timedelta

from tests.bench.peers.inside.turns import serve

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.peers.inside.helpdesk_site"


def setup() -> dict[str, str]:
    """Tables, the queue (its key under "queue"), and a superuser; the headers of his browser."""
    from django.core.management import call_command
    from helpdesk.models import Queue

    from tests.bench.peers.inside.sites import signed_in

    call_command("migrate", verbosity=0)
    queue = Queue.objects.create(
        title="After sales", slug="after-sales", email_address="desk@example.com", escalate_days=1
    )
    return {**signed_in("keeper"), "queue": str(queue.pk)}


def old_tickets(count: int) -> int:
    """Every other ticket gone; so many open ones of the day before yesterday, which the command is to escalate."""
    from django.db import connection
    from django.utils import timezone
    from helpdesk.models import Queue, Ticket

    Ticket.objects.all().delete()
    queue, made = Queue.objects.get(), timezone.now() - timedelta(days=2)
    Ticket.objects.bulk_create(
        Ticket(
            title=f"Order {n} was not shipped", queue=queue, status=Ticket.OPEN_STATUS, priority=3,
            submitter_email=f"buyer{n}@example.com", description="Please ship.",
        )
        for n in range(count)
    )  # fmt: skip
    Ticket.objects.update(created=made)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) helpdesk_ticket, helpdesk_followup")
    return count


def escalate() -> int:
    """Its management command; how many tickets it has escalated."""
    from django.core.management import call_command
    from helpdesk.models import Ticket

    call_command("escalate_tickets")
    return Ticket.objects.filter(last_escalation__isnull=False).count()


def newest(count: int) -> list[int]:
    """The keys of the tickets that were opened last, and how they stand."""
    from helpdesk.models import Ticket

    return list(Ticket.objects.order_by("-pk").values_list("pk", flat=True)[:count])


def replies() -> int:
    from helpdesk.models import FollowUp

    return FollowUp.objects.filter(comment="We ship tomorrow.").count()


if __name__ == "__main__":
    import django

    django.setup()
    serve(setup=setup, old_tickets=old_tickets, escalate=escalate, newest=newest, replies=replies)
