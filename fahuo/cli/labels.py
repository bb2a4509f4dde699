"""fahuo labels: labels as a file, in a printer's language or as PDF or picture."""

import itertools
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from click.core import ParameterSource

from fahuo import printing, settings
from fahuo.cli import desk
from fahuo.cli.language import language, say
from fahuo.rules.carriers import find
from fahuo.rules.labels import DEFAULT_SIZE, SIZES, LabelData, Template, masked, read_template, standard
from fahuo.rules.print_jobs import DOTS
from fahuo.rules.problems import Problem, Refusal


@click.command("labels")
@click.option("--format", "form", type=click.Choice(list(printing.FORMATS)), default="pdf", show_default=True, help="PDF, picture, or a printer's language.")  # fmt: skip
@click.option("--size", type=click.Choice(SIZES), default=DEFAULT_SIZE, show_default=True, help="Millimetres: whose standard template to take.")  # fmt: skip
@click.option("--dpi", type=click.Choice([str(dots) for dots in DOTS]), default=str(DOTS[0]), show_default=True, help="Dots per inch of the printer.")  # fmt: skip
@click.option("--template", "template_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A template of your own (TOML or JSON) instead of the standard one.")  # fmt: skip
@click.option("--orders", "orders_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The labels of these orders: numbers one a line, or an order sheet.")  # fmt: skip
@click.option("--batch", "batch_id", type=int, help="The labels of a batch's orders, row by row.")
@click.option("--make", is_flag=True, help="Orders without a label get one, and its number.")
@desk.shop_option
@click.option("--sample", is_flag=True, help="Made-up labels, one of every carrier.")
@click.option("--carrier", help="With --sample: of this carrier alone.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File; for several pictures, a folder.")  # fmt: skip
@desk.json_option
@click.pass_context
def command(
    context: click.Context, form: str, size: str, dpi: str, template_file: Path | None, orders_file: Path | None,
    batch_id: int | None, make: bool, shop_code: str | None, sample: bool, carrier: str | None, output: Path,
    as_json: bool,
) -> None:  # fmt: skip
    """Write labels, the same bytes as a printer would get. Names, phones and addresses are masked (GB/T 41833-2022).

    Of orders, what is blocked or has no label is named and left out: exit status 1. Their template is that of the
    contract or the shop, unless --size or --template says otherwise. Nothing counts as printed.

    \b
    fahuo labels --shop lancao --batch 4711 --format zpl -o labels.zpl
    fahuo labels --shop lancao --orders orders.txt --make -o labels.pdf
    fahuo labels --sample -o labels.pdf
    fahuo labels --sample --carrier 中通 --format zpl --dpi 300 -o label.zpl
    fahuo labels --sample --format png --template mine.toml -o pictures/
    """
    own = context.get_parameter_source("size") is not ParameterSource.DEFAULT or template_file is not None
    template = read_template(template_file.read_text("utf-8", "replace")) if template_file else standard(size)
    if orders_file or batch_id is not None:
        from fahuo.cli.label_orders import write_orders

        write_orders(
            shop_code, orders_file, batch_id, make, template if own else None, form, int(dpi), output, as_json
        )  # fmt: skip
        return
    if not sample:
        raise Refusal.of("labels_which")
    count, warnings = write_labels(_samples(carrier), template, form, int(dpi), output)
    told = [f"{problem.sentence(language())}（{times}）" for problem, times in warnings]
    desk.tell(
        as_json,
        {
            "file": str(output), "format": form, "size": template.size, "dpi": int(dpi), "labels": count,
            "warnings": [problem.as_dict() | {"labels": times} for problem, times in warnings],
        },
        say(f"{output}：{count} 张面单", f"{output}: {count} labels"), *told,
    )  # fmt: skip


def _samples(carrier: str | None) -> Iterator[LabelData]:
    from fahuo.samples.labels import sample_labels

    if carrier is None:
        return sample_labels()
    found = find(carrier)
    labels = list(sample_labels(found.code)) if found else []
    if not labels:
        raise Refusal.of("labels_no_carrier", carrier=carrier)
    return iter(labels)


def write_labels(
    labels: Iterable[LabelData], template: Template, form: str, dpi: int, output: Path
) -> tuple[int, list[tuple[Problem, int]]]:
    """Write labels, masked, to a file, whole or not at all; pictures one by one into a folder when there are several.

    How many, and what the layout warns of with the number of labels that it befell.
    """
    printing.add_fonts(settings.DATA / "fonts")
    met: Counter[tuple[str, tuple[tuple[str, object], ...]]] = Counter()
    problems: dict[tuple[str, tuple[tuple[str, object], ...]], Problem] = {}

    def pages() -> Iterator[printing.Page]:
        for label in labels:
            page = printing.lay_out(template, masked(label))
            for problem in page.warnings:
                key = (problem.code, tuple(sorted(problem.data.items())))
                problems[key] = problem
                met[key] += 1
            yield page

    count = put_pages(pages(), form, dpi, output)
    return count, [(problems[key], times) for key, times in met.most_common()]


def put_pages(pages: Iterator[printing.Page], form: str, dpi: int, output: Path) -> int:
    """Write pages to a file, whole or not at all; pictures one by one into a folder when there are several. How many."""
    if form == "png":
        first = list(itertools.islice(pages, 2))
        if output.is_dir() or len(first) > 1:
            output.mkdir(parents=True, exist_ok=True)
            count = 0
            for count, page in enumerate(itertools.chain(first, pages), 1):
                desk.put(output / f"label-{count:04d}.png", printing.encode(page, form, dpi))
            return count
        pages = iter(first)
    part = output.with_name(output.name + ".part")
    try:
        with part.open("wb") as sink:
            count = printing.write(pages, form, dpi, sink)
        os.replace(part, output)
    finally:
        part.unlink(missing_ok=True)
    return count
