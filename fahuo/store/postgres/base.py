"""The database backend: before a statement goes out, its connection stands in the right shop, as the right role.

Where a connection stands is kept with it, also while it rests in a pool, and forgotten whenever something was rolled back:
PostgreSQL takes a setting back with the transaction that made it. So most statements cost nothing more, and one that goes
to another place than the last costs one round trip.
"""

from collections.abc import Callable
from typing import Any, Final

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from fahuo.store import wall
from fahuo.store.wall import Stand

GO: Final = f"SELECT set_config('role', %s, false), set_config('{wall.SETTING}', %s, false)"
GO_NUMBERED: Final = f"SELECT set_config('role', $1, false), set_config('{wall.SETTING}', $2, false)"
"""The same for `fahuo.store.sql.together`, in whose round trip it goes along."""

Execute = Callable[[Any, Any, bool, dict[str, Any]], Any]


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that stands somewhere."""

    looks = 0
    """How often walls were put up in this process: what a connection knew of them before is not so sure any more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(self._standing)

    def _standing(self, execute: Execute, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        there = wall.stand_for(sql, () if many else params)
        if there is not None:
            self.stand(there)
        return execute(sql, params, many, context)

    def stand(self, there: Stand) -> None:
        """Go there, unless it is where this connection stands, or there are no walls."""
        if self.must_go(there):
            with self.wrap_database_errors:
                self.connection.execute(GO, there)
            self.stands(there)

    def must_go(self, there: Stand) -> bool:
        """Whether something has to be sent before a statement that belongs there; what is broken stays where it is."""
        if self.connection.info.transaction_status == TransactionStatus.INERROR:
            return False
        here: Stand | None = getattr(self.connection, "stand", None)
        stays = here is not None and here.role == there.role if there is wall.ANYWHERE else here == there
        return not stays and self._walled()

    def stands(self, there: Stand | None) -> None:
        """Note where the connection stands; None: nobody knows."""
        if self.connection is not None:
            self.connection.stand = there

    def _walled(self) -> bool:
        looks, walled = getattr(self.connection, "walls", (-1, False))
        if looks != DatabaseWrapper.looks:
            with self.wrap_database_errors:
                row = self.connection.execute(wall.STANDING).fetchone()
            walled = bool(row and row[0])
            self.connection.walls = (DatabaseWrapper.looks, walled)
        return walled

    def look_again(self) -> None:
        """Walls were put up: every connection of this process looks for them before its next statement."""
        DatabaseWrapper.looks += 1

    def _rollback(self) -> Any:
        self.stands(None)
        return super()._rollback()  # type: ignore[misc]  # Django's, without types

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # as above
        self.stands(None)

    def _close(self) -> Any:
        self.stands(None)
        return super()._close()  # type: ignore[misc]  # as above
