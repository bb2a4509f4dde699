"""What every answer carries, what the cookies are, and how files leave: as attachments, whatever they are called."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from fahuo.web import order_forms, uploads
from fahuo.web.security import POLICY
from tests.conftest import Account
from tests.web.pages import sign_in

CARRIED = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
RULES = dict(rule.split(" ", 1) for rule in POLICY.split("; "))


def test_every_kind_of_answer_carries_the_headers(owner_account: Account) -> None:
    client = sign_in(owner_account)
    answers = [
        Client().get("/login/"), Client().get("/nowhere"), Client().get("/s/lan/"), client.get("/s/lan/"),
        client.get("/account/"), client.post("/s/lan/people/new/", {}), client.get("/s/lan/metrics/sheet/"),
    ]  # fmt: skip
    for answer in answers:
        assert {name: answer.headers.get(name) for name in CARRIED} == CARRIED
        assert "no-store" in answer.headers["Cache-Control"]
        assert "geolocation=()" in answer.headers["Permissions-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_policy_allows_nothing_by_default_nothing_inline_and_no_other_host() -> None:
    assert RULES["default-src"] == "'none'"
    assert RULES["frame-ancestors"] == RULES["object-src"] == RULES["base-uri"] == "'none'"
    assert RULES["script-src"] == RULES["style-src"] == RULES["form-action"] == RULES["connect-src"] == "'self'"
    for values in RULES.values():
        assert set(values.split()) <= {"'self'", "'none'", "data:"}
    assert [name for name, values in RULES.items() if "data:" in values] == ["img-src"]


def settings_of(tmp_path: Path, **environment: str) -> dict[str, Any]:
    """What the settings say in a process of their own."""
    names = [
        "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
        "SESSION_COOKIE_SAMESITE", "SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT", "STAFF_SECOND_FACTOR",
    ]  # fmt: skip
    program = f"import json; from fahuo import settings; print(json.dumps({{n: getattr(settings, n, None) for n in {names}}}))"
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("FAHUO_", "DATABASE_"))}
    done = subprocess.run(
        [sys.executable, "-c", program], env={**plain, "FAHUO_DATA": str(tmp_path), **environment}, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_behind_tls_cookies_are_the_hosts_own_and_browsers_are_held_to_it(tmp_path: Path) -> None:
    behind, here = settings_of(tmp_path, FAHUO_HOSTS="desk.example"), settings_of(tmp_path)
    assert (behind["SESSION_COOKIE_NAME"], behind["CSRF_COOKIE_NAME"]) == ("__Host-sessionid", "__Host-csrftoken")
    assert behind["SESSION_COOKIE_SECURE"]
    assert behind["CSRF_COOKIE_SECURE"]
    assert behind["SECURE_SSL_REDIRECT"]
    assert behind["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert behind["STAFF_SECOND_FACTOR"]
    assert not here["SESSION_COOKIE_SECURE"]
    assert not here["STAFF_SECOND_FACTOR"]
    for found in (behind, here):
        assert (found["SESSION_COOKIE_HTTPONLY"], found["SESSION_COOKIE_SAMESITE"]) == (True, "Lax")


@pytest.mark.parametrize("download", [uploads.download, order_forms.download])
@given(name=st.text(max_size=60))
def test_a_file_leaves_as_an_attachment_of_a_kind_that_runs_nowhere(download: Any, name: str) -> None:
    answer = download(name, b"<script>alert(1)</script>")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert "\r" not in disposition
    assert "\n" not in disposition
    kinds = {*uploads.TYPES.values(), "application/octet-stream"}
    assert answer.headers["Content-Type"].partition(";")[0] in kinds
    assert not any("html" in kind or "svg" in kind or "xml;" in kind for kind in kinds)
