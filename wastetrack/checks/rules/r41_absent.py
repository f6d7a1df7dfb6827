"""R41: who signs is not where the load is, or signs faster than loads can be looked at."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, hours, kilometres, legal_day
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

AT_SHIPPER = ("pick_up",)
AT_RECEIVER = ("receive",)
BETWEEN = ("hand_over",)
"""From one carrier to the next: where that was, nobody tells."""


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    placed = records["signatures"].filter(
        lambda t: t.act.isin((*AT_SHIPPER, *AT_RECEIVER)),
        lambda t: t.latitude.notnull(),
        lambda t: t.longitude.notnull(),
    )
    ends = (
        records["manifests"]
        .semi_join(placed, "manifest_id")
        .group_by("manifest_id")
        .agg(
            shipper_site_id=lambda t: t.shipper_site_id.max(),
            receiver_site_id=lambda t: t.receiver_site_id.max(),
            mass_g=lambda t: t.declared_g.sum().cast("int64"),
        )
    )
    sites = records["sites"].select("site_id", site_latitude="latitude", site_longitude="longitude")
    acts = placed.join(ends, "manifest_id")
    acts = acts.mutate(place_id=acts.act.isin(AT_SHIPPER).ifelse(acts.shipper_site_id, acts.receiver_site_id))
    acts = acts.join(sites, acts.place_id == sites.site_id)
    km = kilometres(acts.latitude, acts.longitude, acts.site_latitude, acts.site_longitude)
    away = acts.mutate(km=km).filter(lambda t: t.km > at.km)
    first = ibis.row_number().over(ibis.window(group_by="manifest_id", order_by=[away.signed_at, away.signature_id]))
    away = away.mutate(nth=first).filter(lambda t: t.nth == 0)
    return findings(
        away,
        severity=Severity.EXPLAIN.value,
        subject_kind="manifest",
        subject_id=away.manifest_id,
        party_id=ibis.coalesce(away.organisation_id, away.place_id),
        since_at=away.signed_at,
        found_at=ibis.greatest(away.signed_at, away.recorded_at),
        at_risk_g=away.mass_g,
        statistic=away.km,
        threshold=at.km,
        act=away.act,
        person_id=away.person_id,
        signature_id=away.signature_id,
        site_id=away.place_id,
    )


def _find_bunch(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del as_of
    # One act of a manifest is one look, whatever it says of each code; desks that confirm in the evening are not looks.
    looks = (
        records["signatures"]
        .filter(lambda t: t.act.isin((*AT_SHIPPER, *BETWEEN, *AT_RECEIVER)), lambda t: t.person_id.notnull())
        .group_by("person_id", "manifest_id")
        .agg(signed_at=lambda t: t.signed_at.min(), organisation_id=lambda t: t.organisation_id.min())
    )
    order = ibis.window(group_by="person_id", order_by=["signed_at", "manifest_id"])
    many = int(at.signatures)
    bunches = looks.mutate(begun_at=looks.signed_at.lag(many - 1).over(order)).filter(
        lambda t: hours(t.begun_at, t.signed_at) <= at.minutes / 60
    )
    days = (
        bunches.mutate(on=legal_day(bunches.signed_at))
        .group_by("person_id", "on")
        .agg(
            begun_at=lambda t: t.begun_at.min(),
            found_at=lambda t: t.signed_at.min(),
            more=lambda t: t.count(),
            organisation_id=lambda t: t.organisation_id.min(),
        )
    )
    return findings(
        days,
        severity=Severity.EXPLAIN.value,
        subject_kind="person",
        subject_id=days.person_id,
        party_id=days.organisation_id,
        since_at=days.begun_at,
        found_at=days.found_at,
        at_risk_g=0,
        statistic=(days.more + many - 1).cast("float64"),
        threshold=at.signatures,
        on=days.on,
    )


RULE = Rule(
    id="R41",
    version=2,
    title=message("Signer far from the load"),
    queue=Queue.DOCUMENTS,
    severity=Severity.EXPLAIN,
    formula="km(signature, site of the act) > km, of pick-up and receipt",
    parameters=(Parameter("km", 1, "km", "from the site", "anomaly note R41"),),
    needs=("signatures.latitude", "sites.latitude", "manifests"),
    detectable=message("A signature from elsewhere by a device that tells its position honestly."),
    false_alarms=message("Sites whose position is not that of their gate, each with all its signatures."),
    innocent=(
        message("The position of the site is that of its office, not of its gate."),
        message("The gate is outside a large plant."),
    ),
    next_step=message("Ask who looked at the load, and for the picture of the gate."),
    article="转移管理办法 art. 13, 14",
    chance=0.3,
    window=30,
    find=_find,
)
BUNCH = Rule(
    id="R41B",
    title=message("Ten signatures in five minutes"),
    queue=Queue.DOCUMENTS,
    severity=Severity.EXPLAIN,
    formula="signatures of one person for so many manifests within minutes: pick-up, hand-over, receipt; once a day",
    parameters=(
        Parameter("signatures", 10, "1", "of different manifests", "anomaly note R41"),
        Parameter("minutes", 5, "min", "from the first to the last", "anomaly note R41"),
    ),
    needs=("signatures.person_id",),
    detectable=message("Loads that are signed in a heap without being looked at."),
    false_alarms=message("Devices that were without network and gave all acts the time of sending."),
    innocent=(message("A vehicle brought many small loads of one round, and they were taken together."),),
    next_step=message("Compare with the weighings and scans of these loads."),
    article="转移管理办法 art. 14",
    chance=0.2,
    window=30,
    find=_find_bunch,
)
