"""fahuo upload-file: the marketplace's own batch-ship file of what a batch really shipped."""

from pathlib import Path

import click

from fahuo.cli import desk
from fahuo.cli.session import ready


@click.command("upload-file")
@click.option("--batch", "batch_id", type=int, required=True, help="The batch whose parcels the file names.")
@desk.shop_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File or folder; left out, the current folder.")
@desk.json_option
def command(batch_id: int, shop_code: str | None, output: Path | None, as_json: bool) -> None:
    """Write the file that the marketplace takes for batch shipping."""
    ready()
    from fahuo.services import batches

    actor = desk.desk(shop_code)
    name, body = batches.upload_file(actor, batch_id, now=desk.now())
    path = (output / name) if output and output.is_dir() else (output or Path(name))
    desk.put(path, body)
    desk.tell(as_json, {"batch": batch_id, "file": str(path), "bytes": len(body)}, f"batch {batch_id}: {path}")
