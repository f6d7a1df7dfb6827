"""When a rule does not believe the records: what is against the law and is done by nearly everybody was not entered.

A permit, licence or certificate that lacks for one load in a thousand lacks; one that lacks for every fifth load and
at many firms is a table that was not filled. Nobody is accused for that: the records are.
"""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.model import Parameter, Settings

MOST_SHARE = Parameter(
    "most_share", 0.1, "1", "of all that was judged, beyond which the entries lack, not the permits", "design default"
)
LEAST_WRONG = Parameter("least_wrong", 20, "1", "from which on that share is known", "design default")
LEAST_PARTIES = Parameter(
    "least_parties", 5, "1", "at which it lacks: one firm alone answers for itself", "design default"
)
PARAMETERS = (MOST_SHARE, LEAST_WRONG, LEAST_PARTIES)
OWN_SHARE = Parameter(
    "own_share", 0.02, "1", "of a firm's own, up to which its entries are there, whoever else's lack", "design default"
)


def shares(wrong: ir.Table, judged: ir.Table, reason: str, party: str, at: Settings) -> ir.Table:
    """How much of everything judged is wrong by each reason: `reason`, `wrong`, `judged`, `share`, `first_at`.

    `wrong` has the reason, who has to answer, and `used_at`, when it happened. Too few have a share of nought.
    """
    counted = wrong.group_by(reason).agg(
        wrong=wrong.count(), parties=wrong[party].nunique(), first_at=wrong.used_at.min()
    )
    both = counted.cross_join(judged.aggregate(judged=judged.count()))
    known = (both.wrong >= at.least_wrong) & (both.parties >= at.least_parties)
    return both.mutate(share=known.ifelse(both.wrong / ibis.greatest(both.judged, 1), 0.0))


def believed(wrong: ir.Table, known: ir.Table, reason: str, at: Settings) -> ir.Table:
    """Of the rows that are wrong those whose reason is, by the shares, not that of nearly everybody."""
    rare = known.filter(lambda t: t.share <= at.most_share)
    return wrong.semi_join(rare.select(reason), reason).select(*wrong.columns)


def own(wrong: ir.Table, judged: ir.Table, reason: str, party: str, at: Settings) -> ir.Table:
    """Reasons for which nearly everybody is wrong, each with the firms at which hardly anything is, by that reason.

    What such a firm has entered covers the rest of its trade: so it was entered, whoever else's was not.
    """
    common = shares(wrong, judged, reason, party, at).filter(lambda t: t.share > at.most_share)
    wrong = wrong.semi_join(common.select(reason), reason).select(*wrong.columns)
    firms = wrong.group_by(reason, party).agg(wrong=wrong.count())
    firms = firms.inner_join(judged.group_by(party).agg(judged=judged.count()), party).filter(
        lambda t: t.judged >= at.least_wrong, lambda t: t.wrong <= t.judged * at.own_share
    )
    return firms.select(reason, party)
