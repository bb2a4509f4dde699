"""Signing in by services: tries that every process sees, codes that serve once, links that run out, first passwords."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.contrib.auth.hashers import get_hasher
from django.db import connection
from django.test import override_settings

from fahuo.rules.people import Actor
from fahuo.rules.problems import Refusal
from fahuo.rules.signin import BACKOFF, DEMO_PASSWORD
from fahuo.services import factors, invitations, people, signin
from fahuo.services.signin import Visitor
from fahuo.store import accounts
from fahuo.store.models import AccountEvent, Invitation, JournalEntry, RecoveryCode, Shop, SignInTries, User
from tests.conftest import NOW, Account, make_account

HOME, AWAY = Visitor("203.0.113.7", "Chrome · Windows"), Visitor("198.51.100.1", "")
WORD = "correct horse"
PAIR = BACKOFF["pair"]


def code_of(act: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as refusal:
        act()
    problem = refusal.value.problems[0]
    assert problem.sentence("zh")
    assert problem.sentence("en")
    return problem.code


def wrong(times: int, visitor: Visitor = AWAY, name: str = "owner", later: timedelta = timedelta()) -> None:
    for _ in range(times):
        assert signin.by_password(name, "x", visitor=visitor, now=NOW + later) is None


def right(visitor: Visitor = HOME, name: str = "owner", later: timedelta = timedelta()) -> User | None:
    return signin.by_password(name, WORD, visitor=visitor, now=NOW + later)


def test_passwords_are_hashed_by_argon2(owner_account: Account) -> None:
    assert owner_account.user.password.startswith("argon2$argon2id$")
    assert get_hasher().algorithm == "argon2"


def test_after_some_wrong_tries_even_the_right_password_waits(owner_account: Account) -> None:
    wrong(PAIR.free + 1)
    assert code_of(lambda: right(AWAY)) == "sign_in_paused"
    assert right(AWAY, later=timedelta(seconds=PAIR.first)) is not None


def test_the_next_pause_is_longer_and_a_right_password_ends_the_count(owner_account: Account) -> None:
    wrong(PAIR.free + 1)
    wrong(1, later=timedelta(seconds=5))
    assert code_of(lambda: right(AWAY, later=timedelta(seconds=14))) == "sign_in_paused"
    assert right(AWAY, later=timedelta(seconds=16)) is not None
    wrong(PAIR.free, later=timedelta(seconds=17))
    assert right(AWAY, later=timedelta(seconds=18)) is not None


def test_tries_are_counted_before_the_password_is_looked_at(owner_account: Account, monkeypatch: Any) -> None:
    """A hundred at once count as a hundred: the count is committed while the password is still being hashed."""
    seen = []

    def slow(**_given: Any) -> None:
        seen.append(SignInTries.objects.filter(key__startswith="pair:").get().tries)

    monkeypatch.setattr(signin, "authenticate", slow)
    wrong(3)
    assert seen == [1, 2, 3]


def test_a_stranger_elsewhere_does_not_make_a_known_address_wait(owner_account: Account) -> None:
    user = right(HOME)
    assert user
    signin.note(user.pk, "signed_in", visitor=HOME, now=NOW)
    for n in range(BACKOFF["account"].free + 1):
        wrong(1, Visitor(f"198.51.100.{n}"))
    assert code_of(lambda: right(Visitor("198.51.100.99"))) == "sign_in_paused"
    assert right(HOME) is not None


def test_one_address_that_tries_many_names_waits(db: None) -> None:
    for n in range(BACKOFF["address"].free + 1):
        wrong(1, AWAY, f"name{n}")
    assert code_of(lambda: wrong(1, AWAY, "one-more")) == "sign_in_paused"


def test_no_name_of_an_account_stands_in_the_table_of_tries(owner_account: Account) -> None:
    wrong(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sign_in_tries::text FROM sign_in_tries")
        text = str(cursor.fetchall())
    assert "owner" not in text
    assert AWAY.address not in text


def test_guessing_is_told_to_the_account_and_to_its_shops_once(owner_account: Account) -> None:
    wrong(PAIR.free + 1)
    wrong(1, later=timedelta(seconds=5))
    assert AccountEvent.objects.filter(act="paused", user_id=owner_account.user.pk).count() == 1
    entry = JournalEntry.objects.get(act="people.sign_in_paused")
    assert entry.after == {"account": "owner", "name": "owner"}


def test_stale_counts_and_entries_are_forgotten(owner_account: Account) -> None:
    wrong(1)
    signin.note(owner_account.user.pk, "signed_in", visitor=HOME, now=NOW)
    signin.forget(keep_days=90, now=NOW + timedelta(days=91))
    assert not SignInTries.objects.exists()
    assert not AccountEvent.objects.exists()


def test_the_password_of_the_demo_opens_nothing_elsewhere(shop: Shop) -> None:
    User.objects.create_user(username="lancao", password=DEMO_PASSWORD)
    for demo, opens in ((True, True), (False, False)):
        with override_settings(DEMO=demo):
            found = signin.by_password("lancao", DEMO_PASSWORD, visitor=HOME, now=NOW)
            assert (found is not None) is opens
    assert signin.left_of_the_demo(["lancao", "owner"]) == ["lancao"]


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret


def code_at(later: timedelta = timedelta()) -> str:
    return str(pyotp.TOTP(SECRET).at(NOW + later))


@pytest.fixture
def protected(owner_account: Account) -> Account:
    """The owner with an authenticator app, taken into use two minutes ago."""
    then = timedelta(minutes=-2)
    codes = factors.add_app(owner_account.user.pk, SECRET, code_at(then), visitor=HOME, now=NOW + then)
    assert len(set(codes)) == 10
    return owner_account


def check(account: Account, code: str, later: timedelta = timedelta()) -> bool:
    return factors.check(account.user.pk, code, visitor=HOME, now=NOW + later)


def test_the_secret_is_sealed_and_codes_are_digests(protected: Account) -> None:
    protected.user.refresh_from_db()
    assert protected.user.second_factor
    assert SECRET not in protected.user.totp
    assert all(len(row.digest) == 64 for row in RecoveryCode.objects.all())


def test_nobody_has_factors_without_an_account(db: None) -> None:
    with pytest.raises(LookupError):
        factors.of(1)


def test_a_code_serves_once_and_an_older_one_never_after_it(protected: Account) -> None:
    assert check(protected, code_at())
    assert not check(protected, code_at())
    assert not check(protected, code_at(timedelta(seconds=-30)))
    assert check(protected, code_at(timedelta(seconds=30)))


@pytest.mark.parametrize(("seconds", "taken"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_differ_by_one_interval(protected: Account, seconds: int, taken: bool) -> None:
    assert check(protected, code_at(timedelta(seconds=seconds))) is taken


def test_codes_cannot_be_guessed_at_leisure(protected: Account) -> None:
    for n in range(BACKOFF["second"].free + 1):
        assert not check(protected, f"{n:06d}")
    assert code_of(lambda: check(protected, code_at())) == "sign_in_paused"


def test_a_recovery_code_serves_once_and_renewing_voids_the_rest(protected: Account) -> None:
    codes = factors.renew_codes(protected.user.pk, visitor=HOME, now=NOW)
    assert check(protected, codes[0].upper())
    assert not check(protected, codes[0])
    fresh = factors.renew_codes(protected.user.pk, visitor=HOME, now=NOW)
    assert not check(protected, codes[1])
    assert check(protected, fresh[1])


def test_without_a_factor_no_recovery_code_is_left(protected: Account) -> None:
    assert factors.drop_app(protected.user.pk, visitor=HOME, now=NOW)
    protected.user.refresh_from_db()
    assert not protected.user.second_factor
    assert not RecoveryCode.objects.exists()
    assert code_of(lambda: factors.renew_codes(protected.user.pk, visitor=HOME, now=NOW)) == "no_second_factor"


def test_a_wrong_first_code_takes_no_app_into_use(owner_account: Account) -> None:
    act = lambda: factors.add_app(owner_account.user.pk, SECRET, "000000", visitor=HOME, now=NOW)  # noqa: E731
    assert code_of(act) == "code_wrong"
    assert not User.objects.get(pk=owner_account.user.pk).totp


def test_the_owner_resets_a_sub_accounts_factor_and_nobody_elses(
    owner: Actor, protected: Account, teammate_account: Account, stranger_account: Account
) -> None:
    mate = teammate_account
    assert code_of(lambda: factors.reset(owner, mate.member.id, now=NOW)) == "no_second_factor"
    factors.add_app(mate.user.pk, SECRET, code_at(), visitor=HOME, now=NOW)
    factors.reset(owner, mate.member.id, now=NOW)
    assert not User.objects.get(pk=mate.user.pk).second_factor
    assert JournalEntry.objects.get(act="people.factors_reset").after == {"account": "teammate"}
    for target, code in ((protected, "member_not_yours"), (stranger_account, "member_unknown")):
        assert code_of(lambda target=target: factors.reset(owner, target.member.id, now=NOW)) == code


def test_only_who_has_a_factor_asks_one_of_everybody(owner: Actor, owner_account: Account, teammate: Actor) -> None:
    assert code_of(lambda: people.set_second_factor(owner, True, now=NOW)) == "second_factor_first"
    assert code_of(lambda: people.set_second_factor(teammate, True, now=NOW)) == "owner_only"
    factors.add_app(owner_account.user.pk, SECRET, code_at(), visitor=HOME, now=NOW)
    assert [people.set_second_factor(owner, True, now=NOW) for _ in range(2)] == [True, False]
    assert JournalEntry.objects.get(act="shop.changed").after == {"second_factor": True}


def test_a_link_serves_once_and_only_its_digest_is_kept(owner: Actor, teammate_account: Account) -> None:
    token = invitations.for_member(owner, teammate_account.member.id, now=NOW)
    assert token not in str(list(Invitation.objects.values()))
    assert invitations.find(token, now=NOW).place == "兰草小铺"
    assert code_of(lambda: invitations.accept(token, "1234", visitor=HOME, now=NOW)) == "password_weak"
    assert code_of(lambda: invitations.accept(token, "teammate", visitor=HOME, now=NOW)) == "password_weak"
    user = invitations.accept(token, "battery staple 9", visitor=HOME, now=NOW)
    assert user.check_password("battery staple 9")
    for act in (
        lambda: invitations.find(token, now=NOW), lambda: invitations.accept(token, "another 9 x", visitor=HOME, now=NOW),
    ):  # fmt: skip
        assert code_of(act) == "link_over"


def test_a_link_runs_out_is_withdrawn_and_gives_way_to_the_next(owner: Actor, teammate_account: Account) -> None:
    member = teammate_account.member.id
    first, second = (invitations.for_member(owner, member, now=NOW) for _ in range(2))
    assert code_of(lambda: invitations.find(first, now=NOW)) == "link_over"
    assert invitations.find(second, now=NOW + invitations.LASTS - timedelta(seconds=1))
    assert code_of(lambda: invitations.find(second, now=NOW + invitations.LASTS)) == "link_over"
    assert list(invitations.waiting([teammate_account.user.pk], now=NOW)) == [teammate_account.user.pk]
    assert [invitations.revoke_member(owner, member, now=NOW) for _ in range(2)] == [True, False]
    assert code_of(lambda: invitations.find(second, now=NOW)) == "link_over"
    assert JournalEntry.objects.filter(act="people.linked").count() == 2


def test_who_was_invited_cannot_sign_in_before_a_password_was_chosen(owner: Actor) -> None:
    made, word = people.invite(owner, username="lan:new", name="新", permissions=[], password=None, now=NOW)
    assert word == ""
    assert not User.objects.get(username="lan:new").has_usable_password()
    token = invitations.for_member(owner, made, now=NOW)
    assert not invitations.accept(token, "battery staple 9", visitor=HOME, now=NOW).must_change_password


def test_a_first_password_must_be_replaced(owner: Actor, teammate_account: Account) -> None:
    _, word = people.invite(owner, username="lan:new", name="新", permissions=[], now=NOW)
    assert User.objects.get(username="lan:new", must_change_password=True).check_password(word)
    token = invitations.for_member(owner, teammate_account.member.id, now=NOW)
    people.reset_password(owner, teammate_account.member.id, now=NOW)
    assert User.objects.get(pk=teammate_account.user.pk).must_change_password
    assert code_of(lambda: invitations.find(token, now=NOW)) == "link_over"


def test_a_link_is_for_whom_the_shop_may_open_only(
    shop: Shop, owner: Actor, owner_account: Account, stranger_account: Account
) -> None:
    chief = make_account(shop, "chief", permissions=("people",))
    strong = make_account(shop, "strong", permissions=("export",))
    for actor, target, code in (
        (owner, owner_account, "member_not_yours"), (owner, stranger_account, "member_unknown"),
        (chief.actor, strong, "grant_beyond_own"), (chief.actor, owner_account, "member_not_yours"),
    ):  # fmt: skip
        act = lambda actor=actor, target=target: invitations.for_member(actor, target.member.id, now=NOW)  # noqa: E731
        assert code_of(act) == code
    assert accounts.open_invitations([owner_account.user.pk, strong.user.pk], now=NOW) == {}
