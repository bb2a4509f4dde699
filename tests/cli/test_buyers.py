"""fahuo buyer: a person becomes a buyer of one name at one shop."""

from click.testing import CliRunner, Result

from fahuo.cli import main as cli
from fahuo.services import people
from fahuo.store.models import Shop, User


def buyer(*words: str) -> Result:
    return CliRunner(env={"FAHUO_LANG": "en"}).invoke(cli.main, ["buyer", "add", *words])


def test_a_buyer_may_sign_in_and_sees_orders_of_that_name(shop: Shop, other_shop: Shop) -> None:
    done = buyer(shop.code, "lin", "林间")
    assert done.exit_code == 0, done.output
    password = done.stdout.rsplit("password ", 1)[1].split()[0]
    user = User.objects.get(username="lin")
    assert user.check_password(password)
    assert buyer(other_shop.code, "lin", "林间的第二家", "--existing").exit_code == 0
    names = {code: who.name for code, who in people.buyers_of(user.pk).items()}
    assert names == {shop.code: "林间", other_shop.code: "林间的第二家"}


def test_a_name_that_is_taken_makes_nobody(shop: Shop) -> None:
    assert buyer(shop.code, "lin", "林间").exit_code == 0
    taken = buyer(shop.code, "feng", "林间")
    assert taken.exit_code == 1
    assert not User.objects.filter(username="feng").exists()
    assert buyer("nowhere", "feng", "风").exit_code == 1
    assert buyer(shop.code, "nobody", "风", "--existing").exit_code == 1
