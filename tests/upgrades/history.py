KNOWN: dict[str, list[str]] = {}
