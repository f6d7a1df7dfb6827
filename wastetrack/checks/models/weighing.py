"""How sure a weighing is, and every load that both sides weighed with the difference between them.

A truck scale answers for its net mass by its class: the greatest error that verification allows in service, taken as
the half-width of a uniform error, of the gross and of the tare. What nobody measured (an estimate, a count) has no
test.
"""

import math

import ibis
import ibis.expr.types as ir

from wastetrack.checks.model import Parameter
from wastetrack.extracts.reading import Records

SCALES = (
    Parameter(
        "light_divisions",
        500,
        "e",
        "load up to which class III may err by 1 e in service",
        "OIML R 76-1:2006 3.5.1, JJG 539",
    ),
    Parameter(
        "middle_divisions",
        2000,
        "e",
        "load up to which it may err by 2 e; above by 3 e",
        "OIML R 76-1:2006 3.5.1, JJG 539",
    ),
    Parameter(
        "truck_division_g", 20_000, "g", "division e of a truck scale that tells none", "60 t scale, anomaly note R03"
    ),
    Parameter("tare_share", 0.7, "1", "tare of a truck by its load, where no tare is told", "design default"),
    Parameter("least_tare_g", 3_000_000, "g", "the least such tare", "design default"),
    Parameter("most_tare_g", 16_000_000, "g", "the greatest such tare", "design default"),
    Parameter("platform", 0.01, "1", "standard uncertainty of a platform scale", "anomaly note R03"),
    Parameter("meter", 0.01, "1", "standard uncertainty of a flow meter", "design default"),
    Parameter("estimate", 0.06, "1", "standard uncertainty of an estimate or a count", "anomaly note R03"),
)
"""The in-service table and what stands where a scale tells nothing."""
OF = {parameter.name: parameter.default for parameter in SCALES}
MEASURED = ("truck_scale", "platform_scale", "meter")
"""Methods whose result can be tested against another."""


def greatest_error(load_g: ir.NumericValue, division_g: ir.NumericValue) -> ir.NumericValue:
    """What a scale of class III may err by in service, in grams: 1, 2 or 3 e by its load."""
    divisions = load_g / division_g
    return division_g * ibis.cases(
        (divisions <= OF["light_divisions"], 1.0), (divisions <= OF["middle_divisions"], 2.0), else_=3.0
    )


def weighings(records: Records) -> ir.Table:
    """Each weighing with `sigma_g`, the standard uncertainty of its net mass, and `division_g`, null where none is
    known."""
    scales = records["scales"].select("scale_id", scale_division_g="division_g")
    every = records["weighings"].left_join(scales, "scale_id").drop("scale_id_right")
    truck = every.method == "truck_scale"
    division = ibis.coalesce(every.scale_division_g, truck.ifelse(int(OF["truck_division_g"]), None))
    usual = (every.net_g * OF["tare_share"]).clip(lower=OF["least_tare_g"], upper=OF["most_tare_g"])
    tare = ibis.coalesce(every.tare_g, every.gross_g - every.net_g, usual).cast("float64")
    e = ibis.coalesce(division, 1).cast("float64")
    by_scale = ((greatest_error(tare + every.net_g, e).pow(2.0) + greatest_error(tare, e).pow(2.0)) / 3.0).sqrt()
    by_reading = ibis.coalesce(division / math.sqrt(12.0), 0.0)
    share = ibis.cases(
        (every.method == "platform_scale", OF["platform"]), (every.method == "meter", OF["meter"]), else_=OF["estimate"]
    )
    otherwise = ((every.net_g * share).pow(2.0) + by_reading.pow(2.0)).sqrt()
    sigma = truck.ifelse(by_scale, otherwise)
    return every.mutate(division_g=division, sigma_g=sigma).rename(told_division_g="scale_division_g")


def loads(records: Records) -> ir.Table:
    """Each load that both sides measured: `sent_g`, `taken_g`, `sigma_g` of their difference, `known_at`.

    The scale of a side is its scale, or its site where none is told. Of a side that weighed twice the later result
    counts. `tare_g` is what a side told of the vehicle, null where none did.
    """
    return records.model("weighed loads", lambda given: _loads(given, MEASURED))


def estimated(records: Records) -> ir.Table:
    """Each load that the shipper estimated and the receiver measured, likewise."""
    return records.model("estimated loads", lambda given: _loads(given, ("estimate",)))


def _loads(records: Records, methods: tuple[str, ...]) -> ir.Table:
    every = weighings(records).filter(lambda t: t.net_g > 0)
    sent = _side(every.filter(every.method.isin(methods)), "shipper", "sent")
    taken = _side(every.filter(every.method.isin(MEASURED)), "receiver", "taken")
    both = sent.join(taken, ["manifest_id", "waste_code"])
    about = records["manifests"].select(
        "manifest_id", "waste_code", "shipper_site_id", "receiver_site_id", "carrier_id", "kind",
        "departed_at", "declared_g", "received_g", "rejected_g", "cancelled_at",
    )  # fmt: skip
    every = both.join(about, ["manifest_id", "waste_code"]).filter(
        lambda t: t.cancelled_at.isnull(), lambda t: t.kind.isnull() | (t.kind != "return")
    )
    whole = ibis.coalesce(every.rejected_g, 0) > 0
    came = whole.ifelse(
        ibis.greatest(every.taken_g, ibis.coalesce(every.received_g, 0) + ibis.coalesce(every.rejected_g, 0)),
        every.taken_g,
    )
    return every.select(
        "manifest_id", "waste_code", "shipper_site_id", "receiver_site_id", "carrier_id", "departed_at",
        "declared_g", "sent_g", "sent_method", "taken_method", "taken_told_division_g",
        tare_g=ibis.coalesce(every.sent_tare_g, every.taken_tare_g),
        taken_g=came,
        rejected=whole,
        sent_scale=ibis.coalesce(every.sent_scale_id, every.shipper_site_id),
        taken_scale=ibis.coalesce(every.taken_scale_id, every.receiver_site_id),
        division_g=ibis.greatest(every.sent_division_g, every.taken_division_g),
        sigma_g=(every.sent_sigma_g.pow(2.0) + every.taken_sigma_g.pow(2.0)).sqrt(),
        known_at=ibis.greatest(every.sent_known_at, every.taken_known_at),
    ).cache()  # fmt: skip


def _side(measured: ir.Table, side: str, word: str) -> ir.Table:
    rows = measured.filter(measured.side == side).select(
        "manifest_id",
        "waste_code",
        "weighed_at",
        **{
            f"{word}_g": measured.net_g,
            f"{word}_method": measured.method,
            f"{word}_scale_id": measured.scale_id,
            f"{word}_tare_g": ibis.coalesce(measured.tare_g, measured.gross_g - measured.net_g),
            f"{word}_division_g": measured.division_g,
            f"{word}_told_division_g": measured.told_division_g,
            f"{word}_sigma_g": measured.sigma_g,
            f"{word}_known_at": ibis.coalesce(measured.recorded_at, measured.weighed_at),
        },
    )
    twice = (
        rows.group_by("manifest_id", "waste_code")
        .agg(times=lambda t: t.count(), last_at=lambda t: t.weighed_at.max())
        .filter(lambda t: t.times > 1)
        .drop("times")
    )
    kept = rows.left_join(twice, ["manifest_id", "waste_code"])
    return kept.filter(kept.last_at.isnull() | (kept.weighed_at == kept.last_at)).drop(
        "manifest_id_right", "waste_code_right", "last_at", "weighed_at"
    )
