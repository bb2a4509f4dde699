"""Who decides for the platform."""

import pytest
from django.contrib.auth import authenticate

from fahuo.rules.people import PlatformActor
from fahuo.services import people, staff
from fahuo.store.models import User
from tests.conftest import NOW, Account
from tests.services.test_tasks import refused

pytestmark = pytest.mark.django_db
WORD = "battery staple 9"


def user(name: str) -> int:
    return int(User.objects.get(username=name).pk)


def test_staff_come_and_go(owner_account: Account) -> None:
    staff.make_staff("shen", "沈裁", password=WORD, now=NOW)
    assert authenticate(username="shen", password=WORD) is not None
    assert people.platform_for(user("shen")) == PlatformActor("沈裁")
    assert people.platform_for(owner_account.user.pk) is None
    staff.make_staff("owner", password=None, now=NOW)
    assert people.platform_for(owner_account.user.pk) == PlatformActor("owner")
    staff.remove("shen")
    assert people.platform_for(user("shen")) is None
    assert [(row.username, row.active) for row in staff.listed()] == [("owner", True), ("shen", False)]
    assert refused(staff.remove, "shen") == ["username_unknown"]
    staff.make_staff("shen", "沈裁", password=None, now=NOW)
    assert people.platform_for(user("shen")) == PlatformActor("沈裁")


def test_nobody_gets_a_desk_with_a_bad_name_or_password(owner_account: Account) -> None:
    assert refused(staff.make_staff, "shen", password="1234", now=NOW) == ["password_weak"]
    assert refused(staff.make_staff, "owner", password=WORD, now=NOW) == ["username_taken"]
    assert refused(staff.make_staff, "nobody", password=None, now=NOW) == ["username_unknown"]
    assert staff.listed() == []
    assert not User.objects.filter(username="shen").exists()
