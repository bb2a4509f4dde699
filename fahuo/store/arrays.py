"""Long lists as PostgreSQL array text, for statements over ten thousand rows: several times faster than as a list."""

from collections.abc import Sequence


def ids(values: Sequence[int]) -> str:
    """Integers, for a `::bigint[]` or `::int[]`."""
    return f"{{{','.join(map(str, values))}}}"


def texts(values: Sequence[str]) -> str | list[str]:
    """Texts, for a `::text[]`. The list itself, for the driver to quote, unless every one is plain letters and digits."""
    if not all(map(str.isalnum, values)):
        return list(values)
    joined = ",".join(values)
    return list(values) if "null" in joined.lower() else f"{{{joined}}}"
