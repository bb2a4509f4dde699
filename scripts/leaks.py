#!/usr/bin/env python3
"""Looks for secrets in what git keeps: `python scripts/leaks.py [FILE …]`. Exit code 1 names each place.

The patterns are those of detect-secrets (keys of clouds, forges, chats and payment services, private keys, JWT, passwords
in addresses), asked over whole files instead of line by line, which takes a second instead of a minute; and long literals
that are called a password, secret, token or key. A line that is none says why with `pragma: allowlist secret`.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import RegexBasedDetector

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = re.compile(r"\.(?:po|lock)\Z|(?:\A|/)(?:uv\.txt|package-lock\.json)\Z")
"""Hashes and translations by the thousand; no hand writes these."""
LEFT_OUT = {"IPPublicDetector", "IbmCloudIamDetector", "IbmCosHmacDetector", "SoftlayerDetector", "CloudantDetector"}
"""Detectors that look for no secret, or slowly for keys of services that nothing here speaks to."""
CALLED = re.compile(
    r"""(?ix) (?: password | passwd | secret | token | api_?key | private_?key ) [\w.-]* ["']? \s* [:=] \s*
    ["'] (?= [^"'\n]* \d ) (?= [^"'\n]* [a-z] ) [a-z0-9+/_=.-]{24,} ["']"""
)
ALLOWED = re.compile(
    r"pragma: allowlist secret|//[^/@\s]*:(?:password|secret|pw|%s|p|p%40ss|密码|password@host|\{\w*\}|\$\{?\w+\}?|\.\.\.|…)@"
)
"""A line that says it holds none; an address whose password is a word that stands for one."""


def patterns() -> list[tuple[str, re.Pattern[str]]]:
    """(what it finds, how it looks)."""
    found = [("Named literal", CALLED)]
    for kind, plugin in get_mapping_from_secret_type_to_class().items():
        if issubclass(plugin, RegexBasedDetector) and plugin.__name__ not in LEFT_OUT:
            found += [(kind, pattern) for pattern in plugin().denylist]
    return found


def kept_by_git() -> list[Path]:
    """Every file that git keeps, or would with the next `git add`."""
    asked = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(asked, capture_output=True, check=True, text=True).stdout.split("\0")
    return [ROOT / name for name in names if name and not SKIPPED.search(name)]


def leaks(files: Sequence[Path]) -> Iterator[tuple[Path, int, str]]:
    """(file, line, what it looks like) of each secret. The secret itself is not repeated."""
    known = patterns()
    for file in files:
        try:
            text = file.read_text("utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        seen = set()
        for kind, pattern in known:
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                if line not in seen and not ALLOWED.search(text.splitlines()[line - 1]):
                    seen.add(line)
                    yield file, line, kind


def main(names: Sequence[str]) -> int:
    """Look into these files, or all; 1 when something was found."""
    found = list(leaks([Path(name) for name in names] or kept_by_git()))
    for file, line, kind in found:
        print(f"{file}:{line}: {kind}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
