"""The 菜鸟 print component: its template run by a JavaScript engine as the component does, its XML held to the print
language's published tags, attributes and styles, and what it draws compared with the page."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import dukpy
import pytest

from fahuo.printing import Page, cnprint, lay_out
from fahuo.printing.page import Bars, Frame, Ground, Matrix, Rule, Run
from fahuo.rules.labels import SIZES, masked, read_template, standard
from fahuo.samples.labels import sample_label

NAMESPACE = "{http://cloudprint.cainiao.com/print}"
ATTRIBUTES = {
    "page": {"width", "height", "splitable"},
    "layout": {"left", "top", "width", "height", "orientation", "id", "ref", "style"},
    "text": {"left", "top", "width", "height", "value", "style"},
    "line": {"startX", "startY", "endX", "endY", "style"},
    "rect": {"width", "height", "style"},
    "barcode": {"width", "height", "type", "ratioMode", "mode", "primary", "errorCorrection", "symbolSize", "style", "value"},
}  # fmt: skip
STYLES = {
    "layout": {"zIndex", "overflow", "backgroundColor", "borderWidth", "borderStyle", "margin", "padding"},
    "text": {
        "alpha", "align", "valign", "rotation", "direction", "orientation", "fontColor", "backgroundColor", "fontFamily",
        "fontSize", "fontWeight", "fontItalic", "fontUnderline", "lineHeight", "wrap",
    },
    "line": {"lineColor", "lineWidth", "lineType"},
    "rect": {"rotation", "fillColor", "borderWidth", "borderStyle"},
    "barcode": {"rotation", "hideText"},
}  # fmt: skip
"""As the print language's specification lists them (2025-05-27)."""


def run(template: str, data: object) -> ElementTree.Element:
    """What the component makes of a template: statements and expressions between <% and %> are ECMAScript 5."""
    script = ["var _data = dukpy['data']; var said = [];"]
    for place, part in enumerate(template.split("<%")):
        if not place:
            script.append(f"said.push({json.dumps(part)});")
            continue
        code, found, text = part.partition("%>")
        assert found, "a <% without its %>"
        script.append(f"said.push(String({code[1:]}));" if code.startswith("=") else code)
        script.append(f"said.push({json.dumps(text)});")
    script.append("said.join('')")
    return ElementTree.fromstring(dukpy.evaljs("\n".join(script), data=data))


def checked(page: Page) -> ElementTree.Element:
    """The XML of a page, held to the specification; all is on the paper."""
    document = cnprint.document(page, "7", "https://shop.example/cnprint.xml")
    [content] = document["contents"]
    root = run(cnprint.template(), json.loads(json.dumps(content["data"])))
    for element in root.iter():
        tag = element.tag.removeprefix(NAMESPACE)
        assert set(element.attrib) <= ATTRIBUTES[tag], tag
        styles = dict(style.split(":", 1) for style in element.get("style", "").split(";") if style)
        assert set(styles) <= STYLES.get(tag, set()), tag
        if tag == "layout":
            left, top, width, height = (float(element.attrib[name]) for name in ("left", "top", "width", "height"))
            assert left >= 0 <= top
            assert left + width <= page.width + 0.5
            assert top + height <= page.height + 0.5
    return root


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", range(7))
def test_everything_on_the_page_is_in_the_document(size: str, place: int) -> None:
    page = lay_out(standard(size), masked(sample_label("STO", place)))
    root = checked(page)
    assert (root.get("width"), root.get("height")) == tuple(size.split("x"))
    runs = [op for op in page.ops if isinstance(op, Run)]
    grounds = [op for op in page.ops if isinstance(op, Ground)]
    said = [element.text for element in root.iter(f"{NAMESPACE}text")]
    assert sorted(said) == sorted([*(run.text for run in runs), *(run.text for op in grounds for run in op.runs)])
    codes = [(element.get("type"), element.text) for element in root.iter(f"{NAMESPACE}barcode")]
    assert sorted(codes) == sorted(
        ("code128" if isinstance(op, Bars) else "qrcode", op.text) for op in page.ops if isinstance(op, Bars | Matrix)
    )
    drawn = len(list(root.iter(f"{NAMESPACE}rect"))) + len(list(root.iter(f"{NAMESPACE}line")))
    assert drawn == sum(isinstance(op, Rule | Frame | Ground) for op in page.ops)
    assert len(root) == len(said) + len(codes) + drawn


def test_texts_stand_where_the_page_has_them() -> None:
    page = lay_out(standard(), masked(sample_label("STO", 1)))
    for layout in checked(page):
        for element in layout.iter(f"{NAMESPACE}text"):
            left, top, height = (float(layout.attrib[name]) for name in ("left", "top", "height"))
            assert any(
                run.text == element.text and abs(run.x - left) < 0.01 and top < run.y - 0.37 * run.size < top + height
                for run in [
                    *(op for op in page.ops if isinstance(op, Run)),
                    *(run for op in page.ops if isinstance(op, Ground) for run in op.runs),
                ]
            )


def test_nothing_in_a_text_becomes_markup_or_script() -> None:
    template = read_template(
        '[[element]]\nkind = "text"\nx = 1\ny = 1\nw = 70\nh = 30\nmax_lines = 9\ntext = "{memo}"\n'
        '[[element]]\nkind = "box"\nx = 1\ny = 1\nw = 70\nh = 30\n'
    )
    nasty = "</text> ]]> <% throw 1 %> \"&amp;' <%= _data %>"
    root = checked(lay_out(template, replace(sample_label("STO", 0), memo=nasty)))
    said = " ".join(element.text or "" for element in root.iter(f"{NAMESPACE}text"))
    assert said == nasty.replace("]]>", "]] >")
    assert len(list(root.iter(f"{NAMESPACE}rect"))) == 1


def test_the_command_has_one_task() -> None:
    page = lay_out(standard(), masked(sample_label("STO", 1)))
    document = cnprint.document(page, "label-9", "https://shop.example/cnprint.xml")
    command = cnprint.print_command([document], task_id="job-3", request_id="r-1", printer="面单机")
    assert (command["cmd"], command["version"]) == ("print", "1.0")
    assert command["task"]["totalDocumentCount"] == 1
    assert command["task"]["documents"][0]["documentID"] == "label-9"
    assert command["task"]["notifyType"] == ["print"]
    json.dumps(command)
