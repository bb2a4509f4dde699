"""docs/labels.md lists every key, field, warning and code, as the code has them."""

import re
import tomllib
from pathlib import Path

from fahuo.printing import FORMATS
from fahuo.rules.labels import FIELDS, SIZES
from fahuo.rules.labels.templates import KEYS
from fahuo.rules.print_jobs import ACKNOWLEDGE

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "docs" / "labels.md").read_text("utf-8")
LINES = MANUAL.splitlines()


def _default(value: object) -> str:
    if value is None:
        return "must be there"
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{written}`" if written else ""


def test_every_key_of_a_template_is_listed() -> None:
    wanted = [
        f"| `{kind}` | `{name}` | {_default(key.default)} | {key.zh} | {key.en} |"
        for kind, keys in KEYS.items()
        for name, key in keys.items()
    ]
    listed = [line for line in LINES if re.match(rf"\| `({'|'.join(KEYS)})` \| `\w+` \|", line)]
    assert listed == wanted, "docs/labels.md: the table of keys must be exactly this:\n" + "\n".join(wanted)


def test_every_field_is_listed() -> None:
    wanted = [f"| `{name}` | {field.zh} | {field.en} |" for name, field in FIELDS.items()]
    listed = [line for line in LINES if line in wanted]
    assert listed == wanted, "docs/labels.md: the table of fields must be exactly this:\n" + "\n".join(wanted)


def test_every_code_of_printers_and_every_warning_is_listed() -> None:
    problems = ROOT / "fahuo" / "rules" / "problems"
    for code, texts in tomllib.loads((problems / "printers.toml").read_text("utf-8")).items():
        assert f"| `{code}` | {texts['en']} |" in LINES
    code = (ROOT / "fahuo" / "printing" / "label.py").read_text("utf-8")
    for warning in set(re.findall(r'"(label_\w+)"', code)):
        assert any(line.startswith(f"| `{warning}` |") for line in LINES)


def test_sizes_formats_and_acknowledgements_are_listed() -> None:
    for size in SIZES:
        assert f"{size}.toml" in MANUAL
    for name in (*FORMATS, *ACKNOWLEDGE):
        assert any(line.startswith(f"| `{name}` |") for line in LINES)
