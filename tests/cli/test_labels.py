"""fahuo labels: files in every language, of sample labels, on a shop's own template."""

import json
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from fahuo.cli.labels import command
from fahuo.rules.problems import Refusal
from fahuo.samples.labels import sample_labels
from tests.printing import pictures, readers


def call(*words: str) -> Result:
    return CliRunner().invoke(command, [*words], catch_exceptions=False)


def refused(*words: str) -> str:
    with pytest.raises(Refusal) as refusal:
        call(*words)
    return refusal.value.problems[0].code


def test_a_document_has_a_page_for_every_carrier(tmp_path: Path) -> None:
    path = tmp_path / "labels.pdf"
    done = call("--sample", "--size", "100x150", "-o", str(path), "--json")
    told = json.loads(done.output)
    assert told["labels"] == len(list(sample_labels()))
    assert told["size"] == "100x150"
    assert len(pypdfium2.PdfDocument(path.read_bytes())) == told["labels"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["labels.pdf"]
    assert all(problem["labels"] >= 1 and problem["code"].startswith("label_") for problem in told["warnings"])


def test_a_carrier_by_its_name_in_a_printers_language(tmp_path: Path) -> None:
    path = tmp_path / "label.tspl"
    done = call("--sample", "--carrier", "中通", "--format", "tspl", "--dpi", "300", "-o", str(path))
    assert "1" in done.output
    [label] = readers.tspl(path.read_bytes(), 300)
    [sample] = sample_labels("ZTO")
    assert ("Code 128", sample.waybill) in pictures.codes(label)


def test_pictures_go_one_by_one_into_a_folder_or_alone_into_a_file(tmp_path: Path) -> None:
    call("--sample", "--format", "png", "-o", str(tmp_path / "all"))
    assert len(list((tmp_path / "all").glob("label-*.png"))) == len(list(sample_labels()))
    call("--sample", "--carrier", "SF", "--format", "png", "-o", str(tmp_path / "one.png"))
    assert Image.open(tmp_path / "one.png").size == (607, 1038)


def test_a_template_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'size = "60x40"\n[[element]]\nkind = "code128"\nx = 1\ny = 1\nw = 58\nh = 20\ntext = "{waybill}"\n', "utf-8"
    )
    call("--sample", "--carrier", "YTO", "--template", str(mine), "--format", "png", "-o", str(tmp_path / "one.png"))
    assert Image.open(tmp_path / "one.png").size == (479, 319)
    mine.write_text('[[element]]\nkind = "text"', "utf-8")
    assert refused("--sample", "--template", str(mine), "-o", str(tmp_path / "a.pdf")) == "label_key_missing"
    assert not (tmp_path / "a.pdf").exists()


def test_labels_must_be_said(tmp_path: Path) -> None:
    assert refused("-o", str(tmp_path / "a.pdf")) == "labels_which"
    assert refused("--sample", "--carrier", "nobody", "-o", str(tmp_path / "a.pdf")) == "labels_no_carrier"
