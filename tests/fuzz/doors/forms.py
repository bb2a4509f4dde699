"""Every address of the pages, asked and posted to by whoever may, with what the table of addresses posts made wrong."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import NoReverseMatch, reverse

from tests.fuzz.house import World
from tests.fuzz.judging import Answer
from tests.fuzz.spoil import any_text, plain, spoil_bytes, spoil_form, spoil_text, spoil_tree, written
from tests.fuzz.worlds import ids_of, numbers_of
from tests.routes import TABLE
from tests.routes.kinds import NONE
from tests.test_permissions import address_of, posted

ENDS: Final = frozenset({"logout", "account-sessions-end", "password", "readyz"})
"""They end the session that the next input needs; `readyz` says 503 where no clock runs, as here."""
ELSEWHERE: Final = frozenset({"api", "top-rest", "top-token", "marketplace-push", "carrier-push"})
"""Doors of machines, which have inputs of their own."""
SENT_OUT: Final = frozenset({"printer-look", "printer-test", "carrier-account-try"})
"""They speak to a machine outside."""
QUERIES: Final = (
    "cursor", "tab", "q", "kind", "page", "since", "until", "sort", "state", "lang", "size", "day", "hour", "carrier", "text", "what", "only",
)  # fmt: skip
"""What lists take."""

CREDENTIAL: Final = {
    "id": "AAAA", "rawId": "AAAA", "type": "public-key", "authenticatorAttachment": "platform",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0", "authenticatorData": "AAAA", "signature": "AAAA", "userHandle": "AAAA",
        "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVgA", "transports": ["internal"],
    },
}  # fmt: skip
SPOKEN: Final = {
    "component-next": {"page": "a"}, "component-said": {"page": "a", "place": 1, "printed": False, "message": "缺纸"}, "component-lost": {"page": "a"},
    "passkey-answer": CREDENTIAL, "passkey-add": CREDENTIAL,
}  # fmt: skip
"""Routes that a page's script tells JSON."""
FIRST: Final = {"passkey-answer": "passkey-ask", "passkey-add": "passkey-new"}
"""What the script asks before: an answer without a question is refused unread."""


@dataclass(slots=True)
class Asked:
    route: str
    method: str
    address: str
    form: dict[str, Any]
    headers: dict[str, str]
    spoken: bytes | None = None

    def __repr__(self) -> str:
        shown = {name: _shown(value) for name, value in self.form.items()}
        return f"{self.route} {self.method} {self.address!r} {shown!r} {self.headers} {self.spoken!r}"


def _shown(value: Any) -> Any:
    if not isinstance(value, SimpleUploadedFile):
        return value
    value.seek(0)
    return value.name, value.read()


class Forms:
    name, world, share = "forms", "pages", 40
    writes: Final = {
        "sessions": "a session notes when it was last seen, and what its toast says",
        "sign_in_tries": "a try at a password is counted before anybody looks at it",
        "account_events": "a try that failed is told to whose account it is",
    }

    def make(self, chance: Random, world: World) -> Asked:
        name = chance.choice(sorted(TABLE.keys() - ENDS - ELSEWHERE - SENT_OUT))
        name = chance.choice(sorted(SPOKEN)) if chance.random() < 0.08 else name
        route = TABLE[name]
        address, headers = self._address(chance, name, world), self._headers(chance)
        if name in SPOKEN:
            said = written(chance, spoil_tree(chance, SPOKEN[name]) if chance.random() < 0.9 else SPOKEN[name])
            return Asked(name, "POST", address, {}, headers, said)
        if (route.data or route.post != NONE) and chance.random() < 0.67:
            return Asked(name, "POST", address, self._form(chance, route, world), headers)
        query = spoil_form(chance, {}) if chance.random() < 0.7 else {}
        if chance.random() < 0.6:
            query |= {each: any_text(chance)[:300] for each in chance.sample(QUERIES, chance.randint(1, 3))}
        return Asked(name, "GET", address, query, headers)

    def _address(self, chance: Random, name: str, world: World) -> str:
        """The address of the route, one of its parts now and then another's, beyond all ids, or spoilt."""
        route, example = TABLE[name], dict(world["example"])
        if route.parts and chance.random() < 0.25:
            part = chance.choice(sorted(route.parts))
            known = example.get(part)
            odd = [*ids_of(world["theirs"]), 0, 2**63, 2**64]
            example[part] = chance.choice(odd) if isinstance(known, int) else spoil_text(chance, str(known))
        try:
            return address_of(name, route, example)
        except (NoReverseMatch, KeyError):
            return address_of(name, route, world["example"])

    def _headers(self, chance: Random) -> dict[str, str]:
        """As a script asks for a part of a page, now and then."""
        if chance.random() < 0.8:
            return {}
        target = any_text(chance)[:20].encode("ascii", "replace").decode()
        return {"HX-Request": "true", "HX-Target": target.replace("\n", "").replace("\r", "")}

    def _form(self, chance: Random, route: Any, world: World) -> dict[str, Any]:
        form = posted(route, world["example"])
        files = {name: value for name, value in form.items() if isinstance(value, SimpleUploadedFile)}
        ids = ids_of(world["theirs"]) + ids_of(world["example"])

        def fitting(chance: Random, value: str) -> str:
            return str(chance.choice([*ids, *numbers_of()]))

        found: dict[str, Any] = spoil_form(
            chance, {name: str(value) for name, value in form.items() if name not in files}, fitting
        )
        if chance.random() < 0.2:
            found |= {
                name: any_text(chance)
                for name in chance.sample(("ids", "carrier", "waybill", "until", "next", "select", "all", "step"), 2)
            }
        for name, file in files.items():
            found[name] = self._file(chance, file.read())
        return found

    def _file(self, chance: Random, body: bytes) -> SimpleUploadedFile:
        if chance.random() < 0.3:
            return SimpleUploadedFile("a.csv", body)
        name = plain(any_text(chance)[:80]).replace("\0", "")
        return SimpleUploadedFile(name or "a", spoil_bytes(chance, body) or b"x")

    def send(self, given: Asked, world: World) -> Answer:
        door = TABLE[given.route].door.partition(":")[0]
        client = world["clients"][door]
        cookies = client.cookies.copy()
        form = {name: plain(value) if isinstance(value, str) else value for name, value in given.form.items()}
        form = {plain(name): value for name, value in form.items()}
        if given.spoken is not None:
            if given.route in FIRST:
                client.post(reverse(FIRST[given.route]))
            answer = client.generic("POST", given.address, given.spoken, "application/json", headers=given.headers)
        else:
            send = client.get if given.method == "GET" else client.post
            answer = send(given.address, form, headers=given.headers)
        body = b"" if answer.streaming else answer.content
        answer.close()
        client.cookies = cookies
        shops = frozenset({world["shop"].id}) if door in ("shop", "courier", "buyer") else None
        return Answer(answer.status_code, answer.status_code >= 400, body.decode(errors="replace")[-300:], shops)
