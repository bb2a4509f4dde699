"""Hypothesis kills print workers, jams printers, holds jobs; as long as people answer truthfully, each label comes out once."""

import itertools
import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.services import labels, print_jobs, print_work
from fahuo.services.labels import Made
from fahuo.store.models import Label, PrintDocument, PrintJob, Shop
from tests.conftest import NOW
from tests.services.labelling import consistent
from tests.services.presses import Clock, Death, Machine, make_printer
from tests.services.shipping import make_order
from tests.services.stocks import buy, make_contract

LABELS = 8
EXAMPLES = int(os.environ.get("FAHUO_MODEL_EXAMPLES", "15"))
fresh = itertools.count(1)
seen = {"deaths": 0, "doubts": 0, "troubles": 0}

mishaps = st.sampled_from(
    ["", "", "", "dies_before", "dies_after", "jams", "jams_and_prints_later", "lost", "lost_before"]
)


class Printing(RuleBasedStateMachine):
    """One printer, one job of LABELS labels; each example in a transaction that is rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self.unit = transaction.atomic()
        self.unit.__enter__()

    def teardown(self) -> None:
        if hasattr(self, "job"):
            self.to_the_end()
        transaction.set_rollback(True)
        self.unit.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        self.shop = Shop.objects.create(code=f"p{next(fresh)}", name="p", platform="taobao", created_at=NOW)
        self.owner = Actor(self.shop.id, None, "owner", is_owner=True)
        buy(self.owner, make_contract(self.shop.id), LABELS)
        made = labels.make(self.owner, [make_order(self.shop.id, n, now=NOW) for n in range(LABELS)], now=NOW)
        printer = make_printer(self.shop.id)
        ids = [each.label_id for each in made if isinstance(each, Made)]
        self.job = print_jobs.make(self.owner, ids, printer_id=printer.id, now=NOW).job_id or 0
        self.machine, self.clock, self.plan = Machine(), Clock(), list[str]()
        self.memory: list[str] = []
        self.machine.before, self.machine.after = self.before, self.after

    def names(self) -> list[str]:
        return [f"{self.job}-{place}" for place in range(1, LABELS + 1)]

    def die(self) -> None:
        """The worker is killed: he does not even let go of the job."""
        self.press.worker = "ghost"
        raise Death

    def before(self, name: str) -> None:
        """The first byte is about to leave."""
        self.mishap = self.plan.pop(0) if self.plan else ""
        if self.mishap == "dies_before":
            self.die()
        if self.mishap in ("jams", "jams_and_prints_later"):
            seen["troubles"] += 1
            self.machine.trouble = "printer_jam"
            self.memory = [name] if self.mishap == "jams_and_prints_later" else []
        if self.mishap == "lost_before":
            self.machine.reachable = False

    def after(self, name: str) -> None:
        """The label is out."""
        if self.mishap == "dies_after":
            self.die()
        if self.mishap == "lost":
            self.machine.reachable = False

    @rule(plan=st.lists(mishaps, min_size=1, max_size=3), wait=st.sampled_from([0, 1, 20, 91, 91]))
    def work(self, plan: list[str], wait: int) -> None:
        """A worker sends so many labels, then his clock is stopped; with an empty plan he prints on."""
        self.clock.forward(wait)
        self.plan = list(plan)
        found = print_work.claim(self.shop.id, "w", now=self.clock())
        if found is None:
            return
        stop = (lambda: not self.plan) if plan else bool
        self.press = print_work.Press(*found, moment=self.clock, connect=self.machine, stop=stop)
        try:
            self.press.run()
        except Death:
            seen["deaths"] += 1

    @rule(plan=st.lists(mishaps, min_size=1, max_size=3), more=st.lists(mishaps, min_size=1, max_size=3))
    def mend_answer_and_go_on(self, plan: list[str], more: list[str]) -> None:
        self.mend()
        self.work(plan, 91)
        self.answer()
        self.work(more, 20)

    @rule()
    def mend(self) -> None:
        self.machine.trouble, self.machine.reachable = "", True
        self.machine.paper += self.memory
        self.memory = []

    @rule()
    def answer(self) -> None:
        """A person looks at the paper; but only at a printer that is well: else the label may still come out."""
        if self.machine.trouble:
            return
        for document in PrintDocument.objects.filter(shop_id=self.shop.id, job_id=self.job, state="sent"):
            seen["doubts"] += 1
            out = f"{self.job}-{document.place}" in self.machine.paper
            print_jobs.answer(self.owner, self.job, came_out=out, places=[document.place], now=self.clock())

    @rule(go=st.integers(0, 3))
    def hold_or_resume(self, go: int) -> None:
        try:
            with transaction.atomic():
                (print_jobs.resume if go else print_jobs.hold)(self.owner, self.job, now=self.clock())
        except Refusal as refusal:
            if refusal.problems[0].code not in ("job_over", "document_doubtful"):
                raise

    @invariant()
    def nothing_twice_and_nothing_passed_over(self) -> None:
        if hasattr(self, "job"):
            assert self.machine.paper == self.names()[: len(self.machine.paper)]
            printed = PrintDocument.objects.filter(shop_id=self.shop.id, job_id=self.job, state="printed").count()
            assert printed <= len(self.machine.paper)

    def to_the_end(self) -> None:
        for _ in range(40):
            if PrintJob.objects.get(shop_id=self.shop.id).status == "done":
                break
            self.mend()
            self.work([], 91)
            self.answer()
            self.hold_or_resume(3)
        assert self.machine.paper == self.names()
        assert set(Label.objects.filter(shop_id=self.shop.id).values_list("state", "print_count")) == {("printed", 1)}
        consistent(self.shop.id)


@pytest.mark.django_db(transaction=True)
def test_every_label_comes_out_once() -> None:
    run_state_machine_as_test(
        Printing,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=25, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        ),
    )  # fmt: skip
    assert seen["deaths"] >= EXAMPLES // 3
    assert seen["doubts"] >= EXAMPLES // 2
    assert seen["troubles"] >= EXAMPLES // 3
