"""The first pages: which shop, what to do now in it, and the pages for addresses that lead nowhere."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext

from fahuo.services import couriers, people, rounds, stakes
from fahuo.store import boards
from fahuo.store.boards import print_jobs, stock
from fahuo.store.boards.alerts import alert_counts
from fahuo.web.access import ShopRequest, person_id, shop_page, signed_in
from fahuo.web.contract_words import lasts
from fahuo.web.contracts import day_start
from fahuo.web.label_words import next_step, problem_of
from fahuo.web.tasks import tonight


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """To the person's shop or, for a courier, to what was handed to him; to choose where there are several; else to the
    platform's desk or to what was bought."""
    person = person_id(request)
    shops, served = people.shops_of(person), couriers.serves(person)
    if len(shops) == 1 and not served:
        return redirect("start", shop=shops[0].code)
    if len(served) == 1 and not shops:
        return redirect("courier", shop=served[0].code)
    if not shops and not served and people.platform_for(person):
        return redirect("/platform/")
    if not shops and not served and people.buyers_of(person):
        return redirect("/my/")
    closed = not shops and couriers.closed_for(person)
    return render(request, "start/shops.html", {"choices": shops, "served": served, "closed": closed})


ROUNDS = 4
"""Pickups that the page shows: of each contract the next one."""
STUCK = 3
"""Stopped print jobs that the page names."""


@dataclass(frozen=True, slots=True)
class Due:
    """One step of the strip: orders due within `name`."""

    name: str
    hint: str
    count: int
    url: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class ToDo:
    """One line under the strip."""

    name: str
    hint: str
    count: int | boards.Count
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The one sentence: what must be done now, and the button for it. Tones: bad, warn, calm."""

    tone: str
    count: int
    stake: Decimal
    url: str


def _address(view: str, shop: str, query: str = "") -> str:
    try:
        address = reverse(view, kwargs={"shop": shop})
    except NoReverseMatch:
        address = f"/s/{shop}/"
    return f"{address}?{query}" if query else address


def strip(board: boards.StartBoard, shop: str) -> list[Due]:
    """Overdue, then what falls due within 2, 6 and 24 hours, then all that waits."""
    return [
        Due(gettext("已超时"), gettext("越晚赔得越多"), board.overdue, _address("orders", shop, "overdue=1"), "over"),
        Due(gettext("2 小时内"), gettext("现在就发"), board.due_2h, _address("orders", shop, "due=2"), "soon"),
        Due(gettext("6 小时内"), gettext("下一班揽收前"), board.due_6h, _address("orders", shop, "due=6")),
        Due(gettext("24 小时内"), gettext("今天的活"), board.due_24h, _address("orders", shop, "due=24")),
        Due(gettext("全部待发货"), gettext("按期限排好"), board.waiting, _address("orders", shop)),
    ]


def at_stake(risk: boards.TaskStakes) -> str:
    """What the tasks that run out today cost if nobody acts."""
    if not risk.due_cost and not risk.due_points:
        return gettext("今天没有任务会升级给平台")
    return gettext("今天不处理要赔 ¥{cost}，扣 {points} 分").format(
        cost=f"{risk.due_cost:,.2f}", points=risk.due_points
    )


def left_behind(day: rounds.Day | None, shop: str) -> list[ToDo]:
    """Printed and not handed over, handed over and not scanned; nothing for a shop without contracts."""
    if day is None or not day.contracts:
        return []
    hint = gettext("已打包 {packed} 件，打印了没打包 {printed} 件").format(packed=day.packed, printed=day.printed)
    if day.missed:
        hint += gettext("，其中 {n} 件错过了上一次揽收").format(n=day.missed)
    hours = int(day.within.total_seconds() // 3600)
    tab = "printed" if day.printed else "packed"
    return [
        ToDo(
            gettext("打印了，还没交给快递"), hint, day.packed + day.printed, _address("pickups-left", shop, f"tab={tab}"),
            "package",
        ),
        ToDo(
            gettext("交给快递了，还没扫描"), gettext("快递员签收满 {n} 小时仍没有揽收记录").format(n=hours), day.unscanned,
            _address("pickups-left", shop, "tab=unscanned"), "scan-search",
        ),
    ]  # fmt: skip


def to_do(
    board: boards.StartBoard, shop: str, risk: boards.TaskStakes | None, day: rounds.Day | None = None,
    alerts: boards.Count | None = None,
) -> list[ToDo]:  # fmt: skip
    """What else wants a look, whether or not there is any. `risk` None: the tasks are not for this account; `day` None:
    nor is what couriers take. `alerts`: what the watchdogs found."""
    tasks = [ToDo(gettext("平台任务"), at_stake(risk), risk.mine, _address("tasks", shop), "siren")] if risk else []
    return [
        *tasks,
        ToDo(gettext("催发货"), gettext("买家催过，还没发"), board.urged, _address("orders", shop, "urged=1"), "bell-ring"),
        ToDo(
            gettext("冲突"), gettext("打印或发货后，买家改了地址、退款或关闭了交易"), board.conflicts,
            _address("orders", shop, "tab=all&conflict=1"), "triangle-alert",
        ),
        ToDo(
            gettext("已发货，还没揽收"), gettext("提交单号满 24 小时仍没有揽收记录，可能被判虚假发货"), board.unscanned,
            _address("orders", shop, "unscanned=1"), "package-search",
        ),
        ToDo(
            gettext("物流预警"), gettext("没揽收、没更新、单号以前用过，或超时太久算缺货"), alerts or boards.Count(0),
            _address("alerts", shop), "shield-alert",
        ),
        *left_behind(day, shop),
        ToDo(
            gettext("没做完的批次"), gettext("导入或批量发货停在半路，可以接着做"), board.open_batches,
            _address("batches", shop), "list-todo",
        ),
    ]  # fmt: skip


def short_stock(request: ShopRequest) -> list[dict[str, object]]:
    """The contracts whose bought numbers last less than two days; none for an account that does not see contracts."""
    if not request.actor.may("view_contracts"):
        return []
    found = stock.outlooks(request.shop.id, today=day_start(request, request.now), now=request.now)
    return [{"stock": each, "lasts": lasts(each.outlook, now=request.now)} for each in found if each.outlook.short]


def stuck_jobs(request: ShopRequest) -> dict[str, object]:
    """The print jobs that stopped in the middle, each with what to do; none for an account that does not see labels."""
    found = (
        print_jobs.stuck(request.shop.id, limit=STUCK + 1, now=request.now) if request.actor.may("view_labels") else []
    )
    jobs = [{"job": row, "problem": problem_of(row.problem), "step": next_step(row.problem)} for row in found[:STUCK]]
    return {"stuck": jobs, "stuck_more": len(found) > STUCK}


def headline(board: boards.StartBoard, shop: str) -> Headline:
    """The most pressing thing there is."""
    if board.overdue:
        return Headline("bad", board.overdue, board.stake_now, _address("orders", shop, "overdue=1"))
    if board.due_2h:
        return Headline("warn", board.due_2h, board.stake_now, _address("orders", shop, "due=2"))
    return Headline("calm", board.waiting, board.stake_now, _address("orders", shop))


def task_stakes(request: ShopRequest) -> boards.TaskStakes | None:
    """What the open tasks cost by the end of the shop's day; None where the account may not see them."""
    if not request.actor.may("view_tasks"):
        return None
    rates = stakes.rates(request.shop.id)
    return boards.task_stakes(request.shop.id, rates, until=tonight(request.now), now=request.now)


@shop_page()
def start(request: ShopRequest) -> HttpResponse:
    """What must I do now, and what does waiting cost?"""
    board = boards.start_board(request.shop.id, now=request.now)
    code = request.shop.code
    day = rounds.day(request.shop.id, now=request.now) if request.actor.may("view_labels") else None
    found = alert_counts(request.shop.id)[""] if request.actor.may("view_orders") else None
    items = to_do(board, code, task_stakes(request), day, found)
    return render(request, "start/start.html", {
        "section": "start", "board": board, "strip": strip(board, code), "todo": items,
        "rounds": day.next[:ROUNDS] if day else (), "may_hand_over": request.actor.may("hand_over"),
        "idle": not board.waiting and not any(item.count for item in items),
        "headline": headline(board, code), "import_url": _address("import", code), "short": short_stock(request),
        **stuck_jobs(request),
    })  # fmt: skip


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: the same words for a page that never was and for one of another shop."""
    words = {
        "title": gettext("没有这个页面"),
        "text": gettext("地址可能写错了，或者这里的内容不归你的账号看。"),
        "status": 404,
    }
    return render(request, "missing.html", words, status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 from the framework itself, such as a form that was open for too long."""
    words = {
        "title": gettext("这个操作没有通过"),
        "text": gettext("页面可能打开太久了，请返回刷新后再试一次。"),
        "status": 403,
    }
    return render(request, "missing.html", words, status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without a valid token (CSRF)."""
    return forbidden(request, PermissionError(reason))


urlpatterns = [path("", start, name="start")]
