"""A run that goes on from an earlier one: what a day has added, without looking again at what has long settled.

A rule says what its findings rest on. Of one with a `window` only the last findings are computed again, from what still
moves in that time; one that tells of `months` is asked when a month is over; every other runs over the whole history.
The state is one Parquet file of all findings, with the instant and the versions in its metadata; it is replaced whole,
so that a run that ends early leaves the earlier one.
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
from wastetrack.checks.model import Rule
from wastetrack.checks.running import NONE, Answer, Outcome, run
from wastetrack.errors import Malformed
from wastetrack.extracts.reading import Records

CIVIL = timedelta(hours=8)
"""Of the civil calendar from UTC."""
_KEY = b"wastetrack.checks"
_DEFAULTS: Mapping[str, Mapping[str, float]] = {}


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """What an earlier run told."""

    as_of: datetime
    versions: Mapping[str, str]
    """Of each rule with its numbers; one that differs is asked anew."""
    findings: Mapping[str, pa.Table]


def read_state(path: Path) -> State | None:
    """The state in that file, None where there is none. Raises Malformed when it is no state."""
    if not path.exists():
        return None
    try:
        table = pq.read_table(path)
        told = json.loads((table.schema.metadata or {})[_KEY])
        by_rule = {
            name: table.filter(pc.equal(table["rule"], name)).drop_columns(["rule"]) for name in told["versions"]
        }
        return State(datetime.fromisoformat(told["as_of"]), told["versions"], by_rule)
    except (pa.ArrowException, KeyError, ValueError, OSError) as error:
        message = "{path} is no state of an earlier run ({error}); remove it, and all is computed anew."
        raise Malformed("state_unreadable", message, path=str(path), error=str(error)[:200]) from error


Numbers = Mapping[str, Mapping[str, float]]
"""What a deployer sets instead of a rule's defaults, by rule id and name."""


def write_state(path: Path, outcomes: Iterable[Outcome], as_of: datetime, numbers: Numbers = _DEFAULTS) -> None:
    """Replace the state by what these outcomes told, under these numbers."""
    parts, versions = [], {}
    for one in outcomes:
        if one.answer is not Answer.NO_DATA:
            versions[one.rule.id] = _version(one.rule, numbers)
            names = pa.array([one.rule.id] * one.findings.num_rows, pa.string())
            parts.append(one.findings.append_column("rule", names))
    table = pa.concat_tables(parts) if parts else NONE.append_column("rule", pa.array([], pa.string()))
    told = json.dumps({"as_of": as_of.isoformat(), "versions": versions})
    new = path.with_name(path.name + ".new")
    pq.write_table(table.replace_schema_metadata({_KEY: told.encode()}), new, compression="zstd")
    new.replace(path)


def go_on(
    records: Records, rules: Iterable[Rule], *, as_of: datetime, earlier: State, numbers: Numbers = _DEFAULTS
) -> Iterator[Outcome]:
    """One outcome a rule, as of a whole run: what was told earlier and has settled, and what is computed now.

    Raises Malformed when the earlier run knew more than is asked now.
    """
    if earlier.as_of > as_of:
        message = "The earlier run was as known on {earlier}, after {as_of}: it cannot go on backwards."
        raise Malformed("state_later", message, earlier=earlier.as_of.isoformat(), as_of=as_of.isoformat())
    asked = list(rules)
    settled: dict[str, Outcome] = {}
    again: dict[int | None, list[Rule]] = {}
    for rule in asked:
        known = earlier.findings.get(rule.id)
        if known is None or earlier.versions[rule.id] != _version(rule, numbers):
            again.setdefault(None, []).append(rule)
        elif rule.months and _month(earlier.as_of) == _month(as_of):
            settled[rule.id] = Outcome(rule, Answer.FOUND if known.num_rows else Answer.NOTHING, (), known)
        else:
            again.setdefault(rule.window, []).append(rule)
    for window, some in again.items():
        if window is None:
            settled |= {one.rule.id: one for one in run(records, some, as_of=as_of, settings=numbers)}
            continue
        moving = lately(records, earlier.as_of - timedelta(days=window))
        for one in run(moving, some, as_of=as_of, settings=numbers):
            settled[one.rule.id] = _merged(
                one, earlier.findings[one.rule.id], earlier.as_of - timedelta(days=window / 2)
            )
    yield from (settled[rule.id] for rule in asked)


def _merged(one: Outcome, known: pa.Table, since: datetime) -> Outcome:
    """Findings since then as they are now, earlier ones as they were."""
    place = pa.scalar(since, pa.timestamp("us", "UTC"))
    old = known.filter(pc.less_equal(known["found_at"], place))
    new = one.findings.filter(pc.greater(one.findings["found_at"], place))
    both = pa.concat_tables([old.cast(NONE.schema), new.cast(NONE.schema)])
    # The rule had data once: that lately nothing came is no lack of it.
    return Outcome(one.rule, Answer.FOUND if both.num_rows else Answer.NOTHING, (), both, one.seconds)


def _version(rule: Rule, numbers: Numbers) -> str:
    set_now = {parameter.name: parameter.default for parameter in rule.parameters} | dict(numbers.get(rule.id, {}))
    return json.dumps([rule.version, set_now])


def _month(instant: datetime) -> tuple[int, int]:
    civil = instant + CIVIL
    return civil.year, civil.month
