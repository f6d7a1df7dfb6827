"""A run that goes on from an earlier one: what a day has added, without looking again at what has long settled.

A rule says how often it looks at the whole history, and what its findings rest on. Between two such looks one with a
`window` computes its last findings again, from what still moves in that time; every other rests: its findings stand as
they were, and are said to be of its last look. A new week looks at the whole history: what was corrected or came late,
further back than a window, is seen then. The state is one Parquet file of all findings, with the instants, the versions
and the files that were looked at in its metadata; it is replaced whole, so that a run that ends early leaves the
earlier one.
"""

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wastetrack.checks.lately import lately
from wastetrack.checks.model import Cadence, Rule
from wastetrack.checks.running import NONE, Answer, Outcome, run
from wastetrack.errors import Malformed
from wastetrack.extracts.files import Stamp
from wastetrack.extracts.reading import Records

CIVIL = timedelta(hours=8)
"""Of the civil calendar from UTC."""
_KEY = b"wastetrack.checks"
_DEFAULTS: Mapping[str, Mapping[str, float]] = {}


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """What a rule told in an earlier run."""

    version: str
    """Of the rule with its numbers; one that differs is asked anew."""
    whole_at: datetime
    """As of when it last looked at the whole history."""
    findings: pa.Table


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """What an earlier run told, rule by rule."""

    as_of: datetime
    rules: Mapping[str, Told]
    looked_at: frozenset[Stamp]
    """Files in whose rows nothing was wrong."""
    published: bool


def read_state(path: Path) -> State | None:
    """The state in that file, None where there is none. Raises Malformed when it is no state."""
    if not path.exists():
        return None
    try:
        table = pq.read_table(path)
        told = json.loads((table.schema.metadata or {})[_KEY])
        rules = {
            name: Told(
                version,
                datetime.fromisoformat(whole_at),
                table.filter(pc.equal(table["rule"], name)).drop_columns(["rule"]),
            )
            for name, (version, whole_at) in told["rules"].items()
        }
        looked_at = frozenset((str(name), int(size), int(at)) for name, size, at in told["looked_at"])
        return State(datetime.fromisoformat(told["as_of"]), rules, looked_at, bool(told["published"]))
    except (pa.ArrowException, KeyError, TypeError, ValueError, OSError) as error:
        message = "{path} is no state of an earlier run ({error}); remove it, and all is computed anew."
        raise Malformed("state_unreadable", message, path=str(path), error=str(error)[:200]) from error


Numbers = Mapping[str, Mapping[str, float]]
"""What a deployer sets instead of a rule's defaults, by rule id and name."""


def write_state(
    path: Path,
    outcomes: Iterable[Outcome],
    as_of: datetime,
    numbers: Numbers = _DEFAULTS,
    *,
    looked_at: Iterable[Stamp] = (),
    published: bool = False,
) -> None:
    """Replace the state by what these outcomes told, under these numbers, of files that could be read."""
    parts, rules = [], {}
    for one in outcomes:
        if one.answer is not Answer.NO_DATA:
            rules[one.rule.id] = (_version(one.rule, numbers), (one.whole_at or as_of).isoformat())
            names = pa.array([one.rule.id] * one.findings.num_rows, pa.string())
            parts.append(one.findings.append_column("rule", names))
    table = pa.concat_tables(parts) if parts else NONE.append_column("rule", pa.array([], pa.string()))
    told = {"as_of": as_of.isoformat(), "published": published, "rules": rules, "looked_at": sorted(looked_at)}
    new = path.with_name(path.name + ".new")
    pq.write_table(table.replace_schema_metadata({_KEY: json.dumps(told).encode()}), new, compression="zstd")
    new.replace(path)


def go_on(
    records: Records, rules: Iterable[Rule], *, as_of: datetime, earlier: State | None, numbers: Numbers = _DEFAULTS
) -> Iterator[Outcome]:
    """One outcome a rule, in their order: what is computed now, and what stands from an earlier look. Without an
    earlier run all look at the whole history.

    Raises Malformed when the earlier run knew more than is asked now.
    """
    if earlier is None:
        yield from run(records, rules, as_of=as_of, settings=numbers)
        return
    if earlier.as_of > as_of:
        message = "The earlier run was as known on {earlier}, after {as_of}: it cannot go on backwards."
        raise Malformed("state_later", message, earlier=earlier.as_of.isoformat(), as_of=as_of.isoformat())
    asked = list(rules)
    told: dict[str, Outcome] = {}
    anew: list[Rule] = []
    again: dict[int, list[Rule]] = {}
    for rule in asked:
        known = earlier.rules.get(rule.id)
        if known is None or known.version != _version(rule, numbers) or _due(rule, known.whole_at, as_of):
            anew.append(rule)
        elif rule.window is None:
            told[rule.id] = _resting(rule, known)
        else:
            again.setdefault(rule.window, []).append(rule)
    told |= {one.rule.id: one for one in run(records, anew, as_of=as_of, settings=numbers)}
    for window, some in again.items():
        moving = lately(records, earlier.as_of - timedelta(days=window))
        settled = earlier.as_of - timedelta(days=window / 2)
        for one in run(moving, some, as_of=as_of, settings=numbers):
            told[one.rule.id] = _merged(one, earlier.rules[one.rule.id], settled)
    yield from (told[rule.id] for rule in asked)


def _due(rule: Rule, whole_at: datetime, as_of: datetime) -> bool:
    """Whether it has to look at the whole history: each time, or as a civil week or month has begun since it did."""
    before, now = ((at + CIVIL).date() for at in (whole_at, as_of))
    match rule.cadence:
        case Cadence.DAY:
            return True
        case Cadence.WEEK:
            return before.isocalendar()[:2] != now.isocalendar()[:2]
        case Cadence.MONTH:
            return (before.year, before.month) != (now.year, now.month)


def _resting(rule: Rule, known: Told) -> Outcome:
    answer = Answer.FOUND if known.findings.num_rows else Answer.NOTHING
    return Outcome(rule, answer, (), known.findings, whole_at=known.whole_at, rests=True)


def _merged(one: Outcome, known: Told, since: datetime) -> Outcome:
    """Findings since then as they are now, earlier ones as they were."""
    place = pa.scalar(since, pa.timestamp("us", "UTC"))
    old = known.findings.filter(pc.less_equal(known.findings["found_at"], place))
    new = one.findings.filter(pc.greater(one.findings["found_at"], place))
    both = pa.concat_tables([old.cast(NONE.schema), new.cast(NONE.schema)])
    # The rule had data once: that lately nothing came is no lack of it.
    answer = Answer.FOUND if both.num_rows else Answer.NOTHING
    return Outcome(one.rule, answer, (), both, one.seconds, whole_at=known.whole_at)


def _version(rule: Rule, numbers: Numbers) -> str:
    set_now = {parameter.name: parameter.default for parameter in rule.parameters} | dict(numbers.get(rule.id, {}))
    return json.dumps([rule.version, set_now])
