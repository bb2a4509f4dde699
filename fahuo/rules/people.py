"""Who may do what. The main account may do everything; a sub-account holds what it was given."""

from collections.abc import Mapping
from dataclasses import dataclass

from fahuo.rules.problems import Refusal

PERMISSIONS: Mapping[str, str] = {
    "tasks": "平台任务",
    "ship": "发货",
    "print": "打印",
    "export": "导出",
    "messages": "客服",
    "people": "账号",
    "finance": "财务",
}
"""Permission -> its name in the seller's backend."""

ACTS: Mapping[str, frozenset[str]] = {
    "view_orders": frozenset(PERMISSIONS),
    "import_orders": frozenset({"ship"}),
    "ship": frozenset({"ship"}),
    "ship_despite_refund": frozenset({"finance"}),
    "set_deadline": frozenset({"ship", "messages"}),
    "edit_memo": frozenset({"ship", "messages"}),
    "reveal_receiver": frozenset({"export"}),
    "export_orders": frozenset({"export"}),
    "print_papers": frozenset({"print", "ship"}),
    "view_tasks": frozenset({"tasks"}),
    "answer_tasks": frozenset({"tasks"}),
    "view_ledger": frozenset({"tasks", "finance"}),
    "enter_urges": frozenset({"messages", "tasks"}),
    "send_messages": frozenset({"messages", "tasks"}),
    "refund": frozenset({"finance"}),
    "settle_complaints": frozenset({"finance"}),
    "give_evidence": frozenset({"tasks", "messages", "finance"}),
    "report_delays": frozenset({"ship", "tasks"}),
    "manage_people": frozenset({"people"}),
    "configure_shop": frozenset({"people"}),
}
"""Act -> the permissions of which any one suffices."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for one shop. `member_id` is None for the clock and for the command line."""

    shop_id: int
    member_id: int | None
    name: str
    is_owner: bool = False
    permissions: frozenset[str] = frozenset()

    def may(self, act: str) -> bool:
        return self.is_owner or bool(self.permissions & ACTS[act])

    def require(self, act: str) -> None:
        """Raise Refusal `not_permitted` unless the actor may do `act`."""
        if not self.may(act):
            raise Refusal.of("not_permitted", act=act, actor=self.name)


@dataclass(frozen=True, slots=True)
class BuyerActor:
    """A buyer at one shop, by the name of the marketplace account; may act on orders of that name only."""

    shop_id: int
    name: str


@dataclass(frozen=True, slots=True)
class PlatformActor:
    """Whoever decides for the platform, over all shops."""

    name: str = "platform"
