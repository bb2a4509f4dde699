"""What a shop knows of its SKUs: kept by sets, read by pages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fahuo.store import arrays, sql
from fahuo.store.models import Sku

KNOWN = """
SELECT code, title, barcode, shelf, grams FROM skus WHERE shop_id = %(shop_id)s AND code = ANY(%(codes)s::text[])
"""


def known(shop_id: int, codes: Sequence[str]) -> dict[str, Any]:
    """Those of these SKUs that are known, by code."""
    return {row.code: row for row in sql.fetch(KNOWN, shop_id=shop_id, codes=arrays.texts(codes))}


KEEP = """
INSERT INTO skus AS s (shop_id, code, title, barcode, shelf, grams)
SELECT %(shop_id)s, a.code, COALESCE(a.title, ''), COALESCE(a.barcode, ''), COALESCE(a.shelf, ''), a.grams
FROM unnest(%(codes)s::text[], %(titles)s::text[], %(barcodes)s::text[], %(shelves)s::text[], %(grams)s::int[])
    WITH ORDINALITY AS a (code, title, barcode, shelf, grams, place) ORDER BY a.place
ON CONFLICT (shop_id, code) DO UPDATE SET
    title = CASE WHEN %(has_title)s THEN EXCLUDED.title ELSE s.title END,
    barcode = CASE WHEN %(has_barcode)s THEN EXCLUDED.barcode ELSE s.barcode END,
    shelf = CASE WHEN %(has_shelf)s THEN EXCLUDED.shelf ELSE s.shelf END,
    grams = COALESCE(EXCLUDED.grams, s.grams)
WHERE s.shop_id = EXCLUDED.shop_id
"""


def keep(shop_id: int, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add SKUs (code, title, barcode, shelf, grams), or change them; how many. Of the texts, what the first row does not
    name stays in all; a weight that is None stays."""
    if not rows:
        return 0
    return sql.run(
        KEEP, shop_id=shop_id, codes=[row["code"] for row in rows], titles=[row.get("title") for row in rows],
        barcodes=[row.get("barcode") for row in rows], shelves=[row.get("shelf") for row in rows],
        grams=[row.get("grams") for row in rows], has_title="title" in rows[0], has_barcode="barcode" in rows[0],
        has_shelf="shelf" in rows[0],
    )  # fmt: skip


def find(shop_id: int, sku_id: int) -> Sku | None:
    """One SKU."""
    return Sku.objects.filter(shop_id=shop_id, id=sku_id).first()


def set_one(shop_id: int, sku_id: int, values: Mapping[str, Any]) -> int:
    """Change one SKU by its id, its weight too (None: not known). IntegrityError when another has its code."""
    return Sku.objects.filter(shop_id=shop_id, id=sku_id).update(**values)


def drop(shop_id: int, sku_ids: Sequence[int]) -> int:
    """Forget SKUs; how many."""
    return Sku.objects.filter(shop_id=shop_id, id__in=list(sku_ids)).delete()[0]


NAMED = """
WITH named AS (
    SELECT COALESCE(NULLIF(l.sku_code, ''), NULLIF(l.item_code, '')) AS code, max(l.id) AS last
    FROM orders o JOIN order_lines l ON l.shop_id = o.shop_id AND l.order_id = o.id
    WHERE o.shop_id = %(shop_id)s AND o.paid_at >= %(since)s AND (l.sku_code <> '' OR l.item_code <> '')
    GROUP BY 1
)
INSERT INTO skus (shop_id, code, title, barcode, shelf)
SELECT %(shop_id)s, n.code, trim(concat_ws(' ', l.title, NULLIF(l.sku, ''))), '', ''
FROM named n JOIN order_lines l ON l.shop_id = %(shop_id)s AND l.id = n.last
WHERE NOT EXISTS (SELECT FROM skus s WHERE s.shop_id = %(shop_id)s AND s.code = n.code)
ORDER BY n.code LIMIT %(most)s
ON CONFLICT (shop_id, code) DO NOTHING
"""


def add_named(shop_id: int, *, since: datetime, most: int) -> int:
    """Add the SKUs that orders paid `since` name and that are not known, with the title of their last line; how many."""
    return sql.run(NAMED, shop_id=shop_id, since=since, most=most)
