"""The list of methods for docs/gateway.md, made from the registry: `python -m fahuo.api.top.manual`."""

from typing import Final

from fahuo.api.top.registry import METHODS, Method, Param

MARK: Final = "<!-- made from the registry by `python -m fahuo.api.top.manual`; a test compares -->"


def _param(param: Param) -> str:
    limits: list[str] = [param.kind]
    if param.required:
        limits.append("required")
    if param.most is not None:
        limits.append(f"at most {param.most}")
    if param.choices:
        limits.append(" / ".join(param.choices))
    if param.kind == "unused":
        limits = ["must be empty here"]
    return f"| `{param.name}` | {', '.join(limits)} | {param.en} |"


def section(method: Method) -> str:
    """One method as a section."""
    asks = f"session, permission `{method.act}`" if method.session else "no session"
    lines = [f"### `{method.name}`", "", f"{method.en}. {method.zh}。({asks})", ""]
    if method.params:
        lines += ["| parameter | kind | what for |", "| --- | --- | --- |", *map(_param, method.params), ""]
    lines.append(f"Answers: {', '.join(f'`{name}`' for name in method.answer)}, `request_id`.")
    for name, fields in method.fields.items():
        lines.append(f"Fields of `{name}`: {', '.join(fields)}.")
    return "\n".join(lines)


def manual() -> str:
    """All methods, by name."""
    return "\n\n".join(section(METHODS[name]) for name in sorted(METHODS)) + "\n"


def main() -> None:
    """Print it. Django must be set up: the methods' files read settings."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fahuo.settings")
    django.setup()
    from fahuo.api.top import methods  # noqa: F401  # the methods declare themselves

    print(manual(), end="")


if __name__ == "__main__":
    main()
