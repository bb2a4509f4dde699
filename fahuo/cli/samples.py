"""fahuo samples: write sample files in every format the importer knows."""

from datetime import datetime
from pathlib import Path

import click

from fahuo.cli import desk
from fahuo.cli.language import say
from fahuo.samples import write
from fahuo.samples.exports import ZONE


@click.command("samples")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--at", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]), help="The moment the orders are seen at, in Shanghai; now, if left out.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed and moment give the same orders.")
@click.option("--orders", "count", type=click.IntRange(1, 100_000), default=300, show_default=True, help="Orders in the newest format.")  # fmt: skip
@desk.json_option
def command(folder: Path, at: datetime | None, seed: int, count: int, as_json: bool) -> None:
    """Write sample order lists, line lists, a carrier's returned sheet and faulty files into FOLDER.

    \b
    fahuo samples samples/
    fahuo samples --at 2026-03-02T12:00 --orders 5000 /tmp/samples
    """
    moment = at.replace(tzinfo=ZONE) if at else desk.now()
    written = write(folder, at=moment, seed=seed, count=count)
    names = [path.name for path in written]
    dirty = sum(name.startswith("dirty-") for name in names)
    desk.tell(
        as_json,
        {"folder": str(folder), "at": moment.isoformat(), "seed": seed, "files": names},
        *(str(path) for path in written if not path.name.startswith("dirty-")),
        say(f"另有 {dirty} 个带错误的文件（dirty-*）", f"and {dirty} files with faults (dirty-*)"),
    )
