"""The command line as a whole: verbs, languages, refusals, exit codes."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from fahuo.cli import main as cli
from fahuo.cli.language import language
from fahuo.rules.problems import Refusal


@pytest.mark.parametrize("name", list(cli.VERBS))
def test_every_verb_loads_and_explains_itself(name: str) -> None:
    done = CliRunner().invoke(cli.main, [name, "--help"])
    assert done.exit_code == 0, done.output
    assert len(done.output.splitlines()) > 3


def test_the_list_of_verbs_loads_none_of_them() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from fahuo.cli.main import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        "sys.exit('django' in sys.modules or 'fahuo.cli.run' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_verb_is_a_usage_error() -> None:
    assert CliRunner().invoke(cli.main, ["fly"]).exit_code == 2


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "POSIX"}, "zh"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "FAHUO_LANG": "en"}, "en"),
        ({"LANG": "en_US.UTF-8", "FAHUO_LANG": "zh"}, "zh"),
    ],
)
def test_the_language_comes_from_the_environment(environ: dict[str, str], wanted: str) -> None:
    assert language(environ) == wanted


@pytest.mark.parametrize(("spoken", "sentence"), [("zh", "端口 80 已被占用"), ("en", "Port 80 is taken")])
def test_a_refusal_is_a_sentence_on_standard_error(monkeypatch: pytest.MonkeyPatch, spoken: str, sentence: str) -> None:
    @click.command()
    def refuse() -> None:
        raise Refusal.of("port_taken", port=80)

    monkeypatch.setattr(cli.Verbs, "get_command", lambda self, ctx, name: refuse)
    monkeypatch.setenv("FAHUO_LANG", spoken)
    done = CliRunner().invoke(cli.main, ["run"])
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert done.stdout == ""
