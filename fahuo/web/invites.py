"""What 子账号 and 快递员账号 show alike: a page that the drawer shows as a part, a form, and the link by which a new person
chooses a password. `kind` is "people" or "couriers": the folder of the templates, and the name of the list's address.
"""

from typing import Any, Literal

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from fahuo.web.access import ShopRequest
from fahuo.web.session import toast
from fahuo.web.signin import lasts, link_of

Kind = Literal["people", "couriers"]


def framed(kind: Kind, request: ShopRequest, template: str, status: int = 200, **words: Any) -> HttpResponse:
    """A page, or only its part where the drawer asks for it."""
    drawn = request.htmx and request.htmx.target == "drawer-body"
    frame = f"{kind}/part.html" if drawn else f"{kind}/page.html"
    return render(request, template, {"section": "people", "frame": frame, **words}, status=status)


def link_shown(
    kind: Kind, request: ShopRequest, token: str, *, name: str, username: str, new: bool
) -> HttpResponse:  # fmt: skip
    """The link that a token opens, shown once."""
    return framed(
        kind, request, "people/link.html", name=name, username=username, link=link_of(request, token), lasts=lasts(),
        new=new, list=kind,
    )  # fmt: skip


def link_withdrawn(kind: Kind, request: ShopRequest, moved: bool, *, name: str) -> HttpResponse:
    """Back to the list, which says whether there was a link to withdraw."""
    said = gettext("“{name}”的链接已收回") if moved else gettext("“{name}”没有等待中的链接")
    return toast(request, redirect(kind, shop=request.shop.code), said.format(name=name))
