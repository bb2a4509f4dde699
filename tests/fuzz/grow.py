"""Inputs from a grammar: JSON from the schema of a shape, mostly as described, now and then not."""

from collections.abc import Mapping
from random import Random
from typing import Any, Final

from tests.fuzz.spoil import any_text, any_value

SLIP: Final = 0.06
"""How often a value is none of what its schema says."""
DEEPEST: Final = 8


class Grammar:
    """Values after JSON schemas. `known`: texts and ids that name something, by which a value may happen to fit."""

    def __init__(self, components: Mapping[str, Any], texts: list[str], ids: list[int]) -> None:
        self.components, self.texts, self.ids = components, texts, ids

    def grow(self, chance: Random, schema: Mapping[str, Any], deep: int = 0) -> Any:
        if chance.random() < SLIP or deep > DEEPEST:
            return any_value(chance)
        if "$ref" in schema:
            return self.grow(chance, self.components[schema["$ref"].rpartition("/")[2]], deep)
        for name in ("anyOf", "oneOf"):
            if name in schema:
                return self.grow(chance, chance.choice(schema[name]), deep + 1)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return chance.choice(schema["enum"])
        return self._typed(chance, schema, deep)

    def _typed(self, chance: Random, schema: Mapping[str, Any], deep: int) -> Any:
        kind = schema.get("type")
        if kind == "object":
            return self._object(chance, schema, deep)
        if kind == "array":
            few = chance.choice((0, 1, 1, 2, 3, 12))
            few = max(min(few, schema.get("maxItems", few)), schema.get("minItems", 0))
            return [
                self.grow(chance, schema.get("items") or schema.get("prefixItems", [{}])[0], deep + 1)
                for _ in range(few)
            ]
        if kind == "string":
            return self._text(chance, schema)
        if kind in ("integer", "number"):
            return self._number(chance, schema)
        return {"boolean": chance.random() < 0.5, "null": None}.get(str(kind)) if kind else any_value(chance)

    def _object(self, chance: Random, schema: Mapping[str, Any], deep: int) -> dict[str, Any]:
        needed = set(schema.get("required", ()))
        found = {
            name: self.grow(chance, each, deep + 1) for name, each in schema.get("properties", {}).items()
            if name in needed or chance.random() < 0.4
        }  # fmt: skip
        more = schema.get("additionalProperties")
        if isinstance(more, Mapping) and not found:
            found = {self._text(chance, {}): self.grow(chance, more, deep + 1) for _ in range(chance.randrange(4))}
        return found

    def _text(self, chance: Random, schema: Mapping[str, Any]) -> str:
        if schema.get("format") == "date-time":
            return chance.choice(
                ("2026-03-02T12:00:00Z", "2030-01-01T00:00:00+08:00", "1999-12-31T23:59:60Z", "0001-01-01T00:00:00Z")
            )
        if schema.get("format") == "date":
            return chance.choice(("2026-03-02", "2024-02-29", "0001-01-01", "9999-12-31"))
        text = chance.choice(self.texts) if chance.random() < 0.6 else any_text(chance)
        return text[: schema.get("maxLength", len(text))].ljust(schema.get("minLength", 0), "x")

    def _number(self, chance: Random, schema: Mapping[str, Any]) -> Any:
        low = schema.get("minimum", schema.get("exclusiveMinimum", -5) + ("exclusiveMinimum" in schema))
        high = schema.get("maximum", max(low, 10) * 1_000)
        if chance.random() < 0.5:
            return chance.choice(self.ids)
        return chance.choice((low, high, chance.randint(int(low), int(max(low, high)))))
