"""Where a code becomes another: loads that go out as they came in, and outputs that no licensed process makes."""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.carried import loads
from wastetrack.checks.expressions import findings, hours, legal_day, plus_hours
from wastetrack.checks.model import Settings, Severity
from wastetrack.checks.monthly import begins, category, first, hazardous, month_of, over
from wastetrack.extracts.reading import Records

RING = 10.0
"""How many times wider than the tolerance the ring is in which chance pairs are counted."""
SPELL_DAYS = 30


def copied_loads(records: Records, at: Settings, sites: ir.Table) -> ir.Table:
    """Sites where more loads leave under another code with the mass of one just come than chance brings."""
    pairs = _pairs(records, at, sites)
    days = pairs.out_at.epoch_seconds() / 86400.0
    spells = ibis.union(
        *[
            pairs.mutate(spell=((days + shift) / SPELL_DAYS).floor().cast("int64"), shift=shift)
            for shift in (0, SPELL_DAYS // 2)
        ]
    )
    counted = (
        spells.group_by("site_id", "shift", "spell", "out_id", "out_code")
        .agg(
            close=lambda t: t.near.max(),
            ring=lambda t: (1 - t.near).sum(),
            out_at=lambda t: t.out_at.max(),
            out_g=lambda t: t.out_g.max(),
        )
        .group_by("site_id", "shift", "spell")
        .agg(
            pairs=lambda t: t.close.sum().cast("int64"),
            ring=lambda t: t.ring.sum().cast("float64"),
            first_at=lambda t: t.out_at.min(where=t.close == 1),
            last_at=lambda t: t.out_at.max(where=t.close == 1),
            at_risk_g=lambda t: t.out_g.sum(where=t.close == 1).cast("int64"),
            output_code=lambda t: t.out_code.max(where=t.close == 1),
        )
    )
    expected = (counted.ring + 0.5) / RING
    counted = counted.mutate(expected=expected)
    rare = counted.pairs * (counted.pairs / expected).ln() - (counted.pairs - expected)
    counted = counted.filter(lambda t: t.pairs > 0).mutate(rare=rare)
    many = counted.filter(lambda t: (t.rare > at.log_chance) & (t.pairs > t.expected) & (t.pairs >= at.pairs))
    halves = many.mutate(half_year=(many.last_at.epoch_seconds() / (182 * 86400.0)).floor())
    many = first(halves, ("site_id", "half_year"), "last_at")
    return findings(
        many,
        severity=Severity.INSPECT.value,
        subject_kind="site",
        subject_id=many.site_id,
        party_id=many.site_id,
        since_at=many.first_at,
        found_at=many.last_at,
        at_risk_g=many.at_risk_g,
        statistic=many.rare,
        threshold=at.log_chance,
        test="pairs",
        in_g=ibis.null("float64"),
        out_g=ibis.null("float64"),
        treated_g=ibis.null("float64"),
        general_g=ibis.null("float64"),
        error_g=ibis.null("float64"),
        output_code=many.output_code,
        pairs=many.pairs,
        expected=many.expected,
    )


def _pairs(records: Records, at: Settings, sites: ir.Table) -> ir.Table:
    """Loads out with loads in of another code in the hours before; `near` is 1 within the tolerance, 0 in the ring."""
    manifests = (
        records["manifests"]
        .filter(lambda t: t.cancelled_at.isnull())
        .semi_join(sites, ibis._.receiver_site_id == sites.site_id)
    )
    came = manifests.filter(lambda t: t.received_at.notnull() & (t.received_g > 0) & hazardous(t.waste_code)).select(
        site_id="receiver_site_id",
        in_code="waste_code",
        in_g="received_g",
        in_at="received_at",
        day=lambda t: legal_day(t.received_at),
    )
    out = (
        records["manifests"]
        .filter(lambda t: t.cancelled_at.isnull() & t.departed_at.notnull())
        .semi_join(sites, ibis._.shipper_site_id == sites.site_id)
    )
    went = ibis.union(
        *[
            out.select(
                out_id="manifest_id",
                site_id="shipper_site_id",
                out_code="waste_code",
                out_g="declared_g",
                out_at="departed_at",
                day=legal_day(plus_hours(out.departed_at, -24.0 * back)),
            )
            for back in range(max(int(at.hours // 24), 1) + 1)
        ]
    )
    pairs = came.join(went, ["site_id", "day"])
    away = (pairs.out_g - pairs.in_g).abs() / pairs.in_g.cast("float64")
    gone = hours(pairs.in_at, pairs.out_at)
    close = pairs.mutate(near=(away <= at.tolerance).cast("int64")).filter(
        pairs.in_code != pairs.out_code, gone > 0, gone <= at.hours, away <= at.tolerance * (RING + 1.0)
    )
    return close.anti_join(_treatments(records), ["site_id", "in_code", "out_code"])


def _treatments(records: Records) -> ir.Table:
    """`site_id, in_code, out_code` of which a site keeps batch records."""
    batches = records["batches"].select("batch_id", "site_id")
    into = records["batch_inputs"].select("batch_id", in_code="waste_code")
    left = records["residues"].filter(lambda t: t.waste_code.notnull()).select("batch_id", out_code="waste_code")
    return batches.join(into, "batch_id").join(left, "batch_id").select("site_id", "in_code", "out_code").distinct()


def unlicensed_changes(records: Records) -> ir.Table:
    """Outputs of batches that no process of the site makes of their inputs; only where its processes are known."""
    processes = records["processes"]
    listed = processes.select("site_id").distinct()
    batches = records["batches"].select("batch_id", "site_id").semi_join(listed, "site_id")
    left = (
        records["residues"]
        .filter(lambda t: t.waste_code.notnull())
        .join(batches, "batch_id")
        .select("residue_id", "batch_id", "site_id", "made_at", "output_g", output_code="waste_code")
    )
    into = records["batch_inputs"].select("batch_id", "waste_code")
    both = left.join(into, "batch_id").select("residue_id", "site_id", "output_code", input_code="waste_code")
    licensed = []
    for given in (both.input_code, category(both.input_code)):
        for made in (both.output_code, category(both.output_code)):
            wanted = both.mutate(given=given, made=made)
            licensed.append(
                wanted.semi_join(
                    processes,
                    [
                        wanted.site_id == processes.site_id,
                        wanted.given == processes.input_code,
                        wanted.made == processes.output_code,
                    ],
                ).select("residue_id")
            )
    outside = left.semi_join(both, "residue_id").anti_join(ibis.union(*licensed).distinct(), "residue_id")
    of_code = outside.group_by("site_id", "output_code").agg(
        first_at=lambda t: t.made_at.min(),
        grams=lambda t: t.output_g.sum().cast("int64"),
        pairs=lambda t: t.count().cast("int64"),
    )
    return findings(
        of_code,
        severity=Severity.INSPECT.value,
        subject_kind="site",
        subject_id=of_code.site_id,
        party_id=of_code.site_id,
        since_at=of_code.first_at,
        found_at=of_code.first_at,
        at_risk_g=of_code.grams,
        statistic=of_code.pairs.cast("float64"),
        threshold=0.0,
        test="process",
        in_g=ibis.null("float64"),
        out_g=of_code.grams.cast("float64"),
        treated_g=ibis.null("float64"),
        general_g=ibis.null("float64"),
        error_g=ibis.null("float64"),
        output_code=of_code.output_code,
        pairs=of_code.pairs,
        expected=ibis.literal(0.0),
    )


def from_nothing(records: Records, at: Settings, sites: ir.Table) -> ir.Table:
    """Codes of which a site has sent out more, since its records begin, than ever came in, was made or stood there."""
    flows = _flows(records).semi_join(sites, "site_id")
    months = flows.group_by("site_id", "waste_code", "month_on").agg(
        in_g=lambda t: t.in_g.sum(),
        out_g=lambda t: t.out_g.sum(),
        made_g=lambda t: t.made_g.sum(),
        square=lambda t: t.square.sum(),
        doubt=lambda t: t.doubt.sum(),
    )
    so_far = ibis.cumulative_window(group_by=["site_id", "waste_code"], order_by="month_on")
    months = months.mutate(
        **{name: months[name].sum().over(so_far).cast("float64") for name in _SUMMED},
        began_on=months.month_on.min().over(so_far),
    )
    opening = _opening(records)
    months = months.left_join(opening, ["site_id", "waste_code"]).drop("site_id_right", "waste_code_right")
    counts = opening.select("site_id").distinct().mutate(counts=ibis.literal(1))
    months = months.left_join(counts, "site_id").drop("site_id_right")
    stood = months.counts.isnull().ifelse(at.unknown_stock * months.in_g, ibis.coalesce(months.opening_g, 0.0))
    error = (
        at.random * at.random * months.square
        + months.doubt
        + at.systematic * at.systematic * (months.in_g * months.in_g + months.out_g * months.out_g)
        + at.counting * at.counting * stood * stood
    ).sqrt()
    beyond = months.out_g - months.in_g - months.made_g - stood
    months = months.mutate(
        beyond_g=beyond, error_g=error, worth_g=ibis.greatest(at.sigmas * error, at.least_g, at.share * months.out_g)
    )
    more = first(months.filter(lambda t: t.beyond_g > t.worth_g), ("site_id", "waste_code"), "month_on")
    return findings(
        more,
        severity=Severity.INSPECT.value,
        subject_kind="site",
        subject_id=more.site_id,
        party_id=more.site_id,
        since_at=begins(more.began_on),
        found_at=over(more.month_on),
        at_risk_g=more.beyond_g.round(0).cast("int64"),
        statistic=more.beyond_g / ibis.greatest(more.error_g, 1.0),
        threshold=more.worth_g / ibis.greatest(more.error_g, 1.0),
        test="from_nothing",
        in_g=more.in_g,
        out_g=more.out_g,
        treated_g=more.made_g,
        general_g=ibis.null("float64"),
        error_g=more.error_g,
        output_code=more.waste_code,
        pairs=ibis.null("int64"),
        expected=ibis.null("float64"),
    )


_SUMMED = ("in_g", "out_g", "made_g", "square", "doubt")


def _flows(records: Records) -> ir.Table:
    """`site_id, waste_code, month_on, in_g, out_g, made_g, square, doubt`: what changed the stock of a code."""
    manifests = loads(records)
    came = manifests.filter(lambda t: t.received_at.notnull() & (t.received_g > 0))
    went = manifests.filter(lambda t: t.departed_at.notnull())
    back = went.filter(lambda t: t.rejected_g > 0)
    left = (
        records["residues"]
        .filter(lambda t: t.waste_code.notnull())
        .join(records["batches"].select("batch_id", "site_id"), "batch_id")
    )
    ledger = records["generation"]
    rows = ibis.union(
        _flow(came, came.receiver_site_id, month_of(came.received_at), in_g=came.came_g, doubt_g=came.doubt_g),
        _flow(went, went.shipper_site_id, month_of(went.departed_at), out_g=went.sent_g, doubt_g=went.doubt_g),
        _flow(back, back.shipper_site_id, month_of(back.departed_at), in_g=back.rejected_g),
        _flow(left, left.site_id, month_of(left.made_at), made_g=left.output_g),
        _flow(ledger, ledger.site_id, ledger.month_on, made_g=ledger.generated_g),
    )
    return rows.mutate(square=rows.in_g * rows.in_g + rows.out_g * rows.out_g, doubt=rows.doubt_g * rows.doubt_g)


def _flow(rows: ir.Table, site: ir.StringValue, month: ir.DateValue, **grams: ir.NumericValue) -> ir.Table:
    """What is not given is nought."""
    of = {name: ibis.literal(0.0) for name in ("in_g", "out_g", "made_g", "doubt_g")}
    of |= {name: value.cast("float64") for name, value in grams.items()}
    return rows.select(site_id=site, waste_code=rows.waste_code, month_on=month, **of)


def _opening(records: Records) -> ir.Table:
    """`site_id, waste_code, opening_g`: the first stock-take of each code."""
    takes = records["stock_takes"]
    return first(takes, ("site_id", "waste_code"), "taken_at").select(
        "site_id", "waste_code", opening_g=lambda t: t.measured_g.cast("float64")
    )
