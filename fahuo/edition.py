"""Which edition of the static files this is."""

import hashlib
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path


def edition(web: Path) -> str:
    """What the static files' addresses hold, so that a browser may keep them for ever and never shows old ones: a digest
    of the files, ours (below `web`) and htmx, and the version of the documents' reader. No step beforehand, no list of files.
    """
    htmx = find_spec("django_htmx")
    known = hashlib.blake2b(version("drf-spectacular-sidecar").encode(), digest_size=5)
    for place in (web, *map(Path, (htmx and htmx.submodule_search_locations) or ())):
        for file in sorted((place / "static").rglob("*.*")):
            known.update(file.name.encode() + file.read_bytes())
    return known.hexdigest()
