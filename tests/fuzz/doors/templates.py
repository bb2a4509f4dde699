"""Label templates: what a shop types on their page, and what its software sends; kept, changed, looked at."""

import json
from dataclasses import dataclass
from random import Random
from typing import Final

from fahuo.rules.labels import SIZES, standard_text
from fahuo.rules.labels.templates import KEYS
from tests.fuzz.house import World
from tests.fuzz.judging import Answer
from tests.fuzz.spoil import any_text, any_value, plain, spoil_bytes, spoil_form, spoil_text

PLACES: Final = ("new", "preview", "preview", "one", "api", "api_one")


@dataclass(slots=True)
class Typed:
    place: str
    form: dict[str, str]


class Templates:
    name, world, share = "templates", "machines", 40
    writes: Final = {"api_limits": "as at the API", "api_keys": "as at the API", "sessions": "as at the forms"}

    def make(self, chance: Random, world: World) -> Typed:
        body = (
            spoilt_toml(chance, standard_text(chance.choice(sorted(SIZES))))
            if chance.random() < 0.65
            else grown(chance)
        )
        form = {
            "name": chance.choice(("样二", "样", any_text(chance))),
            "body": body,
            "sample": chance.choice(("1", "6", "x")),
            "dpi": chance.choice(("203", "300", "x")),
        }
        return Typed(chance.choice(PLACES), spoil_form(chance, form) if chance.random() < 0.05 else form)

    def send(self, given: Typed, world: World) -> Answer:
        template = world["api"]["template"]
        shops = frozenset({world["shop"].id})
        if given.place.startswith("api"):
            path, method = (
                ("/api/v1/label-templates", "POST")
                if given.place == "api"
                else (f"/api/v1/label-templates/{template}", "PUT")
            )
            body = json.dumps({name: given.form[name] for name in ("name", "body") if name in given.form})
            answer = world["owner"].generic(
                method, path, body, "application/json", headers={"Authorization": f"Bearer {world['key']}"}
            )
        else:
            place = {"new": "new/", "preview": "preview/", "one": f"{template}/"}[given.place]
            form = {plain(name): plain(value) for name, value in given.form.items()}
            answer = world["owner"].post(f"/s/lan/label-templates/{place}", form)
        return Answer(answer.status_code, answer.status_code >= 400, answer.content.decode()[-300:], shops)


def spoilt_toml(chance: Random, text: str) -> str:
    """A text of TOML with some of its lines wrong: a value, a key, a table, a repeat, a cut."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        lines = text.split("\n")
        at = chance.randrange(len(lines))
        name, equals, value = lines[at].partition("=")
        kind = chance.randrange(8)
        if kind < 4 and equals:
            lines[at] = f"{name}= {toml_value(chance) if chance.random() < 0.5 else _another(chance, text, value)}"
        elif kind == 4 and equals and chance.random() < 0.5:
            lines[at] = f"{spoil_text(chance, name)}={value}"
        elif kind == 5 and chance.random() < 0.5:
            lines.insert(at, lines[chance.randrange(len(lines))])
        elif kind < 6:
            del lines[at]
        elif kind == 6 or chance.random() < 0.7:
            lines[at] = spoil_text(chance, lines[at])
        else:
            return spoil_bytes(chance, plain(text).encode()).decode("utf-8", "replace")
        text = "\n".join(lines)
    return text


def _another(chance: Random, text: str, value: str) -> str:
    """A value of the same text that looks like this one."""
    alike = [each.partition("=")[2].strip() for each in text.split("\n") if "=" in each]
    alike = [each for each in alike if each[:1].isdigit() == value.strip()[:1].isdigit()]
    return chance.choice(alike or ["1"])


def toml_value(chance: Random) -> str:
    """A value as TOML writes it, or nearly."""
    kind = chance.randrange(6)
    if kind == 0:
        return chance.choice(
            (
                "nan",
                "inf",
                "-inf",
                "1e999",
                "-0.0",
                "9" * 25,
                "9" * 4_999,
                "0x7fffffffffffffff",
                "0b1",
                "1_0",
                "+1",
                "01",
            )
        )
    if kind == 1:
        return chance.choice(
            (
                "2026-03-02",
                "2026-03-02T12:00:00",
                "0001-01-01T00:00:00+14:00",
                "9999-12-31T23:59:59.999999-14:00",
                "12:00:00",
                "2026-02-30",
                "2030-01-01T00:00:00+08:00",
            )
        )
    if kind == 2:
        return chance.choice(
            (
                "true",
                "false",
                "[]",
                "{}",
                "[[[]]]",
                "{ value = 1 }",
                '{ value = "1", basis = "norm", source = "x" }',
                "[" * 500 + "]" * 500,
            )
        )
    if kind == 3:
        return str(chance.choice((-1, 0, 1, 7, 24, 99, 100_000, -0.5, 0.001, 3.3, 1e17)))
    if kind == 4:
        return json.dumps(any_value(chance), ensure_ascii=chance.random() < 0.5)
    return json.dumps(any_text(chance)[:5_000], ensure_ascii=False)


def grown(chance: Random) -> str:
    """A template from its grammar: a head, then elements of every kind with keys of their own or of another."""
    lines = [f'size = "{chance.choice(sorted(SIZES))}"' if chance.random() < 0.95 else f"size = {toml_value(chance)}"]
    for _ in range(chance.choice((0, 1, 3, 12, 80))):
        kind = chance.choice(sorted(KEYS))
        keys = KEYS[kind] if chance.random() < 0.9 else KEYS[chance.choice(sorted(KEYS))]
        lines.append(f'\n[[element]]\nkind = "{kind}"')
        lines += [f"{key} = {_likely(chance, key)}" for key in keys if chance.random() < 0.8]
    return "\n".join(lines)


def _likely(chance: Random, key: str) -> str:
    if chance.random() < 0.15:
        return toml_value(chance)
    if key in ("x", "y", "w", "h", "x1", "y1", "x2", "y2", "max_lines", "width") or chance.random() < 0.2:
        return str(chance.choice((0, 1, 2, 5, 10, 25, 60, 76, 129.9)))
    if "size" in key:
        return chance.choice(('"9pt"', '"3mm"', '"0pt"', '"999pt"', "3"))
    return json.dumps(
        chance.choice(
            (
                "{receiver}",
                "{waybill}",
                "{nothing}",
                "{",
                "a",
                "left",
                "right",
                "center",
                "middle",
                "bold",
                "code128",
                "qr",
            )
        )
    )
