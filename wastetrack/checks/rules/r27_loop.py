"""R27: waste goes in a circle: it comes back to where it left without ever being treated."""

from datetime import datetime

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from scipy import sparse
from scipy.sparse import csgraph

from wastetrack.checks.expressions import findings, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

MOST_HOPS = 5
ARROW = " → "
WEEK_S = 7 * 86_400


def _edges(records: Records, as_of: datetime) -> ir.Table:
    """What a site sent another of a category in a week; returns of what was rejected are no trade."""
    moved = records["manifests"].filter(
        lambda t: t.cancelled_at.isnull(),
        lambda t: ibis.coalesce(t.kind, "road") != "return",
        lambda t: t.returns_id.isnull(),
        lambda t: t.received_at.notnull() & (t.received_at <= as_of),
        lambda t: t.shipper_site_id != t.receiver_site_id,
        lambda t: ibis.coalesce(t.received_g, 0) > 0,
    )
    moved = moved.mutate(
        week=(moved.received_at.epoch_seconds() / WEEK_S).floor().cast("int64"), category=moved.waste_code.right(2)
    )
    return moved.group_by("shipper_site_id", "receiver_site_id", "category", "week").agg(
        grams=moved.received_g.sum().cast("int64"),
        first_at=ibis.coalesce(moved.departed_at, moved.received_at).min(),
        last_at=moved.received_at.max(),
    )


def strongly_connected(lanes: pa.Table) -> pa.Table:
    """Sites from which one can go round and come back, with the number of their round."""
    starts, ends = lanes["shipper_site_id"].to_pylist(), lanes["receiver_site_id"].to_pylist()
    names = sorted({*starts, *ends})
    place = {name: number for number, name in enumerate(names)}
    rows, columns = [place[name] for name in starts], [place[name] for name in ends]
    graph = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), (len(names), len(names)))
    parts = csgraph.connected_components(graph, connection="strong")[1] if names else np.zeros(0, dtype=np.int32)
    large = np.bincount(parts)[parts] > 1 if names else np.zeros(0, dtype=bool)
    return pa.table({"site_id": pa.array(names, pa.string()), "round": pa.array(parts, pa.int64())}).filter(
        pa.array(large)
    )


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    edges = _edges(records, as_of)
    lanes = edges.select("shipper_site_id", "receiver_site_id").distinct().to_pyarrow()
    sites = ibis.memtable(strongly_connected(lanes))
    start = sites.rename(shipper_site_id="site_id")
    end = sites.rename(receiver_site_id="site_id", round_2="round")
    inside = edges.inner_join(start, "shipper_site_id").inner_join(end, "receiver_site_id")
    inside = inside.filter(inside["round"] == inside.round_2).drop("round", "round_2").cache()
    loops = _closed(inside, at)
    every = loops[0].union(*loops[1:], distinct=False)
    found = every.filter(every.back_g >= every.out_g * at.ratio, every.back_g >= at.least_g)
    # the same circle is met from each of its sites and in many weeks: told once, at the site it began at
    place = ibis.row_number().over(ibis.window(group_by=["subject", "category"], order_by=[found.last_at, found.hops]))
    risk = found.group_by("subject", "category").agg(risk_g=found.back_g.max())
    once = found.mutate(place=place).filter(lambda t: t.place == 0).inner_join(risk, ["subject", "category"])
    return findings(
        once,
        severity=(once.risk_g >= at.grave_g).ifelse(Severity.REFER.value, Severity.INSPECT.value),
        subject_kind="site",
        subject_id=once.subject,
        party_id=once.subject,
        since_at=once.first_at,
        found_at=once.last_at,
        at_risk_g=once.risk_g,
        statistic=once.back_g / once.out_g,
        threshold=at.ratio,
        category=ibis.literal("HW") + once.category,
        path=once.path,
        hops=once.hops,
        sent_g=once.out_g,
        back_g=once.back_g,
    )


def _closed(edges: ir.Table, at: Settings) -> list[ir.Table]:
    """Circles of two to five hops, each hop after the one before, all within the days."""
    walk = edges.select(
        subject=edges.shipper_site_id, here=edges.receiver_site_id, category=edges.category, out_g=edges.grams,
        back_g=edges.grams, first_at=edges.first_at, last_at=edges.last_at,
        path=edges.shipper_site_id + ARROW + edges.receiver_site_id,
    )  # fmt: skip
    closed = []
    step = edges.rename(
        here="shipper_site_id", next_site="receiver_site_id", next_first="first_at", next_last="last_at", next_g="grams"
    )
    for hops in range(2, MOST_HOPS + 1):
        longer = walk.inner_join(
            step,
            [
                walk.here == step.here,
                walk.category == step.category,
                step.next_last > walk.last_at,
                step.next_last <= plus_hours(walk.first_at, at.days * 24.0),
                # a hop that brings on much less than half of what came is another trade
                step.next_g >= walk.back_g * at.ratio * 0.5,
            ],
        ).select(
            subject=walk.subject, here=step.next_site, category=walk.category, out_g=walk.out_g,
            back_g=ibis.least(walk.back_g, step.next_g), first_at=walk.first_at, last_at=step.next_last,
            path=walk.path + ARROW + step.next_site, again=(ARROW + walk.path + ARROW).contains(ARROW + step.next_site + ARROW),
        )  # fmt: skip
        # of walks over the same sites the heaviest stands for all
        back = longer.here == longer.subject
        closed.append(longer.filter(back).drop("again").mutate(hops=ibis.literal(hops, "int64")))
        on = longer.filter(~back, ~longer.again).drop("again")
        walk = on.group_by("subject", "here", "category", "path", "first_at", "out_g").agg(
            back_g=on.back_g.max(), last_at=on.last_at.min()
        )
    return closed


RULE = Rule(
    id="R27",
    title=message("Waste goes in a circle"),
    queue=Queue.LAUNDERING,
    severity=Severity.INSPECT,
    formula="a path of 2 to 5 transfers in the order of time that ends where it began, of one category, within so many days; returned / sent ≥ ratio",
    parameters=(
        Parameter("days", 90, "d", "from the first departure to the last receipt", "anomaly note R27"),
        Parameter("ratio", 0.5, "1", "part of what left that came back", "anomaly note R27"),
        Parameter("least_g", 3_000_000, "g", "least mass", "anomaly note R27"),
        Parameter("grave_g", 100_000_000, "g", "mass of an aggravated crime", "法释〔2023〕7号 art. 2(3)"),
    ),
    needs=("manifests", "manifests.received_at"),
    detectable=message(
        "Circles of up to five sites within 90 days and one category; none in which the category changes."
    ),
    false_alarms=message("Few: what was rejected and goes home is left out."),
    innocent=(
        message(
            "A collector sorts for a plant and gets back what that plant cannot take, without calling it a return."
        ),
    ),
    next_step=message("Compare weights and containers along the circle; ask each site what it did to the waste."),
    article="固废法 art. 80",
    chance=0.5,
    find=_find,
)
