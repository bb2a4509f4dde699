"""The message catalogue of the pages: `make messages` gathers every sentence into it and says what is not translated.

The sentences in the code are Chinese; the English catalogue is the one source of English. Sentences are gathered from
Python (`gettext` and its kin) and from templates (`{% translate %}`, `{% blocktranslate %}`), whose own parser turns
them into Python first. Nothing is guessed: a new sentence begins untranslated, one that is gone is dropped.

    python scripts/messages.py           gather, write, compile; exit 1 while a sentence has no English
    python scripts/messages.py --check   write nothing; exit 1 when the catalogue is not what gathering would make
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "fahuo" / "web"
CATALOGUE = PAGES / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "gettext": None, "gettext_lazy": None, "gettext_noop": None, "_": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
IN_CONTEXT = ("pgettext", "pgettext_lazy")
"""One word of ours that English says in several ways (催发货: the button, the list) tells them apart by a context."""
PUNCTUATION = str.maketrans("，：；？！（）", ",:;?!()")
SOURCES = ("*.py", "*.html", "*.txt")


def _as_python(file: Path) -> bytes:
    """A template as the Python its translations would be, its other text blanked out; Python as it is."""
    text = file.read_text("utf-8")
    if file.suffix == ".py":
        return text.encode()
    from django.utils.translation.template import templatize

    # The blanked-out text keeps its indentation, which means nothing here and would stop the tokenizer.
    return "\n".join(line.strip() for line in templatize(text).splitlines()).encode()


def sentences() -> Iterator[tuple[str, tuple[str, ...] | str, str]]:
    """Every sentence of the pages with the file it stands in and its context or ""; a pair where it has a plural."""
    for pattern in SOURCES:
        for file in sorted(PAGES.rglob(pattern)):
            place = str(file.relative_to(ROOT))
            for _, called, found, _ in extract_python(
                io.BytesIO(_as_python(file)), KEYWORDS, (), {"encoding": "utf-8"}
            ):
                parts = (found,) if isinstance(found, str) else tuple(found or ("",))
                if called in IN_CONTEXT:
                    yield place, parts[1], parts[0]
                elif parts[0]:
                    yield place, parts[0] if len(parts) == 1 else parts[:2], ""


def kept() -> Catalog:
    """The catalogue as it stands."""
    if not CATALOGUE.exists():
        return Catalog("en")
    with CATALOGUE.open("rb") as source:
        return read_po(source, locale="en")


def _plain(sentence: str | tuple[str, ...] | list[str]) -> str:
    """A sentence as it is found again: full-width punctuation counts as its ASCII sibling."""
    text = sentence if isinstance(sentence, str) else sentence[0]
    return text.translate(PUNCTUATION)


def gathered() -> Catalog:
    """The catalogue as it should stand: every sentence of the pages, with the English that is kept for it."""
    old = {(_plain(message.id), message.context or ""): message for message in kept() if message.id}
    new = Catalog("en", fuzzy=False)
    for place, sentence, context in sorted(sentences(), key=str):
        known = old.get((_plain(sentence), context))
        english = known.string if known and bool(known.pluralizable) == isinstance(sentence, tuple) else ""
        where = [(place, None)]
        new.add(sentence, english, locations=where, context=context or None)  # type: ignore[arg-type]  # a file without a line
    return new


def untranslated(catalogue: Catalog) -> list[str]:
    """The sentences without English."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and not (all(message.string) if message.pluralizable else message.string)
    ]


def written(catalogue: Catalog) -> bytes:
    """A catalogue as its file: in the order of the sentences, without dates that change by themselves."""
    sink = io.BytesIO()
    write_po(sink, catalogue, omit_header=True, sort_output=True, include_lineno=False, width=120)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: en\\n"\n'
    head += '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    return head.encode() + sink.getvalue()


def compile_messages() -> None:
    """Write what Django reads (.mo) beside the catalogue."""
    with CATALOGUE.with_suffix(".mo").open("wb") as sink:
        write_mo(sink, kept())


def main(arguments: list[str]) -> int:
    """See the top of this file."""
    catalogue = gathered()
    missing = untranslated(catalogue)
    stale = not CATALOGUE.exists() or CATALOGUE.read_bytes() != written(catalogue)
    if "--check" in arguments:
        if stale:
            print("the catalogue is stale: make messages", file=sys.stderr)
    else:
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        CATALOGUE.write_bytes(written(catalogue))
        compile_messages()
        stale = False
    for sentence in missing:
        print(f"no English: {sentence}", file=sys.stderr)
    print(f"{len(catalogue)} sentences, {len(missing)} without English")
    return 1 if missing or stale else 0


if __name__ == "__main__":
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True)
    django.setup()
    raise SystemExit(main(sys.argv[1:]))
