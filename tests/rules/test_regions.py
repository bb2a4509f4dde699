"""Addresses as sheets write them come apart into province, city, district, rest and the code of GB/T 2260."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fahuo.rules.regions import children, covers, name_of, postcode_of, provinces, split_address

HANGZHOU = ("浙江省", "杭州市", "西湖区", "文三路 1号", "330106")

COUNTIES = [code for province, _ in provinces() for city, _ in children(province) for code, _ in children(city)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("浙江省 杭州市 西湖区 文三路 1号", HANGZHOU),
        ("浙江省 杭州市 西湖区 文三路 1号 (310000)", HANGZHOU),
        ("浙江省杭州市西湖区文三路 1号, 310000", HANGZHOU),
        ("浙江省，杭州市，西湖区，文三路 1号（310000）", HANGZHOU),
        ("浙江 杭州 西湖区 文三路 1号", HANGZHOU),
        ("浙江 杭州 西湖 文三路 1号", HANGZHOU),
        ("浙江杭州西湖区文三路 1号", HANGZHOU),
        ("中国 浙江省 杭州市 西湖区 文三路 1号", HANGZHOU),
        ("杭州市西湖区文三路 1号", HANGZHOU),
        ("上海 上海市 浦东新区 世纪大道1号", ("上海市", "上海市", "浦东新区", "世纪大道1号", "310115")),
        ("上海市上海市浦东新区世纪大道", ("上海市", "上海市", "浦东新区", "世纪大道", "310115")),
        ("上海市 市辖区 浦东新区 世纪大道", ("上海市", "上海市", "浦东新区", "世纪大道", "310115")),
        ("重庆 重庆市 县 忠县 州屏街", ("重庆市", "重庆市", "忠县", "州屏街", "500233")),
        ("天津河北区中山路", ("天津市", "天津市", "河北区", "中山路", "120105")),
        ("内蒙古自治区 呼和浩特市 新城区 A街", ("内蒙古自治区", "呼和浩特市", "新城区", "A街", "150102")),
        ("广西 南宁 青秀区 A路", ("广西壮族自治区", "南宁市", "青秀区", "A路", "450103")),
        ("香港特别行政区 香港岛 中西区 A道", ("香港特别行政区", "香港岛", "中西区", "A道", "810000")),
        ("台湾省 台北市 大安区 A路", ("台湾省", "台北市", "大安区", "A路", "710000")),
        ("广东省 东莞市 东莞市 长安镇 A路", ("广东省", "东莞市", "长安镇", "A路", "441900")),
        ("广东省东莞市长安镇A路", ("广东省", "东莞市", "", "长安镇A路", "441900")),
        ("江苏省 苏州市 工业园区 A街", ("江苏省", "苏州市", "工业园区", "A街", "320500")),
        ("湖北省 省直辖县级行政区划 仙桃市 A街", ("湖北省", "仙桃市", "仙桃市", "A街", "429004")),
        ("湖北省 仙桃市 仙桃市 A街", ("湖北省", "仙桃市", "仙桃市", "A街", "429004")),
        ("四川省 资阳市 简阳市 A街", ("四川省", "资阳市", "简阳市", "A街", "510185")),
        ("浙江省 义乌市 A街", ("浙江省", "金华市", "义乌市", "A街", "330782")),
        ("吉林市船营区A街", ("吉林省", "吉林市", "船营区", "A街", "220204")),
        ("吉林 吉林 船营区 A街", ("吉林省", "吉林市", "船营区", "A街", "220204")),
        ("河北省 承德县 A镇", ("河北省", "承德市", "承德县", "A镇", "130821")),
        ("江苏淮安淮安区A街", ("江苏省", "淮安市", "淮安区", "A街", "320803")),
        ("青海 海南 共和县 A街", ("青海省", "海南藏族自治州", "共和县", "A街", "632521")),
        ("浙江省 杭州市", ("浙江省", "杭州市", "", "", "330100")),
        ("浙江省", ("浙江省", "", "", "", "330000")),
    ],
)
def test_an_address_comes_apart(text: str, parts: tuple[str, ...]) -> None:
    assert split_address(text) == parts


@pytest.mark.parametrize("text", ["", "朝阳区建国路", "南京东路100号", "上海路100号", "海南路3号", "收货人自提"])
def test_what_names_no_region_is_left_whole(text: str) -> None:
    assert split_address(text) == ("", "", "", text, "")


def test_every_county_is_found_under_its_full_name() -> None:
    for code in COUNTIES:
        spaced, tight = f"{name_of(code)} 路1号", f"{name_of(code)}路1号".replace(" ", "")
        assert split_address(spaced)[3:] == ("路1号", code)
        assert split_address(tight)[3:] == ("路1号", code)


@given(st.text(max_size=40) | st.text(alphabet="浙江省杭州市西湖区上海 ,(310000)县东莞", max_size=40))
def test_any_text_splits(text: str) -> None:
    split = split_address(text)
    assert split.region == "" or name_of(split.region)
    assert len(split.rest) <= len(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [("A路 (310000)", "310000"), ("A路, 310000", "310000"), ("A路（000000）", ""), ("A路123456", ""), ("A路", "")],
)
def test_the_postcode_stands_at_the_end(text: str, code: str) -> None:
    assert postcode_of(text) == code


def test_codes_have_names() -> None:
    assert name_of("330106") == "浙江省 杭州市 西湖区"
    assert name_of("330106", full=False) == "西湖区"
    assert name_of("310115") == "上海市 浦东新区"
    assert name_of("33") == "浙江省"
    assert name_of("999999") == name_of("") == ""
    assert len(provinces()) == 34
    assert ("330100", "杭州市") in children("33")
    assert ("429004", "仙桃市") in children("420000")


@pytest.mark.parametrize(
    ("area", "region", "inside"),
    [
        ("31", "310115", True), ("310000", "310115", True), ("3301", "330106", True), ("330100", "330106", True),
        ("330106", "330106", True), ("330106", "330105", False), ("33", "310115", False), ("", "310115", False),
        ("31", "", False), ("330106", "330100", False),
    ],
)  # fmt: skip
def test_an_area_covers_what_lies_in_it(area: str, region: str, inside: bool) -> None:
    assert covers(area, region) is inside
