"""Personal data is hidden as far as GB/T 41833-2022 asks, and masking twice is masking once."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fahuo.rules.masking import mask_address, mask_name, mask_phone, mask_sample


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"), ("欧阳修", "欧**"), ("李", "*"), ("", ""), (" 王小明 ", "王**"), ("Smith", "S***"),
        ("tb1234567_2013", "t***"), ("张**", "张**"), ("*", "*"), ("t**", "t**"), ("阿卜杜热合曼·买买提", "阿***"),
    ],
)  # fmt: skip
def test_a_name_keeps_its_first_character(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138******78"),
        ("138 1234 5678", "138******78"),
        ("+86 138-1234-5678", "138******78"),
        ("008613812345678", "138******78"),
        ("138****5678", "138******78"),
        ("13812345678-1234", "138******78-****"),
        ("13812345678转1234", "138******78-****"),
        ("0571-88990011", "0571-******11"),
        ("0571-8899001", "0571-******1"),
        ("(010)-88990011", "010-******11"),
        ("010-88990011-801", "010-******11-***"),
        ("057188990011", "057*******11"),
        ("88990011", "******11"),
        ("8899001", "******1"),
        ("95338", "*****"),
        ("１３８１２３４５６７８", "138******78"),
        ("13812345678/13912345678", "138**********78"),
        ("无", "*"),
        ("", ""),
    ],
)
def test_a_phone_hides_six_digits(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("文三路100号云栖小区3栋2单元501室", "文三路100号云栖小区3栋***"),
        ("浙江省 杭州市 西湖区 文三路 3幢1单元202", "浙江省 杭州市 西湖区 文三路 3幢***"),
        ("科技园A座1203", "科技园A座***"),
        ("文三路100号501室", "文三路100号***"),
        ("龙阳路100弄5号501", "龙阳路100弄5号***"),
        ("龙阳路100弄5号", "龙阳路100弄***"),
        ("翠苑四区3-2-501", "翠苑四区***"),
        ("创业大厦十二层", "创业大厦***"),
        ("王家村3组12号", "王家村***"),
        ("河南省三门峡市湖滨区黄河路1号院5号楼3门", "河南省三门峡市湖滨区黄河路1号院***"),
        ("阿里中心前台", "阿里中***"),
        ("Room 501, Building 3, Nanshan", "***"),
        ("西湖区", "西***"),
        ("…3栋***", "…3栋***"),
        ("文三路***", "文三路***"),
        ("", ""),
    ],
)
def test_an_address_hides_unit_and_room(address: str, masked: str) -> None:
    assert mask_address(address) == masked


TEXTS = st.text(alphabet=st.sampled_from("0123456789*-+ 转张三路号栋单元室楼村ABx()/,—区层"), max_size=30) | st.text(
    max_size=20
)


@given(TEXTS)
@example("138******78-****")
def test_masking_twice_is_masking_once(text: str) -> None:
    for mask in (mask_name, mask_phone, mask_address):
        assert mask(mask(text)) == mask(text)


@given(st.from_regex(r"(\+86 )?1[3-9]\d{9}([-转]\d{3,4})?|0\d{2,3}-\d{7,8}(-\d{2,4})?|\d{7,15}", fullmatch=True))
def test_at_least_six_digits_are_gone(phone: str) -> None:
    assert sum(c.isdigit() for c in phone) - sum(c.isdigit() for c in mask_phone(phone)) >= 6


@given(building=st.integers(1, 99), unit=st.integers(1, 9), floor=st.integers(1, 33), room=st.integers(1, 9))
def test_unit_and_room_never_show(building: int, unit: int, floor: int, room: int) -> None:
    masked = mask_address(f"文三路滨河小区{building}栋{unit}单元{floor}{room:02}室")
    assert masked == f"文三路滨河小区{building}栋***"
    assert mask_address(f"滨河小区{unit}单元{floor}{room:02}室") == "滨河小区***"


@given(st.text(min_size=1).filter(lambda text: text.strip() and "*" not in text))  # what is masked stays as it is
def test_something_is_always_hidden(text: str) -> None:
    for mask in (mask_name, mask_address):
        assert mask(text) != text


@pytest.mark.parametrize("run", ["1", "A", "一", "1-", "1 ", "号", "路", "*"])
def test_a_cell_full_of_one_thing_comes_to_an_end(run: str) -> None:
    for mask in (mask_address, mask_phone):
        masked = mask(run * 16_000)
        assert mask(masked) == masked


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("张小明", "张**"), ("圆通速递", "圆***"), ("John Smith", "J***"), ("17012345678", "170******78"),
        ("17012345678转1234", "170******78-****"), ("0571-88990011", "0571-******11"), ("8899001", "******1"),
        ("30019000000000001", "30019000000000001"), ("75300000000001", "75300000000001"), ("59.80", "59.80"),
        ("2026-03-01 10:01:00", "2026-03-01 10:01:00"), ("20", "20"), ("", ""), ("手工陶瓷杯 大号 白", "手工陶瓷杯 大号 白"),
        ("浙江省 杭州市 西湖区 花园路9号3栋501室", "浙江省 杭州市 西湖区 花园路9号3栋*…"),
        ("请在下午送货，不要打电话，放在门口的柜子里就好，谢谢", "请在下午送货，不要打电话，放在门口的柜子…"),
    ],
)  # fmt: skip
def test_a_sample_tells_what_a_column_is_and_names_nobody(cell: str, shown: str) -> None:
    assert mask_sample(cell) == shown
