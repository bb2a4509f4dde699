"""Printing: jobs, labels, printers, templates, papers. The example has a job for each way to print, and nothing is printed."""

from datetime import datetime
from typing import Any, Final

from fahuo.rules.labels import standard_text
from fahuo.rules.people import Actor
from fahuo.services import label_templates, labels, page_printing, print_jobs
from fahuo.services.labels import Made
from fahuo.store.models import Shop
from tests.routes.kinds import NONE, Route
from tests.routes.kinds import route as _r
from tests.services.presses import make_printer
from tests.services.shipping import make_order
from tests.services.stocks import buy, make_contract

SEES: Final = "shop:view_labels"
MAKES: Final = "shop:make_labels"
SETS: Final = "shop:manage_printers"
PAPERS: Final = "shop:print_papers"
TABLE: Final[dict[str, Route]] = {
    "print-jobs": _r(SEES),
    "print-job": _r(SEES, 200, NONE, "job_id"),
    "print-job-hold": _r(MAKES, NONE, 302, "job_id"),
    "print-job-resume": _r(MAKES, NONE, 302, "job_id"),
    "print-job-cancel": _r(MAKES, NONE, 302, "job_id"),
    "print-job-answer": _r(MAKES, NONE, 302, "job_id", out="yes"),
    "print-job-browser": _r(MAKES, NONE, 302, "browser_job"),
    "print-job-pdf": _r(MAKES, 200, NONE, "browser_job"),
    "component": _r(MAKES, 200, NONE, "component_job"),
    "component-next": _r(MAKES, NONE, 200, "component_job"),
    "component-said": _r(MAKES, NONE, 409, "component_job"),
    "component-lost": _r(MAKES, NONE, 200, "component_job"),
    "component-template": _r("public", 200, NONE),
    "labels": _r(SEES),
    "labels-print": _r(MAKES, NONE, 302, ids="{free_label}", printer="{printer_id}"),
    "labels-void": _r(MAKES, NONE, 302, ids="{free_label}", reason="x"),
    "label": _r(SEES, 200, NONE, "label_id"),
    "label-picture": _r(SEES, 200, NONE, "label_id"),
    "orders-labels": _r(MAKES, NONE, 200, ids="{unlabelled}"),
    "orders-labels-make": _r(MAKES, NONE, 302, ids="{unlabelled}", contract="{label_contract}", printer="{printer_id}"),
    "order-label-enter": _r(MAKES, NONE, 422, "order_id", contract="{label_contract}", waybill="x"),
    "order-label-void": _r(MAKES, NONE, 302, "order_id", label="{free_label}", reason="x"),
    "printers": _r(SETS),
    "printer-new": _r(SETS, 200, 302, name="新", kind="browser", language="pdf", dpi="203", acknowledge="person"),
    "printer": _r(SETS, 200, 422, "printer_id"),
    "printer-test": _r(SETS, NONE, 422, "browser_printer"),
    "printer-look": _r(SETS, NONE, 302, "browser_printer"),
    "printer-active": _r(SETS, NONE, 302, "printer_id", on="0"),
    "label-templates": _r(SETS),
    "label-template-new": _r(SETS, 200, 422),
    "label-template": _r(SETS, 200, 422, "template_id"),
    "label-template-preview": _r(SETS, NONE, 422),
    "label-template-standard": _r(SETS, NONE, 302, "template_id"),
    "label-template-drop": _r(SETS, NONE, 302, "template_id"),
    "pick-list": _r(PAPERS, NONE, 200, ids="{order_id}"),
    "packing-slips": _r(PAPERS, NONE, 200, ids="{order_id}"),
}


def example(world: dict[str, Any], shop: Shop, owner: Actor, now: datetime) -> dict[str, Any]:
    """Orders with labels of a contract that has numbers; printers and jobs of each kind; a template."""
    contract = make_contract(shop.id, "面单用", now=now, position=9)
    buy(owner, contract, 9, first="75330000009001", now=now)
    orders = [make_order(shop.id, 7000 + n, now=now) for n in range(5)]
    made = labels.make(owner, orders[:4], contract_id=contract.id, now=now)
    ids = [each.label_id for each in made if isinstance(each, Made)]
    printers = [
        make_printer(shop.id, "机一", host="192.168.1.60"),
        make_printer(shop.id, "机二", kind="browser", language="pdf", acknowledge="person"),
        make_printer(shop.id, "机三", kind="cnprint", language="pdf"),
    ]
    jobs = [
        print_jobs.make(owner, [label], printer_id=printer.id, now=now).job_id
        for label, printer in zip(ids, printers, strict=False)
    ]
    page_printing.take_some(owner, jobs[1] or 0, now=now)
    return {
        "job_id": jobs[0], "browser_job": jobs[1], "component_job": jobs[2], "label_id": ids[0], "free_label": ids[3],
        "unlabelled": orders[4], "label_contract": contract.id, "printer_id": printers[0].id,
        "browser_printer": printers[1].id,
        "template_id": label_templates.keep(owner, name="样", body=standard_text(), now=now),
    }  # fmt: skip
