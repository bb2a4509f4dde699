"""procrastinate: a task that moves one row in PostgreSQL; and, as a process that is told what to do, who defers them."""

import asyncio
import os
from datetime import datetime

import procrastinate
from psycopg_pool import AsyncConnectionPool

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=os.environ["PEER_URL"]))
held: dict[str, AsyncConnectionPool] = {}
opening = asyncio.Lock()


@app.task(name="fire")
async def fire(timer: int) -> None:
    async with opening:
        if not held:
            held["pool"] = AsyncConnectionPool(os.environ["PEER_URL"], min_size=10, max_size=10, open=False)
            await held["pool"].open(wait=True)
    async with held["pool"].connection() as connection:
        await connection.execute(
            "UPDATE timers SET fired = fired + 1, fired_at = clock_timestamp() WHERE id = %s", [timer]
        )
        await connection.execute("INSERT INTO events (timer_id, at) VALUES (%s, clock_timestamp())", [timer])


def setup() -> int:
    with app.open():
        app.schema_manager.apply_schema()
    return 0


def send(first: int, count: int, due: str) -> int:
    """Timers due at that instant, all in one call."""
    with app.open():
        jobs = fire.configure(schedule_at=datetime.fromisoformat(due))
        jobs.batch_defer(*({"timer": timer} for timer in range(first, first + count)))
    return count


def retry_stalled(silent: float) -> int:
    """What the manual has an operator run from time to time: jobs of workers that are silent go back into the queue."""

    async def retried() -> int:
        async with app.open_async():
            jobs = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent))
            for job in jobs:
                await app.job_manager.retry_job(job)
            return len(jobs)

    return asyncio.run(retried())


if __name__ == "__main__":
    from tests.bench.peers.inside import procrastinate_tasks as named
    from tests.bench.peers.inside.turns import serve

    # By the module's own name: there is one app, the one that the worker has.
    serve(setup=named.setup, send=named.send, retry_stalled=named.retry_stalled)
