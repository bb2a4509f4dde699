"""Scans of parcels by their carriers."""

from collections.abc import Sequence
from datetime import datetime

from fahuo.rules.parcels import CarrierScan
from fahuo.rules.people import Actor
from fahuo.store import sql

SCAN = """
WITH told AS (
    SELECT DISTINCT p.id AS parcel_id, s.kind, s.at, s.place
    FROM unnest(%(carriers)s::text[], %(waybills)s::text[], %(kinds)s::text[], %(ats)s::timestamptz[], %(places)s::text[])
        AS s (carrier, waybill, kind, at, place)
    JOIN parcels p ON p.shop_id = %(shop_id)s AND p.waybill = s.waybill AND p.carrier = s.carrier AND p.waybill <> ''
        AND p.voided_at IS NULL AND p.retired_at IS NULL
), bought AS (
    UPDATE waybill_numbers n SET scanned_at = s.at
    FROM (SELECT carrier, waybill, min(at) AS at
          FROM unnest(%(carriers)s::text[], %(waybills)s::text[], %(ats)s::timestamptz[]) AS x (carrier, waybill, at)
          GROUP BY carrier, waybill) AS s
    WHERE n.shop_id = %(shop_id)s AND n.carrier = s.carrier AND n.number = s.waybill
      AND (n.scanned_at IS NULL OR n.scanned_at > s.at)
), fresh AS (
    INSERT INTO scans (shop_id, parcel_id, kind, at, place)
    SELECT %(shop_id)s, parcel_id, kind, at, place FROM told ORDER BY parcel_id, at
    ON CONFLICT DO NOTHING RETURNING parcel_id, kind, at, place
), moved AS (
    UPDATE parcels p SET picked_up_at = LEAST(p.picked_up_at, f.first), last_scan_at = GREATEST(p.last_scan_at, f.last),
           delivered_at = LEAST(p.delivered_at, f.delivered)
    FROM (SELECT parcel_id, min(at) AS first, max(at) AS last, min(at) FILTER (WHERE kind = 'delivered') AS delivered
          FROM fresh GROUP BY parcel_id) AS f
    WHERE p.shop_id = %(shop_id)s AND p.id = f.parcel_id
), journaled AS (
    INSERT INTO journal (shop_id, at, member_id, actor, act, order_id, parcel_id, after)
    SELECT %(shop_id)s, %(now)s, %(member_id)s, %(actor)s, 'parcel.scanned', po.order_id, f.parcel_id,
           jsonb_build_object('kind', f.kind, 'at', f.at, 'place', f.place)
    FROM fresh f JOIN parcel_orders po ON po.shop_id = %(shop_id)s AND po.parcel_id = f.parcel_id ORDER BY f.at
)
SELECT count(*) AS count FROM fresh
"""


def record_scans(actor: Actor, scans: Sequence[CarrierScan], *, now: datetime) -> int:
    """Note scans of living numbers; how many were news. Any scan proves the pickup: the earliest is its time.

    A bought number keeps when a carrier first saw it, whether or not a parcel uses it.
    """
    return int(sql.fetch(
        SCAN, shop_id=actor.shop_id, member_id=actor.member_id, actor=actor.name, now=now,
        carriers=[scan.carrier for scan in scans], waybills=[scan.waybill for scan in scans],
        kinds=[scan.kind for scan in scans], ats=[scan.at for scan in scans], places=[scan.place for scan in scans],
    )[0].count)  # fmt: skip
