"""F06: a generator whose codes are not those of its trade."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, hazardous, legal_day
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    generators = records["sites"].filter(lambda t: t.kind == "generator", lambda t: t.industry.notnull())
    shipped = (
        records["manifests"]
        .filter(lambda t: t.filed_at <= as_of, lambda t: t.cancelled_at.isnull(), lambda t: hazardous(t.waste_code))
        .join(generators.select(shipper_site_id="site_id", industry="industry"), "shipper_site_id")
    )
    own = (
        shipped.mutate(year=legal_day(shipped.filed_at).year())
        .group_by("year", "industry", "shipper_site_id", "waste_code")
        .agg(
            loads=lambda t: t.count(),
            mass_g=lambda t: t.declared_g.sum().cast("int64"),
            last_at=lambda t: t.filed_at.max(),
        )
    )
    return _odd(_surprise(own, at), at)


def _surprise(own: ir.Table, at: Settings) -> ir.Table:
    """Of each generator: Σ share · log2(share / what its trade expects), both shrunken: few loads say little."""
    trade = own.group_by("year", "industry", "waste_code").agg(trade_loads=lambda t: t.loads.sum())
    trade_all = own.group_by("year", "industry").agg(
        trade_n=lambda t: t.loads.sum(), peers=lambda t: t.shipper_site_id.nunique()
    )
    everyone = own.group_by("year", "waste_code").agg(all_loads=lambda t: t.loads.sum())
    total = own.group_by("year").agg(all_n=lambda t: t.loads.sum(), codes=lambda t: t.waste_code.nunique())
    site = own.group_by("year", "shipper_site_id").agg(n=lambda t: t.loads.sum())
    rows = (
        own.join(trade, ["year", "industry", "waste_code"])
        .join(trade_all, ["year", "industry"])
        .join(everyone, ["year", "waste_code"])
        .join(total, "year")
        .join(site, ["year", "shipper_site_id"])
    )
    base = (rows.all_loads - rows.loads + 1.0) / (rows.all_n - rows.n + rows.codes)
    expected = (rows.trade_loads - rows.loads + at.trade_strength * base) / (rows.trade_n - rows.n + at.trade_strength)
    share = (rows.loads + at.strength * expected) / (rows.n + at.strength)
    rows = rows.mutate(bits=ibis.greatest(share * (share / expected).log2(), 0.0), expected=expected)
    top = ibis.row_number().over(
        ibis.window(group_by=["year", "shipper_site_id"], order_by=[ibis.desc("bits"), "waste_code"])
    )
    return (
        rows.mutate(nth=top)
        .group_by("year", "industry", "shipper_site_id")
        .agg(
            bits=lambda t: t.bits.sum(),
            n=lambda t: t.n.max(),
            peers=lambda t: t.peers.max(),
            mass_g=lambda t: t.mass_g.sum(where=t.nth == 0).cast("int64"),
            waste_code=lambda t: t.waste_code.max(where=t.nth == 0),
            expected=lambda t: t.expected.max(where=t.nth == 0),
            own_share=lambda t: t.loads.max(where=t.nth == 0) / t.n.max(),
            first_at=lambda t: t.last_at.min(),
            last_at=lambda t: t.last_at.max(),
        )
    )


def _odd(sites: ir.Table, at: Settings) -> ir.Table:
    """Those far above the median of their trade, in its own spread."""
    group = ["year", "industry"]
    sites = sites.filter(lambda t: t.n >= at.least_loads, lambda t: t.peers >= at.least_peers)
    middle = sites.group_by(group).agg(median=lambda t: t.bits.quantile(0.5))
    rows = sites.join(middle, group)
    rows = rows.mutate(off=(rows.bits - rows["median"]).abs())
    spread = rows.group_by(group).agg(mad=lambda t: t.off.quantile(0.5))
    rows = rows.join(spread, group)
    rows = rows.mutate(z=(rows.bits - rows["median"]) / ibis.greatest(rows.mad * 1.4826, at.least_bits))
    rows = rows.filter(lambda t: t.z > at.z)
    return findings(
        rows,
        severity=Severity.WATCH.value,
        subject_kind="site",
        subject_id=rows.shipper_site_id,
        party_id=rows.shipper_site_id,
        since_at=rows.first_at,
        found_at=rows.last_at,
        at_risk_g=rows.mass_g,
        statistic=rows.z,
        threshold=at.z,
        year=rows.year,
        industry=rows.industry,
        peers=rows.peers,
        waste_code=rows.waste_code,
        share=rows.own_share,
        expected=rows.expected,
        bits=rows.bits,
    )


RULE = Rule(
    id="F06",
    title=message("Codes that are not those of the trade"),
    queue=Queue.GENERATOR,
    severity=Severity.WATCH,
    formula="D = Σ s·log2(s/q), s = (n_c + strength·q)/(n + strength), q = (N_c + trade_strength·g_c)/(N + "
    "trade_strength) of the "
    "others in the trade, g = of everybody; (D − median)/max(1.4826·MAD, least_bits) > z",
    parameters=(
        Parameter("z", 5, "1", "robust deviations of the trade", "design default"),
        Parameter("strength", 10, "1", "loads that the trade's mix weighs", "design default"),
        Parameter("trade_strength", 20, "1", "loads that everybody's mix weighs in a trade's", "design default"),
        Parameter("least_loads", 10, "1", "a year, without which a mix is not known", "design default"),
        Parameter("least_peers", 8, "1", "generators in a trade", "design default"),
        Parameter("least_bits", 0.3, "bit", "the least spread of a trade", "design default"),
    ),
    needs=("manifests", "sites.industry"),
    detectable=message(
        "A generator half of whose loads are of a code that its trade does not have; not one load of many."
    ),
    false_alarms=message("About one generator in a hundred: trades are wide."),
    innocent=(message("The generator does something else beside its registered trade."),),
    next_step=message("Compare with its environmental assessment: does it make this waste, or does it lend its name?"),
    article="HJ 1259-2022, 5; 固废法 art. 78",
    chance=0.05,
    find=_find,
)
