"""Which language the command line speaks, and refusals as sentences."""

import os
from collections.abc import Mapping
from typing import NoReturn

import click

from fahuo.rules.problems import Language, Refusal


def language(environ: Mapping[str, str] = os.environ) -> Language:
    """FAHUO_LANG, else the first of LC_ALL, LC_MESSAGES and LANG that names a language, else Chinese."""
    if environ.get("FAHUO_LANG") in ("zh", "en"):
        return "en" if environ["FAHUO_LANG"] == "en" else "zh"
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    chinese = locale.startswith("zh") or locale.partition(".")[0] in ("", "C", "POSIX")
    return "zh" if chinese else "en"


def say(zh: str, en: str) -> str:
    return en if language() == "en" else zh


def complain(refusal: Refusal, *, status: int = 1) -> NoReturn:
    """Print why something was refused, a sentence a line, on standard error; exit with `status`."""
    for problem in refusal.problems:
        click.echo(problem.sentence(language()), err=True)
    raise click.exceptions.Exit(status)
