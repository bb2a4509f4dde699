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
    "view_contracts": frozenset({"ship", "print", "finance", "people"}),
    "manage_contracts": frozenset({"people", "finance"}),
    "buy_waybills": frozenset({"finance", "ship"}),
    "assign_carriers": frozenset({"ship"}),
    "view_labels": frozenset({"print", "ship"}),
    "make_labels": frozenset({"print"}),
    "manage_printers": frozenset({"print", "people"}),
    "pack": frozenset({"ship"}),
    "hand_over": frozenset({"ship"}),
    "hand_to_couriers": frozenset({"ship"}),
    "manage_couriers": frozenset({"people"}),
    "manage_people": frozenset({"people"}),
    "configure_shop": frozenset({"people"}),
    "manage_machines": frozenset({"people"}),
    "manage_privacy": frozenset({"people"}),
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
class CourierActor:
    """A courier at one contract of one shop. `courier_id` is of the same sequence as members' ids."""

    shop_id: int
    courier_id: int
    contract_id: int
    name: str

    def acting(self) -> Actor:
        """The courier as the actor of an act that was found to be about his own orders: prints, ships, hands over."""
        return Actor(self.shop_id, self.courier_id, self.name, permissions=frozenset({"print", "ship"}))


@dataclass(frozen=True, slots=True)
class PlatformActor:
    """Whoever decides for the platform, over all shops."""

    name: str = "platform"
