"""How far two weights of a load differ after what its scales and its code do, and how sure it is that waste is missing.

Expected is what the scales of the load read too much or too little and what its code dries, as far as both were learned
before its month (scale_effects.py); else what the code's shippers usually lose. What is left, in standard uncertainties
widened to what loads of these methods really spread by, is z. From which z on a load is odd is not taken from a table:
it is where the gains of this very history lie beyond, so many in 1,000. Nobody steals by bringing more than left; gains
are the control group of losses.

The same control tells slips from losses. Odd loads are sorted by the signature of a slip, by size and by mass; in each
sort, clerks err for and against the carrier alike, and the losses beyond the gains are real. That share is the prior;
other things that the same trip tells (how it looked on the road, a container that the gate missed, other loads of the
carrier) each move it by no more than a cap in log-odds. A clerk's slip does not make a lorry late: how the trips of
losses look is learned from those that the weights alone prove (likeness.py), and until these are enough, a trip is
late or not.
"""

import math
from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import holds
from wastetrack.checks.journeys import journeys
from wastetrack.checks.model import Parameter, Settings
from wastetrack.checks.models.coincidence import beside_estimates, by_chance
from wastetrack.checks.models.likeness import LIKENESS, looks, signs, sorts
from wastetrack.checks.models.scale_effects import KEY, PERIOD_S, baselines, dated, put_in_months
from wastetrack.checks.models.scale_effects import OF as SCALE
from wastetrack.checks.models.slips import AMENDED, NONE, TOO_HEAVY, off_mark, signature
from wastetrack.checks.models.weighing import estimated, loads
from wastetrack.checks.roads.whereabouts import UNSEEN
from wastetrack.extracts.reading import Records

DIFFERENCES = (
    Parameter("z", 3.09, "s", "below which no difference is odd", "one-sided 0.1 %, anomaly note R03"),
    Parameter("false_per_1000", 0.3, "load", "honest loads beyond the limit of z", "target of the checks"),
    Parameter("divisions", 3, "e", "least difference in scale divisions", "anomaly note R03"),
    Parameter("least_share", 0.005, "1", "least difference as part of the load", "anomaly note R03"),
    Parameter("enough", 1000, "load", "of a pair of methods, from which its limit is learned", "design default"),
    Parameter("gross", 0.1, "1", "part of the load from which a slip of a clerk is thought of", "anomaly note R04"),
    Parameter("most_g", 60_000_000, "g", "on one vehicle; more was written, not weighed", "VigieDéchets, data SQL"),
    Parameter("room", 4, "s", "within which two weights agree once a slip is undone", "design default"),
    Parameter("heavy_g", 1_000_000, "g", "from which loads are sorted apart from small ones", "design default"),
    Parameter("prior", 0.8, "1", "of odd losses without a signature, before the gains are asked", "design default"),
    Parameter("slip_prior", 0.1, "1", "of those with a signature", "design default"),
    Parameter("prior_loads", 2, "load", "that the prior counts for", "design default"),
    Parameter("late", 0.3, "1", "of trips on which waste is dumped come later than 95 % of the lane", "design default"),
    Parameter("cap", 3, "1", "log-odds that one kind of evidence may add or take", "anomaly note 1.2, Fusion"),
    *LIKENESS,
)
USUAL = Settings({parameter.name: parameter.default for parameter in DIFFERENCES})
USUALLY_LATE = 0.05
"""Trips beyond the slowest speed of their lane, its 5 % quantile."""
SHIPPERS = 3
"""Fewer than so many tell nothing of a code."""
WIDER = 1.3
"""Times their standard uncertainty, by which weights lie about the mark of a slip: tails are heavier than normal."""
FAR = 5.0
"""Standard uncertainties within which no difference is gross: an estimate errs by more than a tenth of a load."""
ESTIMATE = "estimate"
UNKNOWN = 1e9
"""The limit of estimates of which too few tell how they err: they have no test."""
LEAST = 0.01
"""And 1 less it: no count of loads makes surer."""
GROSS = "gross"
LARGE = 1.5
"""Times the limit, from which a difference is sorted among the large ones."""
BEYOND = 2.5
"""And from which it is larger than what is left of a load beside most estimates."""


def odd(records: Records, as_of: datetime, at: Settings = USUAL) -> ir.Table:
    """Loads that differ by more than scales and drying can: `rest_g` that is missing (negative: too much), its `z` and
    `z_limit`, the signature `slip`, and `posterior`, how sure it is that waste is missing where it is a loss."""
    return records.model(named("odd loads", as_of, at), lambda given: _odd(given, as_of, at))


def named(what: str, as_of: datetime, at: Settings) -> str:
    """What a model of these numbers is called."""
    numbers = ", ".join(str(getattr(at, parameter.name)) for parameter in DIFFERENCES)
    return f"{what} {as_of.isoformat()} {numbers}"


def proved(records: Records, as_of: datetime, at: Settings = USUAL) -> ir.Table:
    """`manifest_id, carrier_id` of heavy loads of which both scales, without any other sign of the trip, say that a
    great part is missing."""
    rows = _weighed_odds(records, as_of, at)
    sure = rows.loss & rows.gross & rows.heavy & (rows.sent_method != ESTIMATE) & ~rows.slip.isin((TOO_HEAVY, AMENDED))
    odds = (rows.prior / (1 - rows.prior)).ln()
    for family in ("slip_odds", "carrier_odds"):
        odds += rows[family].clip(lower=-at.cap, upper=at.cap)
    return (
        rows.filter(sure & (odds >= math.log(at.proved / (1 - at.proved))))
        .select("manifest_id", "carrier_id")
        .distinct()
    )


def heavy_trips(records: Records, as_of: datetime, at: Settings = USUAL) -> ir.Table:
    """The trips of loads that are worth stealing from."""
    return signs(records).filter(lambda t: t.declared_g >= at.heavy_g, lambda t: t.reached_at <= as_of)


def sorted_trips(records: Records, as_of: datetime, at: Settings = USUAL) -> ir.Table:
    """The sorts of trips (likeness.py), as many as were proved short and as look so; none where too few were proved."""
    return records.model(
        named("sorts of trips", as_of, at),
        lambda given: sorts(heavy_trips(given, as_of, at), proved(given, as_of, at), at),
    )


def trip_looks(records: Records, as_of: datetime, at: Settings = USUAL) -> ir.Table:
    """`sign_odds` of trips that are known, by how they looked (likeness.py); none where too few losses were proved."""
    return records.model(
        named("looks of trips", as_of, at),
        lambda given: looks(
            signs(given).filter(lambda t: t.reached_at <= as_of),
            at.heavy_g,
            proved(given, as_of, at),
            sorted_trips(given, as_of, at),
            at,
        ),
    )


def _compared(records: Records, as_of: datetime, at: Settings) -> ir.Table:
    """Each load that was known and not rejected, with `rest_g`, its standard uncertainty, `z` and the limit of z."""
    rows = _expected(records, as_of, at)
    fine = rows.filter(~rows.gross)
    methods = ["sent_method", "taken_method"]
    raw = fine.rest_g / fine.sigma_g
    spread = fine.group_by(methods).agg(
        spread=((raw.quantile(0.75) - raw.quantile(0.25)) / 1.349).clip(lower=1.0, upper=3.0), of_methods=fine.count()
    )
    rows = _joined(
        _joined(rows, spread, methods), _uneven(fine.filter(fine.sent_method != ESTIMATE), at), ["waste_code"]
    )
    wide = rows.sigma_g * (rows.of_methods >= at.enough).ifelse(rows.spread, 1.0).fill_null(1.0)
    dried = (rows.rest_g > 0).ifelse(rows.sent_g * ibis.coalesce(rows.uneven, 0.0), 0.0)
    sigma = (wide.pow(2.0) + rows.unsure_g.pow(2.0) + dried.pow(2.0)).sqrt()
    rows = rows.mutate(all_sigma_g=sigma).mutate(z=lambda t: t.rest_g / t.all_sigma_g).cache()
    gains = rows.filter(~rows.gross)
    limits = gains.group_by(methods).agg(
        beyond=(gains.count() >= at.enough).ifelse((-gains.z).quantile(1 - at.false_per_1000 / 1000), None)
    )
    limited = _joined(rows, limits, methods)
    untold = (limited.sent_method == ESTIMATE).ifelse(UNKNOWN, at.z)
    return limited.mutate(z_limit=ibis.greatest(ibis.coalesce(limited.beyond, untold), at.z))


def _expected(records: Records, as_of: datetime, at: Settings) -> ir.Table:
    """The loads with the `share` that was expected to be lost, and `rest_g`, what is missing beyond it."""
    guessed = put_in_months(estimated(records), loads(records), as_of)
    every = dated(records, as_of).union(guessed).filter(lambda t: ~t.rejected)
    known = baselines(records, as_of).mutate(first_period=lambda t: (t.learned_s / PERIOD_S).cast("int64"))
    rows = _joined(_joined(every, known, list(KEY)), _drying(every, at), ["waste_code"])
    early = rows.baseline.isnull() | (rows.period < rows.first_period)
    share = early.ifelse(ibis.coalesce(rows.dries, 0.0), rows.baseline)
    unsure = early.ifelse(ibis.coalesce(rows.dries_unsure, 0.0), rows.unsure)
    ratio = (rows.sent_g.cast("float64") / rows.taken_g.cast("float64")).ln()
    # by the heavier of the two: beside a weight in kilograms that stands for grams every sigma looks wide
    heavier = ibis.greatest(rows.sent_g, rows.taken_g)
    least = ibis.greatest(-math.log1p(-at.gross), rows.sigma_g / heavier * FAR)
    rows = rows.mutate(share=share, unsure_g=rows.sent_g * unsure, gross=ratio.abs() > least)
    rows = rows.mutate(expected_g=rows.sent_g * rows.share)
    # asked for by method, by code and by load: read once
    return rows.mutate(rest_g=rows.difference_g - rows.expected_g).cache()


def _uneven(fine: ir.Table, at: Settings) -> ir.Table:
    """How unevenly a code dries, beyond what scales spread: part of the mass, by the upper half of its loads.

    No load dries less than not at all; some dry much: losses of such a code spread further than its gains.
    """
    part = fine.rest_g / fine.sent_g
    codes = fine.group_by("waste_code").agg(
        loads=fine.count(),
        upper=(part.quantile(0.9) - part.quantile(0.5)) / 1.2816,
        lower=(part.quantile(0.5) - part.quantile(0.1)) / 1.2816,
    )
    told = codes.filter(codes.loads >= at.enough / 5)
    beyond = (told.upper.pow(2.0) - told.lower.pow(2.0)).clip(lower=0.0).sqrt()
    return told.select("waste_code", uneven=beyond)


def _odd(records: Records, as_of: datetime, at: Settings) -> ir.Table:
    trips = with_trip(records, _weighed_odds(records, as_of, at), at, as_of)
    odds = (trips.prior / (1 - trips.prior)).ln() + trips.trip_odds
    for family in ("slip_odds", "pieces_odds", "carrier_odds"):
        odds += trips[family].clip(lower=-at.cap, upper=at.cap)
    return trips.mutate(posterior=1.0 / (1.0 + (-odds).exp())).cache()


def _weighed_odds(records: Records, as_of: datetime, at: Settings) -> ir.Table:
    """Odd loads with what weights and the carrier's other loads say: `prior`, `slip_odds`, `carrier_odds`."""
    return records.model(named("odds by weights", as_of, at), lambda given: _by_weights(given, as_of, at))


def _by_weights(records: Records, as_of: datetime, at: Settings) -> ir.Table:
    every = _compared(records, as_of, at)
    least = ibis.greatest(ibis.coalesce(every.division_g, 0) * at.divisions, every.sent_g * at.least_share)
    wrong = _amended(records, every.filter(every.z.abs() > every.z_limit, every.rest_g.abs() > least), as_of)
    # beside an estimate, figures that changed places are seen no more than any others
    room_g = (wrong.sent_method == ESTIMATE).ifelse(0.0, wrong.all_sigma_g * at.room)
    named = wrong.mutate(room_g=room_g)
    slip = named.amended.ifelse(AMENDED, named.gross.ifelse(signature(named, at.most_g), NONE))
    rows = named.mutate(slip=slip, loss=named.rest_g > 0)
    rows = _with_prior(every, rows.mutate(slip_odds=_no_slip(rows, at)).cache(), at)
    return _with_carrier(every, rows).cache()


def _no_slip(rows: ir.Table, at: Settings) -> ir.FloatingValue:
    """Log-odds against a slip by how badly it fits: slips lie about their mark as scales err, losses anywhere in the
    room around it."""
    off = off_mark(rows, rows.slip) / (rows.all_sigma_g * WIDER)
    flat = math.log(WIDER / (2.0 * at.room)) + 0.5 * math.log(2.0 * math.pi)
    return ibis.coalesce(off.pow(2.0) / 2.0 + flat, 0.0)


def _drying(every: ir.Table, at: Settings) -> ir.Table:
    """What a code's loads usually lose: the median of its shippers' medians, shrunken; one shipper is one voice."""
    fine = every.filter(every.difference_g.abs() <= every.sent_g * at.gross, every.sent_method != ESTIMATE)
    shippers = fine.group_by("waste_code", "shipper_site_id").agg(share=(fine.difference_g / fine.sent_g).quantile(0.5))
    codes = shippers.group_by("waste_code").agg(
        shippers=shippers.count(),
        middle=shippers.share.quantile(0.5),
        wide=(shippers.share.quantile(0.75) - shippers.share.quantile(0.25)) / 1.349,
    )
    told = codes.filter(codes.shippers >= SHIPPERS)
    return told.select(
        "waste_code",
        dries=told.middle * told.shippers / (told.shippers + 1.0),
        # before they are learned, both scales of a load may stand off as well
        dries_unsure=(told.wide.pow(2.0) + 2.0 * SCALE["scale"] ** 2).sqrt(),
    )


def _amended(records: Records, wrong: ir.Table, as_of: datetime) -> ir.Table:
    """Whether a weight was put right afterwards, so that both agree."""
    changes = records["amendments"].filter(
        lambda t: t.kind == "correction", lambda t: t.amended_at <= as_of, lambda t: t.new_g.notnull()
    )
    last = changes.group_by("manifest_id", "old_g").agg(new_g=changes.new_g.argmax(changes.amended_at))
    rows = wrong
    for side in ("sent_g", "taken_g"):
        put = last.select("manifest_id", **{side: last.old_g, f"new_{side}": last.new_g})
        rows = _joined(rows, put, ["manifest_id", side])
    sent, taken = ibis.coalesce(rows.new_sent_g, rows.sent_g), ibis.coalesce(rows.new_taken_g, rows.taken_g)
    changed = rows.new_sent_g.notnull() | rows.new_taken_g.notnull()
    agrees = (sent - taken - rows.expected_g).abs() <= rows.all_sigma_g * rows.z_limit
    return rows.mutate(amended=holds(changed & agrees)).drop("new_sent_g", "new_taken_g")


def _with_prior(every: ir.Table, rows: ir.Table, at: Settings) -> ir.Table:
    """The share of losses that gains of the same sort, and one standard error, do not explain; of those that bear a
    slip's signature, as many as bear it by chance (coincidence.py) where that is more."""
    size = ibis.cases(
        (rows.sent_method == ESTIMATE, _estimate_size(rows)),
        (rows.gross, GROSS),
        (rows.z.abs() > rows.z_limit * LARGE, "large"),
        else_="small",
    )
    sorted_ = rows.mutate(size=size, heavy=ibis.greatest(rows.sent_g, rows.taken_g) >= at.heavy_g)
    sort = ["slip", "size", "heavy"]
    counts = sorted_.group_by(sort).agg(
        losses=sorted_.loss.cast("int64").sum(), gains=(~sorted_.loss).cast("int64").sum()
    )
    start = (counts.slip == NONE).ifelse(at.prior, at.slip_prior)
    # by how much two such counts differ where nothing is missing
    chance = (2.0 * counts.gains + 1.0).sqrt() - 1.0
    beyond = (counts.losses - counts.gains - chance).clip(lower=0.0)
    prior = (beyond + start * at.prior_loads) / (counts.losses + at.prior_loads)
    counts = _with_chance(every, sorted_, counts.mutate(prior=prior).cache(), at)
    # what no vehicle carries, or was put right, is a mistake of writing for certain
    certain = counts.slip.isin((TOO_HEAVY, AMENDED))
    told = counts.mutate(prior=certain.ifelse(LEAST, counts.prior.clip(lower=LEAST, upper=1 - LEAST)))
    return _joined(sorted_, told, sort).cache()


def _estimate_size(rows: ir.Table) -> ir.StringValue:
    """How far two weights lie beside what estimates err by."""
    times = rows.z.abs() / rows.z_limit
    return ibis.cases((times > BEYOND, f"{ESTIMATE} beyond"), (times > LARGE, f"{ESTIMATE} far"), else_=ESTIMATE)


def _with_chance(every: ir.Table, rows: ir.Table, counts: ir.Table, at: Settings) -> ir.Table:
    """The counts with a `prior` of losses of heavy loads that no count of gains denies: so many bear a signature, or
    lie beside an estimate, by chance; and the difference of losses and gains; each by how well it is known."""
    heavy = every.filter(ibis.greatest(every.sent_g, every.taken_g) >= at.heavy_g)
    fine = heavy.filter(~heavy.gross, heavy.z.abs() <= heavy.z_limit)
    fine = fine.mutate(room_g=fine.all_sigma_g * at.room)
    weighed, guessed = fine.filter(fine.sent_method != ESTIMATE), fine.filter(fine.sent_method == ESTIMATE)
    plain = (rows.slip == NONE) & (rows["size"] == GROSS) & rows.heavy & rows.loss
    lost = rows.filter(plain).mutate(part=lambda t: t.rest_g / t.sent_g).select("manifest_id", "part")
    borne = by_chance(weighed, lost, at.most_g).rename(borne="chance")
    beside = beside_estimates(guessed, lost, _estimate_size).rename(beside="chance")
    many = weighed.aggregate(weighed=weighed.count()).cross_join(guessed.aggregate(guessed=guessed.count()))
    plainly = counts.filter((counts["size"] == GROSS) & counts.heavy & (counts.slip == NONE))
    plainly = plainly.select(plainly=plainly.losses * plainly.prior).cross_join(many)
    both = _joined(_joined(counts, borne, ["slip"]), beside, ["size"]).left_join(plainly, ibis.literal(value=True))
    marked = (both["size"] == GROSS) & (both.slip != NONE)
    of_estimates = both.beside * both.guessed / ibis.greatest(both.weighed, 1)
    expected = both.plainly * marked.ifelse(both.borne, (both.slip == NONE).ifelse(of_estimates, None))
    # both are counts; that of losses without a signature is as uncertain again
    by_chance_alone, by_gains = expected * 2.0, (both.losses + both.gains + 1.0).cast("float64")
    real = (0.5 + (both.losses - both.gains) / by_gains) / (1.0 / by_chance_alone + 1.0 / by_gains)
    share = (real / ibis.greatest(both.losses, real)).clip(upper=1 - LEAST)
    prior = holds(both.heavy & (expected > 0)).ifelse(ibis.greatest(both.prior, share), both.prior)
    return both.mutate(prior=prior).drop("borne", "beside", "plainly", "weighed", "guessed")


def _with_carrier(every: ir.Table, rows: ir.Table) -> ir.Table:
    """Log-odds by the carrier's other odd losses, gross or not as this one, beside what its loads let expect."""
    sure = rows.loss & (rows.prior >= 0.5)  # noqa: PLR2004  likelier than not
    marked = rows.mutate(counts=sure.cast("int64"))
    of = every.group_by("carrier_id").agg(carried=every.count())
    of = of.cross_join(every.agg(all_loads=every.count()))
    seen = marked.group_by("carrier_id", "gross").agg(of_carrier=marked.counts.sum())
    whole = marked.group_by("gross").agg(of_all=marked.counts.sum())
    told = _joined(_joined(seen, of, ["carrier_id"]), whole, ["gross"])
    expected = (told.of_all - 1).clip(lower=0) * told.carried / told.all_loads  # without the load itself
    told = told.select("carrier_id", "gross", "of_carrier", carrier_expected=expected)
    both = _joined(marked, told, ["carrier_id", "gross"])
    others = ibis.coalesce(both.of_carrier - both.counts, 0)
    odds = ((others + 1.0) / (ibis.coalesce(both.carrier_expected, 0.0) + 1.0)).ln()  # one load tells little
    return both.mutate(carrier_odds=odds, others_of_carrier=others).drop("counts", "of_carrier", "carrier_expected")


def with_trip(records: Records, rows: ir.Table, at: Settings, as_of: datetime) -> ir.Table:
    """`trip_odds`, the log-odds by how the trip looked, and `pieces_odds`, by the pieces that the gate counted."""
    keys = ["manifest_id", "waste_code"]
    trips = journeys(records).select(*keys, "reached_at", "slowest_at")
    missing = records["loads"].filter(lambda t: t.outcome == "missing")
    pieces = missing.group_by("manifest_id").agg(missing_pieces=missing.count())
    both = _joined(_joined(rows, trips.distinct(on=keys), keys), pieces, ["manifest_id"])
    seen = signs(records).select("manifest_id", unseen=lambda t: t.where == UNSEEN)
    both = _joined(both, _joined(trip_looks(records, as_of, at), seen, ["manifest_id"]), ["manifest_id"])
    # trips without fixes have one sign, all others have two
    most = at.sign_cap * both.unseen.ifelse(1.0, 2.0)
    capped = ibis.least(ibis.greatest(both.sign_odds, -most), most)
    sign_odds = both.sign_odds.isnull().ifelse(ibis.null("float64"), capped)
    late = both.reached_at > both.slowest_at
    odds = late.ifelse(math.log(at.late / USUALLY_LATE), math.log((1 - at.late) / (1 - USUALLY_LATE)))
    return both.mutate(
        late=holds(late),
        trip_odds=ibis.coalesce(sign_odds, odds, 0.0),
        pieces_odds=(ibis.coalesce(both.missing_pieces, 0) > 0).ifelse(at.cap, 0.0),
    ).drop("sign_odds", "unseen")


def _joined(rows: ir.Table, more: ir.Table, keys: list[str]) -> ir.Table:
    """Left, with each key once."""
    both = rows.left_join(more, keys)
    return both.drop(*(f"{key}_right" for key in keys if f"{key}_right" in both.columns))
