"""Labels as data: what is masked, what fields say, and that a template is read whole or refused by element, key, value."""

import json
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules.labels import FIELDS, SIZES, Goods, LabelData, Party, masked, read_template, standard, standard_text
from fahuo.rules.labels.fields import grouped
from fahuo.rules.labels.templates import KEYS, KINDS
from fahuo.rules.problems import Problem, Refusal
from fahuo.samples.labels import sample_labels

RECEIVER = Party("张三丰", "13812345678", "浙江省", "杭州市", "西湖区", "文三路 1 号 3 栋 2 单元 501 室")
DATA = LabelData(
    "ZTO", "75330000000501", RECEIVER, Party("小店", "0571-88990011", "上海", "上海市", "闵行区", "一路 2 号 3 室")
)
ONE = '[[element]]\nkind = "text"\nname = "甲"\nx = 1\ny = 1\nw = 10\nh = 5\n'


def problems(text: str) -> list[Problem]:
    with pytest.raises(Refusal) as refused:
        read_template(text)
    for problem in refused.value.problems:
        assert problem.sentence("zh")
        assert problem.sentence("en")
    return list(refused.value.problems)


def test_a_masked_label_keeps_no_whole_name_phone_or_room() -> None:
    data = masked(
        replace(
            DATA,
            memo="改地址 打 13987654321 或 0571-88990022，订单 3100000000343070295",
            buyer_message="我是 +86 139 8765 4321",
        )
    )
    assert (data.receiver.name, data.receiver.phone) == ("张**", "138******78")
    assert data.receiver.address.startswith("文三路 1 号")
    assert "501" not in data.receiver.address
    assert (data.receiver.province, data.receiver.city, data.receiver.district) == ("浙江省", "杭州市", "西湖区")
    assert (data.sender.name, data.sender.phone) == ("小*", "0571-******11")
    assert data.memo == "改地址 打 139******21 或 0571-******22，订单 3100000000343070295"
    assert "8765" not in data.buyer_message
    assert masked(data) == data


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=80), st.text(max_size=80))
def test_masking_is_total_and_stable(name: str, phone: str, address: str, memo: str) -> None:
    once = masked(replace(DATA, receiver=Party(name, phone, "", "", "", address), memo=memo))
    assert masked(once) == once
    assert len(name.strip()) < 2 or once.receiver.name != name.strip()


def test_what_fields_say() -> None:
    data = replace(DATA, goods=(Goods("杯", "白", 2), Goods("盘")), orders=("1", "2"), piece=2, pieces=3)
    said = {name: field.of(data) for name, field in FIELDS.items()}
    assert said["carrier"] == "中通快递"
    assert said["receiver_address"] == "浙江省杭州市西湖区文三路 1 号 3 栋 2 单元 501 室"
    assert said["sender_region"] == "上海市闵行区"
    assert said["goods"] == "杯 白 ×2；盘 ×1"
    assert (said["goods_kinds"], said["goods_count"], said["orders_count"]) == ("2", "3", "2")
    assert (said["piece"], said["pieces"], said["reprint"]) == ("2", "3", "")
    assert FIELDS["piece"].of(DATA) == FIELDS["orders_count"].of(DATA) == FIELDS["goods_count"].of(DATA) == ""


def test_numbers_are_grouped_from_the_right() -> None:
    assert grouped("75330000000501") == "75 3300 0000 0501"
    assert grouped("YT1000000000017") == "YT 1 0000 0000 0017"
    assert grouped("EA123456785CN") == "EA123456785CN"
    assert grouped("") == ""


@pytest.mark.parametrize("size", SIZES)
def test_standard_templates_are_of_their_size_and_use_what_a_label_has(size: str) -> None:
    template = standard(size)
    assert template.size == size
    said = standard_text(size)
    for name in (
        "carrier", "product", "printed_at", "waybill", "route_code", "mark", "hub_name", "receiver_name",
        "receiver_phone", "receiver_address", "sender_name", "sender_phone", "sender_address", "memo",
        "buyer_message", "orders", "shop", "piece", "pieces", "reprint",
    ):  # fmt: skip
        assert f"{{{name}}}" in said
    assert {"code128", "qr", "goods", "line", "text"} <= {
        line[8:-1] for line in said.splitlines() if line[:4] == "kind"
    }


def test_every_size_but_the_known_ones_is_unknown() -> None:
    with pytest.raises(KeyError):
        standard_text("../../policies/taobao")


def test_json_says_the_same_as_toml() -> None:
    element = {"kind": "text", "x": 1, "y": 2, "w": 30, "h": 5, "text": "{waybill}", "size": "3mm", "bold": True}
    as_toml = "\n".join(f"{key} = {json.dumps(value)}" for key, value in element.items())
    one = read_template(json.dumps({"size": "76x130", "element": [element]}))
    other = read_template(f'size = "76x130"\n[[element]]\n{as_toml}')
    assert (one.size, one.elements) == (other.size, other.elements)


def test_a_text_has_its_fields_and_braces() -> None:
    template = read_template(ONE + 'text = "{{{waybill}}} 到 {mark}"')
    element = template.elements[0]
    assert isinstance(element, KINDS["text"])
    values = dict.fromkeys(FIELDS, "") | {"waybill": "7"}
    assert element.text.filled(values) == "{7} 到 "  # type: ignore[union-attr]
    assert element.text.filled(dict.fromkeys(FIELDS, "")) == ""  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "code", "key", "value"),
    [
        (ONE + 'text = "{nobody}"', "label_field_unknown", "text", "{nobody}"),
        (ONE + 'text = "{waybill!r}"', "label_field_unknown", "text", "{waybill!r}"),
        (ONE + 'text = "{waybill"', "label_braces", "text", "{waybill"),
        (ONE + 'text = "{}"', "label_braces", "text", "{}"),
        (ONE + "text = 3", "label_text", "text", "3"),
        (ONE, "label_key_missing", "text", ""),
        (ONE + 'text = "a"\nsize = "9 feet"', "label_font_size", "size", "9 feet"),
        (ONE + 'text = "a"\nsize = 0.5', "label_font_size", "size", "0.5"),
        (ONE + 'text = "a"\nsize = nan', "label_font_size", "size", "nan"),
        (ONE + 'text = "a"\nbold = "yes"', "label_flag", "bold", "yes"),
        (ONE + 'text = "a"\nalign = "justify"', "label_choice", "align", "justify"),
        (ONE + 'text = "a"\nmax_lines = 1.5', "label_number", "max_lines", "1.5"),
        (ONE + 'text = "a"\nleading = inf', "label_number", "leading", "inf"),
        (ONE + 'text = "a"\nwhen = "weather"', "label_field_unknown", "when", "weather"),
        (ONE + 'text = "a"\ncolour = "red"', "label_key_unknown", "colour", ""),
        (ONE.replace("w = 10", "w = 76") + 'text = "a"', "label_outside", "w", "76.0"),
        (ONE.replace("x = 1", "x = true") + 'text = "a"', "label_number", "x", "True"),
        ('[[element]]\nkind = "line"\nx = 1\ny = 1\nw = 2\nh = 2', "label_line", "w, h", "2, 2"),
        ('[[element]]\nkind = "image"', "label_kind", "kind", "image"),
        ("element = [3]", "label_kind", "kind", ""),
        ('size = "A4"\n' + ONE, "label_template_size", "size", "A4"),
        ('size = "76x1000"\n' + ONE, "label_template_size", "size", "76x1000"),
        ('colour = "red"\n' + ONE + 'text = "a"', "label_key_unknown", "colour", ""),
        (f'title = "{"x" * 80}"\n' + ONE + 'text = "a"', "label_name", "title", "x" * 40 + "…"),
    ],
)  # fmt: skip
def test_a_slip_is_told_by_element_key_and_value(text: str, code: str, key: str, value: str) -> None:
    [problem] = problems(text)
    assert problem.code == code
    assert (problem.data["key"], problem.data["value"]) == (key, value)
    if "甲" in text and key not in ("size", "title", "colour") and code != "label_template_size":
        assert problem.data["element"] == "甲"


def test_all_slips_are_told_at_once() -> None:
    found = problems(ONE + 'text = "{nobody}"\nbold = 1\n' + ONE + 'align = "up"\n[[element]]\nkind = "image"\n')
    assert sorted(problem.code for problem in found) == [
        "label_choice", "label_field_unknown", "label_flag", "label_key_missing", "label_kind",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["", "x", "{", "[" * 5000, '{"element": ' + "[" * 30000, "a = " + "9" * 5000, "a=1\na=2", "\x00", "element = 3"],
)
def test_what_is_no_template_is_refused(text: str) -> None:
    assert problems(text)[0].code in ("label_template_malformed", "label_template_empty", "label_key_unknown")


def test_a_long_template_is_refused() -> None:
    assert problems("#" * 70_000)[0].code == "label_template_long"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["9pt", "3mm", "{waybill}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
NAMES = st.sampled_from(sorted({key for keys in KEYS.values() for key in keys} | {"kind", "color"}))
ELEMENTS = st.dictionaries(NAMES, VALUES, max_size=12) | st.builds(
    lambda kind, table: {"kind": kind, "x": 1, "y": 1, "w": 9, "h": 9, "text": "{waybill}"} | table,
    st.sampled_from(sorted(KEYS)), st.dictionaries(NAMES, VALUES, max_size=3),
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["size", "title", "other"]), VALUES, max_size=3),
    st.lists(ELEMENTS | VALUES, max_size=4),
)
def test_any_json_is_a_template_or_refused(top: dict[str, object], elements: list[object]) -> None:
    _is_read_or_refused(json.dumps({**top, "element": elements}))


@given(st.text(max_size=200) | st.text(alphabet=string.printable, max_size=200))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    _is_read_or_refused(text)


@given(st.integers(0, 2000), st.integers(0, 30), st.text(max_size=5))
def test_a_damaged_template_is_read_or_refused(at: int, length: int, put: str) -> None:
    text = standard_text()
    _is_read_or_refused(text[:at] + put + text[at + length :])


def _is_read_or_refused(text: str) -> None:
    try:
        template = read_template(text)
    except Refusal as refusal:
        for problem in refusal.problems:
            assert problem.sentence("zh")
            assert problem.sentence("en")
    else:
        assert template.elements


def test_samples_are_of_every_carrier_that_numbers_parcels() -> None:
    labels = list(sample_labels())
    assert len(labels) > 10
    assert len({label.carrier for label in labels}) == len(labels)
    assert list(sample_labels("nobody")) == []


@pytest.mark.parametrize("key", ["size", "leading", "x"])
def test_a_number_that_cannot_be_reckoned_with_is_refused(key: str) -> None:
    huge = f"{key} = {'9' * 400}\n"
    text = ONE.replace("x = 1\n", huge) if key == "x" else ONE + huge
    with pytest.raises(Refusal):
        read_template(f'{text}\ntext = "a"')
