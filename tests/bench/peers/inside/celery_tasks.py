"""Celery over Redis: a task that moves one row in PostgreSQL; and, as a process that is told what to do, who sends them.

Settings: nothing is lost with a worker as far as Celery can help it (late acknowledgement), and Redis must not hand a timer
out again while a worker waits for it, so that its visibility timeout is longer than the longest timer (TRANSPORT, as JSON).
"""

import json
import os
from datetime import datetime

import psycopg
from celery import Celery
from celery.signals import worker_process_init

app = Celery("tests.bench.peers.inside.celery_tasks", broker=os.environ["BROKER"])
app.conf.update(
    task_ignore_result=True, task_acks_late=True, task_reject_on_worker_lost=True, broker_connection_retry_on_startup=True,
    broker_transport_options=json.loads(os.environ["TRANSPORT"]), worker_hijack_root_logger=False,
)  # fmt: skip
held: dict[str, psycopg.Connection] = {}


@worker_process_init.connect
def connect(**_: object) -> None:
    held["connection"] = psycopg.connect(os.environ["PEER_URL"])


@app.task
def fire(timer: int) -> None:
    with held["connection"].transaction():
        held["connection"].execute(
            "UPDATE timers SET fired = fired + 1, fired_at = clock_timestamp() WHERE id = %s", [timer]
        )
        held["connection"].execute("INSERT INTO events (timer_id, at) VALUES (%s, clock_timestamp())", [timer])


def send(first: int, count: int, due: str) -> int:
    """Timers due at that instant."""
    eta = datetime.fromisoformat(due)
    with app.producer_pool.acquire(block=True) as producer:
        for timer in range(first, first + count):
            fire.apply_async((timer,), eta=eta, producer=producer)
    return count


def unacknowledged() -> int:
    """How many timers a worker took that it has not finished; while one lives it holds them in its memory."""
    with app.connection_for_read() as connection:
        return int(connection.default_channel.client.hlen("unacked"))


def purge() -> int:
    with app.connection_for_write() as connection:
        connection.default_channel.client.flushdb()
    return 0


if __name__ == "__main__":
    from tests.bench.peers.inside.celery_tasks import purge as purge_app
    from tests.bench.peers.inside.celery_tasks import send as send_app
    from tests.bench.peers.inside.celery_tasks import unacknowledged as unacknowledged_app
    from tests.bench.peers.inside.turns import serve

    # By the module's own name, so that a task has the name that the worker knows.
    serve(send=send_app, unacknowledged=unacknowledged_app, purge=purge_app)
