"""Pages for the 菜鸟 print component (CNPrint), which runs beside the browser and draws a template with a document's data.

Its print language (菜鸟云打印标记语言规范, CNPL, 2025-05-27) is XML with ECMAScript 5 between <% and %>. One template draws
every page of ours, because the page itself is the data: what stands where has been laid out here. The component sets the
texts in its own font (黑体), whose Chinese characters are as wide as ours and whose digits are narrower.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from fahuo.printing import fonts
from fahuo.printing.dots import INCH, barcode, qrcode
from fahuo.printing.page import Bars, Ground, Matrix, Op, Page, Rule, Run
from fahuo.rules.labels.elements import LEVELS, POINT

VERSION: Final = "1.0"
"""Of the component's protocol."""
_TEMPLATE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<page xmlns="http://cloudprint.cainiao.com/print" width="<%=_data.width%>" height="<%=_data.height%>" splitable="false">
<% for (var i = 0; i < _data.items.length; i++) { var it = _data.items[i]; %>
<layout left="<%=it.x%>" top="<%=it.y%>" width="<%=it.w%>" height="<%=it.h%>" style="zIndex:<%=i%>;">
<% if (it.kind == "text") { %>
<text width="<%=it.w%>" height="<%=it.h%>" style="fontFamily:黑体;fontSize:<%=it.size%>pt;fontWeight:<%=it.weight%>;\
fontColor:<%=it.color%>;align:left;valign:middle;wrap:false"><![CDATA[<%=it.text%>]]></text>
<% } else if (it.kind == "code128") { %>
<barcode width="<%=it.w%>" height="<%=it.h%>" type="code128" ratioMode="ignoreRatio" style="hideText:true">\
<![CDATA[<%=it.text%>]]></barcode>
<% } else if (it.kind == "qr") { %>
<barcode width="<%=it.w%>" height="<%=it.h%>" type="qrcode" ratioMode="keepRatio" errorCorrection="<%=it.level%>" \
style="hideText:true"><![CDATA[<%=it.text%>]]></barcode>
<% } else if (it.kind == "dashes") { %>
<line startX="0" startY="0" endX="<%=it.endX%>" endY="<%=it.endY%>" style="lineWidth:<%=it.stroke%>mm;lineType:dashed"/>
<% } else if (it.kind == "frame") { %>
<rect width="<%=it.w%>" height="<%=it.h%>" style="borderWidth:<%=it.stroke%>mm;borderStyle:solid"/>
<% } else { %>
<rect width="<%=it.w%>" height="<%=it.h%>" style="fillColor:#000000"/>
<% } %>
</layout>
<% } %>
</page>
"""

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Item = dict[str, Any]


def template() -> str:
    """The template that draws every page: what a document's `templateURL` must lead to, as XML in UTF-8."""
    return _TEMPLATE


def document(page: Page, document_id: str, template_url: str, dpi: int = 203) -> Item:
    """A document of the component's `print` command: the page as data, in millimetres."""
    data = {"width": page.width, "height": page.height, "items": [item for op in page.ops for item in _items(op, dpi)]}
    return {"documentID": document_id, "contents": [{"data": data, "templateURL": template_url}]}


def print_command(documents: list[Item], *, task_id: str, request_id: str, printer: str = "") -> Item:
    """The command `print`. One document a task is best: after a failure nobody must guess which of them came out.

    `printer` "": the default one. The component answers `notifyPrintResult` with the documentID of each.
    """
    return {
        "cmd": "print", "requestID": request_id, "version": VERSION,
        "task": {
            "taskID": task_id, "preview": False, "printer": printer, "notifyType": ["print"],
            "firstDocumentNumber": 1, "totalDocumentCount": len(documents), "documents": documents,
        },
    }  # fmt: skip


def _items(op: Op, dpi: int) -> Iterable[Item]:
    if isinstance(op, Run):
        yield _text(op, "#000000")
    elif isinstance(op, Ground):
        yield _placed("black", op.x, op.y, op.w, op.h)
        yield from (_text(run, "#FFFFFF") for run in op.runs)
    elif isinstance(op, Bars):
        mark = barcode(op, dpi)
        wide = mark.module * mark.symbol.modules * INCH / dpi
        yield _placed("code128", mark.x * INCH / dpi, op.y, wide, op.h, text=_said(op.text))
    elif isinstance(op, Matrix):
        code = qrcode(op, dpi)
        side = code.module * code.square.side * INCH / dpi
        x, y = code.x * INCH / dpi, code.y * INCH / dpi
        yield _placed("qr", x, y, side, side, text=_said(op.text), level=LEVELS.index(op.level))
    elif isinstance(op, Rule) and op.dash:
        level = op.w >= op.h
        yield _placed(
            "dashes", op.x, op.y, op.w, op.h, endX=round(op.w, 3) if level else 0, endY=0 if level else round(op.h, 3),
            stroke=round(min(op.w, op.h), 3),
        )  # fmt: skip
    elif isinstance(op, Rule):
        yield _placed("black", op.x, op.y, op.w, op.h)
    else:
        yield _placed("frame", op.x, op.y, op.w, op.h, stroke=round(op.stroke, 3))


def _text(run: Run, color: str) -> Item:
    height = run.size * 1.2
    return _placed(
        "text", run.x, run.y - fonts.MIDDLE * run.size - height / 2, run.w, height, text=_said(run.text),
        size=round(run.size / POINT, 2), weight="bold" if run.bold else "normal", color=color,
    )  # fmt: skip


def _placed(kind: str, x: float, y: float, w: float, h: float, **more: Any) -> Item:
    return {"kind": kind, "x": round(x, 3), "y": round(y, 3), "w": round(w, 3), "h": round(h, 3), **more}


def _said(text: str) -> str:
    """A text as it can stand in CDATA: without the section's end and without what XML does not allow."""
    return _NO_XML.sub("", text).replace("]]>", "]] >")
