"""Rule books: the platform's page, the shop's page, the API and the command `fahuo rules`."""

import json
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any, Final

from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile

from fahuo.cli import main as cli
from tests.fuzz.doors.templates import spoilt_toml, toml_value
from tests.fuzz.house import World
from tests.fuzz.judging import Answer, told
from tests.fuzz.spoil import any_text, plain, spoil_bytes

PLACES: Final = (
    "platform",
    "platform_file",
    "platform_force",
    "shop",
    "shop_force",
    "api",
    "api_force",
    "check",
    "schedule",
    "replay",
)
OFTEN: Final = (20, 8, 25, 8, 10, 8, 8, 5, 5, 3)
HEAD: Final = '[[version]]\nid = "next-{n}"\nfrom = {at}\nbasis = "stated"\nsource = "an announcement"\n'
VALUES: Final = (
    "default_hours", "out_of_stock_after_hours", "pickup_within_hours", "update_within_hours", "form", "points", "timers.seller_reply_hours",
    "timers.ship_later_days", "reminders.hours_before", "reminders.per_day", "compensation.delay", "compensation.out_of_stock",
)  # fmt: skip


@dataclass(slots=True)
class Book:
    place: str
    body: bytes
    platform: str = "taobao"
    shop: str = ""
    stands: str = ""


@lru_cache
def _standing() -> tuple[str, ...]:
    """The books that stand, each cut into its versions, as if they were to come."""
    texts = []
    for name in ("taobao.toml", "tmall.toml"):
        text = (files("fahuo.rules") / "policies" / name).read_text("utf-8")
        texts += ["[[version]]" + piece.partition("\n# ---")[0] for piece in text.split("[[version]]")[1:]]
        texts += ["[[override]]" + piece for piece in text.split("[[override]]")[1:][:3]]
        texts += ["[clause." + piece for piece in text.split("[clause.")[1:][:3]]
    return tuple(texts)


class RuleBooks:
    name, world, share = "rulebooks", "machines", 30
    writes: Final = {"api_limits": "as at the API", "api_keys": "as at the API", "sessions": "as at the forms"}

    def make(self, chance: Random, world: World) -> Book:
        text = self._grown(chance) if chance.random() < 0.5 else self._from_standing(chance)
        if chance.random() < 0.6:
            text = spoilt_toml(chance, text)
        body = text.encode("utf-8", "replace")
        if chance.random() < 0.06:
            body = spoil_bytes(chance, body)
        return Book(
            chance.choices(PLACES, OFTEN)[0], body, chance.choice(("taobao", "tmall", any_text(chance)[:30])),
            chance.choice(("", "", "", "lan", "zhu", any_text(chance)[:50])), chance.choice(("", "", "1", any_text(chance)[:50])),
        )  # fmt: skip

    def _from_standing(self, chance: Random) -> str:
        year = chance.choice(("2027", "2031", "9999"))
        text = chance.choice(_standing())
        lines = [line for line in text.split("\n") if not line.startswith("to =")]
        text = "\n".join(f"from = {year}-01-01T00:00:00+08:00" if line.startswith("from =") else line for line in lines)
        return text.replace('id = "', f'id = "new{chance.randrange(99)}-', 1)

    def _grown(self, chance: Random) -> str:
        lines = [
            HEAD.format(
                n=chance.randrange(9),
                at=chance.choice(("2027-01-01T00:00:00+08:00", "2031-01-01T00:00:00+08:00", toml_value(chance))),
            )
        ]
        for path in sorted(chance.sample(VALUES, chance.randint(0, 5)), key=lambda path: "." in path):
            value = chance.choice((str(chance.choice((-1, 0, 1, 24, 48, 10**6, 10**18))), '"cash"', toml_value(chance)))
            table, _, key = path.rpartition(".")
            said = (
                f'{{ value = {value}, basis = "{chance.choice(("stated", "norm", "assumption", "x"))}", source = "x" }}'
            )
            if table == "compensation":
                said = f'{{ percent = "{chance.choice(("5", "0", "-5", "1e9", "NaN", "Infinity", "x"))}", min = "{chance.choice(("0.00", "-1", "1E+400", "9"))}", max = "30.00", basis = "norm", source = "x" }}'
            head = f"[version.{table}]"
            lines += [*([head] if table and head not in lines else ()), f"{key} = {said}"]
        return "\n".join(lines)

    def send(self, given: Book, world: World) -> Answer:
        if given.place in ("check", "schedule", "replay"):
            return _by_command(given)
        answer = _by_api(given, world) if given.place.startswith("api") else _by_page(given, world)
        return Answer(answer.status_code, answer.status_code >= 400, answer.content.decode()[-300:])


def _by_api(given: Book, world: World) -> Any:
    path = "/api/v1/rulebook/additions" + ("" if given.place == "api_force" else "/check")
    body = json.dumps({"text": given.body.decode("utf-8", "replace")})
    headers = {"Authorization": f"Bearer {world['their_key']}"}
    return world["stranger"].generic("POST", path, body, "application/json", headers=headers)


def _by_page(given: Book, world: World) -> Any:
    """The platform's page, or that of the shop which may have a book of its own."""
    form: dict[str, Any] = {"shop": plain(given.shop), "platform": plain(given.platform)}
    form |= {"stands": plain(given.stands)} if given.stands else {}
    form |= {"confirmed": "1"} if given.place.endswith("force") else {}
    if given.place.endswith("file"):
        form["file"] = SimpleUploadedFile("a.toml", given.body)
    else:
        form["text"] = given.body.decode("utf-8", "replace")
    if given.place.startswith("shop"):
        return world["stranger"].post("/s/zhu/rules/add/", form)
    return world["staff"].post("/platform/rules/", form)


def _by_command(given: Book) -> Answer:
    """`fahuo rules`, in this process; a refusal is exit code 1, a wrong use 2."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "next.toml"
        file.write_bytes(given.body)
        words = [
            "rules",
            given.place,
            str(file),
            "--platform",
            given.platform,
            *(["--shop", given.shop] if given.shop else []),
        ]
        words = [word.replace("\0", "") for word in words]  # no command line carries it
        result = CliRunner(env={"FAHUO_LANG": "en"}).invoke(cli.main, words)
    said = result.output[-300:]
    wrong = []
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        wrong.append(f"the command failed:\n{told(result.exception)}")
    return Answer(200 if result.exit_code == 0 else 422, result.exit_code != 0, said, wrong=wrong)
