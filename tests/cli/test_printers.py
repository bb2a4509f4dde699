"""fahuo printers: a printer on a socket is asked, and prints a sample label."""

import json
from ipaddress import ip_network

import pytest
from click.testing import CliRunner, Result

from fahuo import settings
from fahuo.cli.printers import command
from fahuo.rules.problems import Refusal
from tests.printing import pictures, readers
from tests.printing.machines import Machine


@pytest.fixture(autouse=True)
def _printers_may_stand_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PRINTER_NETWORKS", (ip_network("127.0.0.0/8"),))


def call(*words: str) -> Result:
    return CliRunner().invoke(command, [*words], catch_exceptions=False)


def refused(*words: str) -> str:
    with pytest.raises(Refusal) as refusal:
        call(*words)
    return refusal.value.problems[0].code


def test_a_printer_says_how_it_is() -> None:
    with Machine("zpl", paper=0) as machine:
        told = json.loads(call("--test", f"127.0.0.1:{machine.port}", "--json").output)
        assert (told["state"], told["problem"]["code"]) == ("trouble", "printer_paper_out")
        machine.load(1)
        assert json.loads(call("--test", f"localhost:{machine.port}", "--json").output)["state"] == "ready"


def test_a_sample_label_comes_out() -> None:
    with Machine("tspl") as machine:
        done = call("--test", f"127.0.0.1:{machine.port}", "--language", "tspl", "--dpi", "300", "--label")
        assert done.exit_code == 0
        [document] = machine.printed
    [label] = readers.tspl(document, 300)
    assert pictures.codes(label)


def test_addresses_that_are_none() -> None:
    for address in ("", "a b", "http://x", "x:99999", "[::1", "x:y"):
        assert refused("--test", address) == "printer_address"


def test_other_networks_are_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PRINTER_NETWORKS", ())
    assert refused("--test", "127.0.0.1") == "printer_outside"
