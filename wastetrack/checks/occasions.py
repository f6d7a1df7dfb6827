"""How often a site tells of waste: many enter it when it is fetched, so that months without an entry are their habit.

Entries of one month come together and prove no more than one; what is counted is months in which a site told at all.
The chance that it tells in a month differs from site to site (Beta), and each site's own months sharpen it.
"""

import ibis
import ibis.expr.types as ir

LEAST_CHANCE, MOST_CHANCE = 0.5, 0.999
"""Between which the mean chance of a month is believed: a few hundred months never prove more."""
LEAST_ALIKE, MOST_ALIKE = 0.01, 0.9
"""Between which the part of the variance is believed that lies between sites (0: all sites are alike)."""


def habits(months: ir.Table, peers: float) -> ir.Table:
    """`site_id, tells, fails`: the Beta of a site's sector, by moments; of all sites, where its sector has too few.

    `months` has `site_id, industry, told` (0 or 1), one row a month in which the site worked. Sites that never told
    anything are what is to be judged, and teach nothing.
    """
    sites = months.group_by("site_id", "industry").agg(n=lambda t: t.told.count(), m=lambda t: t.told.sum())
    telling = sites.filter(lambda t: t.m > 0)
    of_all = _beta(telling.mutate(sector=ibis.literal("")), 1.0).drop("sector")
    sectors = _beta(telling.filter(lambda t: t.industry.notnull()).mutate(sector=telling.industry), peers)
    rows = sites.left_join(sectors, sites.industry == sectors.sector)
    rows = rows.cross_join(of_all.rename(all_tells="tells", all_fails="fails"))
    return rows.select(
        "site_id",
        tells=lambda t: ibis.coalesce(t.tells, t.all_tells),
        fails=lambda t: ibis.coalesce(t.fails, t.all_fails),
    )


def _beta(sites: ir.Table, peers: float) -> ir.Table:
    """`sector, tells, fails` of sectors with so many sites that tell."""
    means = sites.group_by("sector").agg(
        mean=lambda t: ((t.m.sum() + 0.5) / (t.n.sum() + 1.0)).clip(lower=LEAST_CHANCE, upper=MOST_CHANCE),
        count=lambda t: t.count(),
    )
    rows = sites.join(means.filter(lambda t: t["count"] >= peers), "sector")
    # Kleinman 1973: Σ n (p − mean)² = mean (1 − mean) Σ (1 + (n − 1) ρ), nearly
    found = rows.group_by("sector", "mean").agg(
        square=lambda t: (t.n * (t.m / t.n - t["mean"]).pow(2.0)).sum(),
        chance=lambda t: (t["mean"] * (1.0 - t["mean"])).sum(),
        more=lambda t: (t["mean"] * (1.0 - t["mean"]) * (t.n - 1)).sum(),
    )
    alike = ((found.square - found.chance) / ibis.greatest(found.more, 1e-9)).clip(lower=LEAST_ALIKE, upper=MOST_ALIKE)
    weight = 1.0 / alike - 1.0
    return found.select("sector", tells=found["mean"] * weight, fails=(1.0 - found["mean"]) * weight)


def rarity(fails: ir.FloatingValue, seen: ir.NumericValue, silent: ir.NumericValue) -> ir.FloatingValue:
    """−ln of the chance of one more silent month after `silent` of them: `fails` and `seen` with the site's own months
    before the silence."""
    return -((fails + silent) / (seen + silent)).ln()
