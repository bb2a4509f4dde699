"""The shop: its settings, people, figures and rules, and the key that calls."""

from typing import Any

from django.conf import settings

from fahuo.api.calls import Call
from fahuo.api.contract import Done, Nothing
from fahuo.api.server import serves
from fahuo.api.shapes import shop as shapes
from fahuo.api.told import shaped
from fahuo.rules.metrics import Span, span_of
from fahuo.rules.policy import Version
from fahuo.rules.problems import Refusal
from fahuo.services import metrics, people, regions, rulebooks
from fahuo.services import settings as service


@serves(shapes.WHO)
def get_key(call: Call[Nothing, Any]) -> shapes.KeyOut:
    who = call.who
    return shapes.KeyOut(
        who.actor.name,
        who.shop,
        who.time_zone,
        sorted(who.actor.permissions),
        who.per_minute or settings.API_PER_MINUTE,
    )


@serves(shapes.GET_SHOP)
def get_shop(call: Call[Nothing, Any]) -> shapes.ShopOut:
    return shaped(service.shop_data(call.shop_id), shapes.ShopOut)


@serves(shapes.SET_SHOP)
def set_shop(call: Call[Nothing, shapes.ShopIn]) -> shapes.ShopOut:
    stands, sent = service.shop_data(call.shop_id), call.body
    told = {name: getattr(stands, name) for name in service.ShopData.__slots__}
    for name in ("name", "ship_from", "default_carrier"):
        value = getattr(sent, name)
        told[name] = told[name] if value is None else value
    service.set_shop(call.actor, service.ShopData(**told), now=call.now)
    return get_shop(call)


@serves(shapes.LIST_REGIONS)
def list_exempt_regions(call: Call[Nothing, Any]) -> shapes.RegionsOut:
    platform = service.shop_data(call.shop_id).platform
    return shapes.RegionsOut([shaped(row, shapes.RegionOut) for row in regions.listed(platform)])


def _version(version: Version) -> shapes.VersionOut:
    return shapes.VersionOut(
        version.id, version.start, version.end, version.basis, version.source, version.default_hours.value,
        version.compensation["delay"].percent,
    )  # fmt: skip


@serves(shapes.GET_RULEBOOK)
def get_rulebook(call: Call[Nothing, Any]) -> shapes.RuleBookOut:
    book, _ = rulebooks.of_shop(call.shop_id)
    return shapes.RuleBookOut(service.shop_data(call.shop_id).platform, [_version(each) for each in book.versions])


def span_asked(call: Call[Any, Any]) -> Span:
    """The days of a query; the usual ones where it names none. Refusals as `rules.metrics.span_of`."""
    first, last = call.query.first, call.query.last
    if (first is None) != (last is None):
        raise Refusal.of("span_unreadable")
    today = metrics.today_of(call.shop_id, now=call.now)
    return span_of(first.isoformat() if first else "", last.isoformat() if last else "", today=today)


@serves(shapes.GET_METRICS)
def get_metrics(call: Call[shapes.MetricsQuery, Any]) -> shapes.MetricsOut:
    span = span_asked(call)
    report = metrics.report(call.shop_id, span, now=call.now)
    days = [shapes.DayOut(day, shaped(found, shapes.Figures)) for day, found in report.days.items()]
    return shapes.MetricsOut(span.first, span.last, shaped(report.total, shapes.Figures), days)


@serves(shapes.LIST_MEMBERS)
def list_members(call: Call[Nothing, Any]) -> shapes.MembersOut:
    return shapes.MembersOut([shaped(row, shapes.MemberOut) for row in people.members(call.actor)])


@serves(shapes.INVITE)
def invite_member(call: Call[Nothing, shapes.InviteIn]) -> shapes.InvitedOut:
    sent = call.body
    made, password = people.invite(
        call.actor, username=sent.username, name=sent.name, permissions=sent.permissions, now=call.now
    )  # fmt: skip
    return shapes.InvitedOut(made, password)


@serves(shapes.GRANT)
def grant_member(call: Call[Nothing, shapes.GrantIn]) -> Done:
    people.grant(call.actor, call.parts["member_id"], call.body.permissions, now=call.now)
    return Done()


@serves(shapes.DEACTIVATE)
def deactivate_member(call: Call[Nothing, Any]) -> Done:
    people.deactivate(call.actor, call.parts["member_id"], now=call.now)
    return Done()


@serves(shapes.REACTIVATE)
def reactivate_member(call: Call[Nothing, Any]) -> Done:
    people.reactivate(call.actor, call.parts["member_id"], now=call.now)
    return Done()
