"""R40: one person or one device signs for two sides of a manifest."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, holds
from wastetrack.checks.model import Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

SIDES = ("shipper_at", "carrier_at", "receiver_at")


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del at, as_of
    signatures = records["signatures"].filter(lambda t: ~holds(t.on_paper))
    people = _both(signatures.filter(lambda t: t.person_id.notnull()).mutate(who=lambda t: t.person_id), "person")
    open_ones = signatures.filter(lambda t: t.device_id.notnull(), lambda t: ~holds(t.shared_device))
    devices = _both(open_ones.mutate(who=lambda t: t.device_id), "device")
    # Who signs for two sides mostly does so on one device: that is one finding.
    both = ibis.union(people, devices.anti_join(people, "manifest_id"), distinct=False)
    sides = _masses(records, both)
    same_firm = holds(sides.least_organisation == sides.last_organisation)
    return findings(
        sides,
        severity=same_firm.ifelse(Severity.EXPLAIN.value, Severity.INSPECT.value),
        subject_kind="manifest",
        subject_id=sides.manifest_id,
        party_id=ibis.coalesce(sides.last_organisation, sides.receiver_site_id),
        since_at=sides.first_at,
        found_at=sides.found_at,
        at_risk_g=sides.mass_g,
        statistic=sides.sides,
        threshold=1.0,
        what=sides.what,
        who=sides.who,
        same_firm=same_firm,
        carrier_id=sides.carrier_id,
    )


def _both(signatures: ir.Table, what: str) -> ir.Table:
    """Manifests of which one signs for more than one side, and when the second side was signed."""
    # Two columns for millions first; the rest for the few that are left.
    sides = signatures.group_by("manifest_id", "who").agg(least=lambda t: t.side.min(), last=lambda t: t.side.max())
    several = sides.filter(sides.least != sides.last)
    more = (
        signatures.semi_join(several, ["manifest_id", "who"])
        .group_by("manifest_id", "who")
        .agg(
            shipper_at=lambda t: t.signed_at.min(where=t.side == "shipper"),
            carrier_at=lambda t: t.signed_at.min(where=t.side == "carrier"),
            receiver_at=lambda t: t.signed_at.min(where=t.side == "receiver"),
            least_organisation=lambda t: t.organisation_id.min(),
            last_organisation=lambda t: t.organisation_id.max(),
        )
    )
    signed = sum(more[name].notnull().ifelse(1, 0) for name in SIDES)
    last = ibis.greatest(more.shipper_at, more.carrier_at, more.receiver_at)
    second = ibis.least(
        ibis.greatest(more.shipper_at, more.carrier_at),
        ibis.greatest(more.carrier_at, more.receiver_at),
        ibis.greatest(more.shipper_at, more.receiver_at),
    )
    return more.select(
        "manifest_id",
        "who",
        "least_organisation",
        "last_organisation",
        what=ibis.literal(what),
        sides=signed.cast("float64"),
        first_at=ibis.least(more.shipper_at, more.carrier_at, more.receiver_at),
        found_at=(signed == len(SIDES)).ifelse(second, last),
    )


def _masses(records: Records, both: ir.Table) -> ir.Table:
    manifests = (
        records["manifests"]
        .semi_join(both, "manifest_id")
        .group_by("manifest_id")
        .agg(
            mass_g=lambda t: t.declared_g.sum().cast("int64"),
            carrier_id=lambda t: t.carrier_id.max(),
            receiver_site_id=lambda t: t.receiver_site_id.max(),
        )
    )
    joined = both.left_join(manifests, "manifest_id").drop("manifest_id_right")
    return joined.mutate(mass_g=ibis.coalesce(joined.mass_g, 0))


RULE = Rule(
    id="R40",
    title=message("One signer on two sides"),
    queue=Queue.DOCUMENTS,
    severity=Severity.INSPECT,
    formula="one person, or one device that is not declared as shared, in signatures of two or three sides of a "
    "manifest",
    needs=("signatures",),
    detectable=message(
        "Whoever signs for two sides with one account or device; not two accounts on two devices of one person."
    ),
    false_alarms=message(
        "Firms that collect with vehicles of their own and sign both sides at one desk; they are asked, not inspected."
    ),
    innocent=(
        message("The receiver collects with its own vehicles, and one clerk signs for both."),
        message("The driver's telephone served both sides in the open, and nobody said so."),
    ),
    next_step=message("Ask both sides who was there; compare with pictures and positions of the moment."),
    article="转移管理办法 art. 13, 14; 电子签名法 art. 13",
    chance=0.5,
    window=30,
    find=_find,
)
