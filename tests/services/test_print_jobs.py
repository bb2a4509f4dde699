"""Print jobs: each document acknowledged by itself, trouble that holds and passes, doubt that is asked about."""

from datetime import timedelta

import pytest

from fahuo.rules.people import Actor
from fahuo.rules.problems import Problem, Refusal
from fahuo.services import labels, print_jobs, print_work
from fahuo.services.print_jobs import Queued
from fahuo.store.models import JournalEntry, Label, Order, PrintDocument, Printer, PrintJob
from tests.conftest import NOW
from tests.services.labelling import consistent, labelled, state, stocked
from tests.services.presses import Clock, Death, Machine, make_printer, work
from tests.services.stocks import states

pytestmark = pytest.mark.django_db


def line(owner: Actor, count: int = 3, **fields: object) -> tuple[int, list[int], Printer]:
    """A job with so many labels of a printer: its id, the labels, the printer."""
    stocked(owner, count + 3)
    made = [labelled(owner, n)[1] for n in range(1, count + 1)]
    printer = make_printer(owner.shop_id, **fields)
    return queue(owner, made, printer), made, printer


def queue(owner: Actor, label_ids: list[int], printer: Printer, **options: object) -> int:
    queued = print_jobs.make(owner, label_ids, printer_id=printer.id, now=NOW, **options)  # type: ignore[arg-type]
    assert queued.job_id is not None
    return queued.job_id


def job(owner: Actor, job_id: int) -> PrintJob:
    return PrintJob.objects.get(shop_id=owner.shop_id, id=job_id)


def why(owner: Actor, job_id: int) -> str:
    found = job(owner, job_id)
    return (found.problem or {}).get("code", "")


def documents(owner: Actor, job_id: int) -> list[str]:
    rows = PrintDocument.objects.filter(shop_id=owner.shop_id, job_id=job_id).order_by("place")
    return list(rows.values_list("state", flat=True))


def codes(queued: Queued) -> list[str]:
    for problem in queued.outcomes:
        if isinstance(problem, Problem):
            assert problem.sentence("zh")
            assert problem.sentence("en")
    return [each.code if isinstance(each, Problem) else "" for each in queued.outcomes]


def names(job_id: int, *places: int) -> list[str]:
    return [f"{job_id}-{place}" for place in places]


def test_labels_come_out_in_the_order_of_the_list(owner: Actor) -> None:
    stocked(owner)
    made = [labelled(owner, n)[1] for n in (1, 2, 3)]
    printer = make_printer(owner.shop_id)
    asked = [made[2], made[0], made[1]]
    queued = print_jobs.make(owner, [*asked, made[2]], printer_id=printer.id, now=NOW)
    assert (queued.outcomes, queued.job_id) == ([1, 2, 3], queued.job_id)
    machine, clock = Machine(), Clock()
    assert queued.job_id is not None
    assert work(owner.shop_id, machine, clock) == 1
    assert machine.paper == names(queued.job_id, 1, 2, 3)
    waybills = [Label.objects.get(shop_id=owner.shop_id, id=each).waybill for each in asked]
    for (_, body), number in zip(machine.sent, waybills, strict=True):
        assert body.startswith(b"^XA")
        assert number.encode() in body
    found = job(owner, queued.job_id)
    assert (found.status, found.printed_count, found.held_by, found.lease_until) == ("done", 3, "", None)
    assert states(owner.shop_id) == {"free": 7, "printed": 3}
    label = Label.objects.get(shop_id=owner.shop_id, id=made[0])
    assert (label.state, label.print_count, label.printed_at is not None) == ("printed", 1, True)
    entry = JournalEntry.objects.filter(shop_id=owner.shop_id, act="label.printed").order_by("id").first()
    assert entry is not None
    assert entry.after == {"label": asked[0], "job": queued.job_id, "printer": "一号机", "times": 1}
    assert Order.objects.filter(shop_id=owner.shop_id, printed_at__isnull=False).count() == 3
    assert Printer.objects.get(shop_id=owner.shop_id).seen_at is not None
    assert work(owner.shop_id, machine, clock) == 0
    consistent(owner.shop_id)


def test_blocked_labels_are_skipped_and_say_so(owner: Actor) -> None:
    stocked(owner)
    pairs = [labelled(owner, n) for n in (1, 2, 3, 4)]
    printer = make_printer(owner.shop_id)
    change = Order.objects.filter(shop_id=owner.shop_id)
    change.filter(id=pairs[0][0]).update(refund_status="requested")
    queued = print_jobs.make(owner, [label for _, label in pairs], printer_id=printer.id, now=NOW)
    assert codes(queued) == ["refund_in_progress", "", "", ""]
    change.filter(id=pairs[2][0]).update(receiver_key="moved")
    labels.void(owner, [pairs[3][1]], reason="不要了", now=NOW)
    machine = Machine()
    work(owner.shop_id, machine, Clock())
    assert queued.job_id is not None
    assert documents(owner, queued.job_id) == ["blocked", "printed", "blocked", "blocked"]
    problems = PrintDocument.objects.filter(shop_id=owner.shop_id, state="blocked").order_by("place")
    assert [row.problem["code"] for row in problems if row.problem] == [
        "refund_in_progress", "receiver_changed", "label_voided",
    ]  # fmt: skip
    assert machine.paper == names(queued.job_id, 2)
    assert job(owner, queued.job_id).status == "done"
    assert states(owner.shop_id)["free"] == 7
    consistent(owner.shop_id)


def test_what_cannot_be_queued(owner: Actor, stranger: Actor, teammate: Actor) -> None:
    job_id, made, printer = line(owner)
    assert codes(print_jobs.make(owner, [*made, 1], printer_id=printer.id, now=NOW)) == [
        "label_under_way", "label_under_way", "label_under_way", "label_unknown",
    ]  # fmt: skip
    work(owner.shop_id, Machine(), Clock())
    again = print_jobs.make(owner, made, printer_id=printer.id, now=NOW)
    assert (again.job_id, codes(again)) == (None, ["label_printed"] * 3)
    foreign = make_printer(stranger.shop_id)
    closed = make_printer(owner.shop_id, "旧", active=False)
    for who, printer_id, asked, code in (
        (owner, foreign.id, made, "printer_unknown"), (owner, closed.id, made, "printer_closed"),
        (owner, printer.id, [], "no_labels_chosen"), (owner, printer.id, list(range(20_001)), "labels_too_many"),
        (teammate, printer.id, made, "not_permitted"),
    ):  # fmt: skip
        with pytest.raises(Refusal, match=code):
            print_jobs.make(who, asked, printer_id=printer_id, now=NOW)
    with pytest.raises(Refusal, match="template_unknown"):
        print_jobs.make(owner, made, printer_id=printer.id, template_id=1, now=NOW)
    for act in (print_jobs.hold, print_jobs.resume, print_jobs.cancel):
        with pytest.raises(Refusal, match="job_unknown"):
            act(stranger, job_id, now=NOW)


@pytest.mark.parametrize("came_out", [True, False])
def test_paper_runs_out_under_a_label(owner: Actor, came_out: bool) -> None:
    job_id, _, printer = line(owner, 4)
    machine, clock = Machine(), Clock()

    def tear(name: str) -> None:
        if name.endswith("-2") and len(machine.sent) == 1:
            machine.trouble = "printer_paper_out"

    machine.before = tear
    work(owner.shop_id, machine, clock)
    assert (job(owner, job_id).status, why(owner, job_id)) == ("held", "printer_paper_out")
    assert documents(owner, job_id) == ["printed", "sent", "waiting", "waiting"]
    assert Printer.objects.get(shop_id=owner.shop_id).problem["code"] == "printer_paper_out"  # type: ignore[index]
    for _ in range(3):
        clock.forward(20)
        assert work(owner.shop_id, machine, clock) == 1
        assert why(owner, job_id) == "printer_paper_out"
    assert job(owner, job_id).problem["tries"] == 3  # type: ignore[index]
    with pytest.raises(Refusal, match="document_doubtful"):
        print_jobs.resume(owner, job_id, now=clock())
    machine.trouble = ""
    if came_out:
        machine.paper.append(f"{job_id}-2")
    clock.forward(20)
    work(owner.shop_id, machine, clock)
    assert (job(owner, job_id).status, why(owner, job_id)) == ("held", "document_doubtful")
    assert job(owner, job_id).due_at is None
    assert len(machine.sent) == 2
    assert print_jobs.answer(owner, job_id, came_out=came_out, now=clock()) == 1
    assert print_jobs.answer(owner, job_id, came_out=not came_out, now=clock()) == 0
    work(owner.shop_id, machine, clock)
    assert machine.paper == names(job_id, 1, 2, 3, 4)
    assert (job(owner, job_id).status, job(owner, job_id).printed_count) == ("done", 4)
    assert Printer.objects.get(shop_id=owner.shop_id).problem is None
    attempts = PrintDocument.objects.get(shop_id=owner.shop_id, job_id=job_id, place=2).attempts
    assert attempts == (1 if came_out else 2)
    consistent(owner.shop_id)


def test_a_printer_out_of_reach_is_no_doubt(owner: Actor) -> None:
    job_id, made, _ = line(owner)
    machine, clock = Machine(), Clock()
    machine.reachable = False
    work(owner.shop_id, machine, clock)
    assert (job(owner, job_id).status, why(owner, job_id)) == ("held", "printer_unreachable")
    assert work(owner.shop_id, machine, clock) == 0, "it rests before it looks again"
    machine.reachable = True
    clock.forward(1)
    machine.after = lambda name: setattr(machine, "reachable", not name.endswith("-1"))
    work(owner.shop_id, machine, clock)
    assert documents(owner, job_id) == ["sent", "waiting", "waiting"], "gone before it said that the label is out"
    machine.reachable, machine.after = True, lambda name: None
    clock.forward(60)
    work(owner.shop_id, machine, clock)
    print_jobs.answer(owner, job_id, came_out=True, now=clock())
    work(owner.shop_id, machine, clock)
    assert machine.paper == names(job_id, 1, 2, 3)
    assert state(owner.shop_id, made[0]) == "printed"


def test_a_line_that_breaks_before_the_first_byte(owner: Actor) -> None:
    job_id, made, _ = line(owner, acknowledge="sent")
    machine, clock = Machine(), Clock()
    machine.after = lambda name: setattr(machine, "reachable", False)
    work(owner.shop_id, machine, clock)
    assert documents(owner, job_id) == ["printed", "waiting", "waiting"]
    assert PrintDocument.objects.get(shop_id=owner.shop_id, job_id=job_id, place=2).attempts == 0
    labels.void(owner, [made[1]], reason="没打过", now=NOW)
    assert states(owner.shop_id)["free"] == 4
    machine.reachable, machine.after = True, lambda name: None
    clock.forward(90)
    work(owner.shop_id, machine, clock)
    assert machine.paper == names(job_id, 1, 3)


def test_a_printer_that_never_gets_done(owner: Actor) -> None:
    job_id, _, _ = line(owner)
    machine, clock = Machine(), Clock()
    machine.before = lambda name: setattr(machine, "trouble", "printer_busy")
    work(owner.shop_id, machine, clock)
    assert (why(owner, job_id), documents(owner, job_id)[0]) == ("printer_busy", "sent")


@pytest.mark.parametrize("instant", ["before", "after"])
def test_a_worker_is_killed_with_a_label_in_hand(owner: Actor, instant: str) -> None:
    job_id, _, _ = line(owner)
    machine, clock = Machine(), Clock()

    def die(name: str) -> None:
        if name.endswith("-2") and not dead:
            dead.append(name)
            raise Death

    dead: list[str] = []
    setattr(machine, instant, die)
    with pytest.raises(Death):
        work_killed(owner, machine, clock)
    assert work(owner.shop_id, machine, clock) == 0, "the dead one's lease has not run out"
    clock.forward(91)
    work(owner.shop_id, machine, clock)
    assert why(owner, job_id) == "document_doubtful"
    assert print_jobs.answer(owner, job_id, came_out=f"{job_id}-2" in machine.paper, now=clock()) == 1
    work(owner.shop_id, machine, clock)
    assert machine.paper == names(job_id, 1, 2, 3)
    assert job(owner, job_id).status == "done"


def work_killed(owner: Actor, machine: Machine, clock: Clock) -> None:
    """As `work`, but nothing is tidied up when the worker is killed."""
    found = print_work.claim(owner.shop_id, "doomed", now=clock())
    assert found is not None
    print_work.Press(*found, moment=clock, connect=machine).print_all()


def test_held_and_resumed_by_a_person(owner: Actor) -> None:
    job_id, made, printer = line(owner)
    machine, clock = Machine(), Clock()
    machine.after = lambda name: print_jobs.hold(owner, job_id, now=clock()) if name.endswith("-1") else None
    work(owner.shop_id, machine, clock)
    assert (job(owner, job_id).status, why(owner, job_id)) == ("held", "job_held")
    assert documents(owner, job_id) == ["printed", "waiting", "waiting"]
    clock.forward(3600)
    assert work(owner.shop_id, machine, clock) == 0
    print_jobs.hold(owner, job_id, now=clock())
    other = queue(owner, [labelled(owner, 9)[1]], printer)
    work(owner.shop_id, machine, clock)
    assert job(owner, other).status == "done", "a held job keeps no other waiting"
    print_jobs.resume(owner, job_id, now=clock())
    print_jobs.resume(owner, job_id, now=clock())
    work(owner.shop_id, machine, clock)
    assert machine.paper == [*names(job_id, 1), *names(other, 1), *names(job_id, 2, 3)]
    for act in (print_jobs.hold, print_jobs.resume, print_jobs.cancel):
        with pytest.raises(Refusal, match="job_over"):
            act(owner, job_id, now=clock())
    assert made


def test_cancelled_under_way(owner: Actor) -> None:
    job_id, made, printer = line(owner)
    machine, clock = Machine(), Clock()
    machine.after = lambda name: print_jobs.cancel(owner, job_id, now=clock())
    work(owner.shop_id, machine, clock)
    assert (job(owner, job_id).status, documents(owner, job_id)) == ("cancelled", ["printed", "cancelled", "cancelled"])
    print_jobs.cancel(owner, job_id, now=clock())
    machine.after = lambda name: None
    again = queue(owner, made[1:], printer)
    work(owner.shop_id, machine, clock)
    assert machine.paper == [*names(job_id, 1), *names(again, 1, 2)]


def test_a_doubtful_label_of_a_cancelled_job_is_still_asked_about(owner: Actor) -> None:
    job_id, made, printer = line(owner)
    machine, clock = Machine(), Clock()
    machine.before = lambda name: setattr(machine, "trouble", "printer_cover_open")
    work(owner.shop_id, machine, clock)
    print_jobs.cancel(owner, job_id, now=clock())
    assert documents(owner, job_id) == ["sent", "cancelled", "cancelled"]
    assert codes(print_jobs.make(owner, made, printer_id=printer.id, now=NOW))[0] == "label_under_way"
    print_jobs.answer(owner, job_id, came_out=False, now=clock())
    assert documents(owner, job_id) == ["cancelled"] * 3
    assert job(owner, job_id).status == "cancelled"


def test_one_worker_a_printer(owner: Actor) -> None:
    _, made, printer = line(owner, 1)
    queue(owner, [labelled(owner, 8)[1]], printer)
    other = queue(owner, [labelled(owner, 9)[1]], make_printer(owner.shop_id, "二号机"))
    first = print_work.claim(owner.shop_id, "a", now=NOW)
    second = print_work.claim(owner.shop_id, "b", now=NOW)
    assert first is not None
    assert second is not None
    assert second[1] == other
    assert print_work.claim(owner.shop_id, "c", now=NOW) is None
    assert print_work.claim(None, "c", now=NOW + timedelta(seconds=89)) is None
    late = print_work.claim(None, "c", now=NOW + timedelta(seconds=91))
    assert late is not None
    assert late[1] == first[1]
    assert made


def test_a_worker_whose_clock_ran_ahead_keeps_no_printer_from_printing(owner: Actor) -> None:
    job_id, _, printer = line(owner, 1)
    other = queue(owner, [labelled(owner, 8)[1]], printer)
    ahead = print_work.claim(None, "ahead", now=NOW + timedelta(hours=2))
    assert ahead == (owner.shop_id, job_id, ahead[2] if ahead else "")
    found = print_work.claim(None, "right", now=NOW)
    assert found is not None
    assert found[1] == job_id
    assert other > job_id
    slightly = print_work.claim(
        None, "late", now=NOW - timedelta(seconds=60)
    )  # its own clock lags: it believes the other
    assert slightly is None


@pytest.mark.parametrize("answers", ["all", "some", "none"])
def test_labels_that_a_person_acknowledges(owner: Actor, answers: str) -> None:
    job_id, made, _ = line(owner, acknowledge="person")
    machine, clock = Machine(), Clock()
    work(owner.shop_id, machine, clock)
    assert machine.paper == names(job_id, 1, 2, 3)
    assert (job(owner, job_id).status, why(owner, job_id)) == ("held", "documents_to_confirm")
    assert job(owner, job_id).problem["data"] == {"count": 3}  # type: ignore[index]
    assert state(owner.shop_id, made[0]) == "made"
    if answers == "all":
        assert print_jobs.answer(owner, job_id, came_out=True, now=clock()) == 3
    elif answers == "some":
        assert print_jobs.answer(owner, job_id, came_out=True, places=[1, 2], now=clock()) == 2
        assert job(owner, job_id).status == "held"
        assert print_jobs.answer(owner, job_id, came_out=False, places=[3], now=clock()) == 1
    else:
        assert print_jobs.answer(owner, job_id, came_out=False, now=clock()) == 3
    work(owner.shop_id, machine, clock)
    resent = {"all": [], "some": [3], "none": [1, 2, 3]}[answers]
    assert machine.paper == names(job_id, 1, 2, 3, *resent)
    if resent:
        print_jobs.answer(owner, job_id, came_out=True, now=clock())
        work(owner.shop_id, machine, clock)
    assert (job(owner, job_id).status, state(owner.shop_id, made[2])) == ("done", "printed")
    consistent(owner.shop_id)


def test_a_reprint_says_why(owner: Actor) -> None:
    job_id, made, printer = line(owner, 2)
    machine, clock = Machine(), Clock()
    work(owner.shop_id, machine, clock)
    with pytest.raises(Refusal, match="reason_missing"):
        print_jobs.reprint(owner, made, printer_id=printer.id, reason=" ", now=clock())
    again = print_jobs.reprint(owner, made[:1], printer_id=printer.id, reason="打印不清", now=clock())
    work(owner.shop_id, machine, clock)
    label = Label.objects.get(shop_id=owner.shop_id, id=made[0])
    assert (again.outcomes, label.print_count, label.state) == ([1], 2, "printed")
    entry = JournalEntry.objects.get(shop_id=owner.shop_id, act="label.reprinted")
    assert entry.after is not None
    assert (entry.after["reason"], entry.after["times"]) == ("打印不清", 2)
    fresh = print_jobs.reprint(
        owner, [made[1], made[1]], printer_id=printer.id, reason="破损", new_number=True, now=clock()
    )
    work(owner.shop_id, machine, clock)
    assert fresh.outcomes == [1]
    assert (state(owner.shop_id, made[1]), states(owner.shop_id)["voided"]) == ("voided", 1)
    assert Label.objects.get(shop_id=owner.shop_id, replaces_id=made[1]).state == "printed"
    assert b"75330000000503" in machine.sent[-1][1]
    none = print_jobs.reprint(owner, [made[1]], printer_id=printer.id, reason="x", new_number=True, now=clock())
    assert (none.job_id, codes(none)) == (None, ["label_voided"])
    consistent(owner.shop_id)
    assert job_id


def test_a_shipped_label_is_printed_again_under_its_number(owner: Actor) -> None:
    _, made, printer = line(owner, 1)
    machine, clock = Machine(), Clock()
    work(owner.shop_id, machine, clock)
    labels.ship(owner, made, now=NOW)
    queue(owner, made, printer, reason="标签掉了")
    work(owner.shop_id, machine, clock)
    assert (state(owner.shop_id, made[0]), len(machine.paper)) == ("shipped", 2)
    consistent(owner.shop_id)


def test_what_fails_unforeseen_is_held_for_a_person(owner: Actor) -> None:
    job_id, _, _ = line(owner)
    machine, clock = Machine(), Clock()

    def fail(name: str) -> None:
        raise RuntimeError(name)

    machine.before = fail
    work(owner.shop_id, machine, clock)
    assert (job(owner, job_id).status, why(owner, job_id), job(owner, job_id).due_at) == ("held", "job_failed", None)
    assert documents(owner, job_id)[0] == "sent"


def test_pages_print_what_no_worker_may(owner: Actor) -> None:
    job_id, _, _ = line(owner, kind="browser")
    assert work(owner.shop_id, Machine(), Clock()) == 0
    assert job(owner, job_id).due_at is None
