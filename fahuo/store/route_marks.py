"""The shop's own table of what carriers want printed for a region: 大头笔, 三段码, 集包地."""

from collections.abc import Mapping, Sequence
from typing import Any

from fahuo.store import sql
from fahuo.store.models import RouteMark

KNOWN = """
SELECT r.carrier, r.region, r.mark, r.route_code, r.hub_name, r.hub_code
FROM unnest(%(carriers)s::text[], %(regions)s::text[]) AS a (carrier, region)
JOIN route_marks r ON r.shop_id = %(shop_id)s AND r.carrier = a.carrier AND r.region = a.region
"""


def known(shop_id: int, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """Those of these (carrier, region) that have marks."""
    rows = sql.fetch(KNOWN, shop_id=shop_id, carriers=[key[0] for key in keys], regions=[key[1] for key in keys])
    return {(row.carrier, row.region): row for row in rows}


KEEP = """
INSERT INTO route_marks AS r (shop_id, carrier, region, mark, route_code, hub_name, hub_code)
SELECT %(shop_id)s, a.* FROM unnest(%(carriers)s::text[], %(regions)s::text[], %(marks)s::text[], %(route_codes)s::text[],
                                    %(hub_names)s::text[], %(hub_codes)s::text[]) AS a
ON CONFLICT (shop_id, carrier, region) DO UPDATE SET mark = EXCLUDED.mark, route_code = EXCLUDED.route_code,
    hub_name = EXCLUDED.hub_name, hub_code = EXCLUDED.hub_code
WHERE r.shop_id = EXCLUDED.shop_id
"""


def keep(shop_id: int, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add marks (carrier, region, mark, route_code, hub_name, hub_code), or change them; how many."""
    columns = ("carrier", "region", "mark", "route_code", "hub_name", "hub_code")
    listed = {name: [row.get(name, "") for row in rows] for name in columns}
    return sql.run(
        KEEP, shop_id=shop_id, carriers=listed["carrier"], regions=listed["region"], marks=listed["mark"],
        route_codes=listed["route_code"], hub_names=listed["hub_name"], hub_codes=listed["hub_code"],
    )  # fmt: skip


def drop(shop_id: int, mark_ids: Sequence[int]) -> int:
    """Forget marks; how many."""
    return RouteMark.objects.filter(shop_id=shop_id, id__in=list(mark_ids)).delete()[0]
