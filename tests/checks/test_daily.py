"""A run that goes on from an earlier one tells what a whole run tells."""

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.cut import cut
from tests.support.outcomes import difference
from tests.support.records import records
from wastetrack.checks.daily import go_on, read_state, write_state
from wastetrack.checks.every import RULES
from wastetrack.checks.model import Cadence, Rule
from wastetrack.checks.running import Answer, Outcome, run
from wastetrack.errors import Malformed
from wastetrack.extracts.reading import Records, open_extract
from wastetrack.simulation.simulating import simulate, wish
from wastetrack.simulation.sizes import Hardness, Size

ENDS = [datetime(2025, 9, day, 16, tzinfo=UTC) for day in (26, 27, 28, 30)]
"""Midnight in China: of a Saturday, a Sunday, a Monday with which a week begins, and the first of October."""
FRESH = {
    1: {Cadence.DAY},
    2: {Cadence.DAY, Cadence.WEEK},
    3: {Cadence.DAY, Cadence.MONTH},
}
"""Which rules look at the whole history at the end of each day after the first."""
BY_ID = {rule.id: rule for rule in RULES}


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[datetime, Records]]:
    """A made world as it stood at the end of four days."""
    folder = tmp_path_factory.mktemp("days")
    for _ in simulate(wish(Size.XS, Hardness.HARD, 71, schemes="all"), folder / "world"):
        pass
    return [(end, open_extract(cut(folder / "world", folder / f"{end:%m%d}", end), memory="2GB")) for end in ENDS]


def test_day_after_day_it_tells_what_a_whole_run_tells(days: list[tuple[datetime, Records]], tmp_path: Path) -> None:
    state = tmp_path / "state.parquet"
    (first, extract), *later = days
    last = list(run(extract, RULES, as_of=first))
    write_state(state, last, first)
    told = {one.rule.id: one for one in last}
    wrong, compared, rested = [], 0, 0
    for number, (end, extract) in enumerate(later, 1):
        earlier = read_state(state)
        assert earlier is not None
        gone_on = list(go_on(extract, RULES, as_of=end, earlier=earlier))
        write_state(state, gone_on, end)
        looked = [one for one in gone_on if not one.rests]
        assert {one.rule.id for one in gone_on if one.rests} == {
            one.id
            for one in RULES
            if one.window is None and one.cadence not in FRESH[number] and told[one.id].answer is not Answer.NO_DATA
        }
        whole = list(run(extract, [one.rule for one in looked], as_of=end))
        compared += sum(one.findings.num_rows for one in whole)
        rested += len(gone_on) - len(looked)
        pairs = [*zip(whole, looked, strict=True), *((told[one.rule.id], one) for one in gone_on if one.rests)]
        told |= {one.rule.id: one for one in gone_on}
        wrong += [f"{end:%m-%d} {here.rule.id}: {is_}" for here, there in pairs if (is_ := difference(here, there))]
    assert not wrong
    assert compared > 150, "little was compared"
    assert rested > 60, "little rested"


def test_a_rule_that_rests_says_since_when_and_looks_when_a_week_or_month_has_begun(tmp_path: Path) -> None:
    state, week, month = tmp_path / "state.parquet", BY_ID["F01"], BY_ID["F04"]
    extract = records(manifests=[{"filed_at": "2026-05-01 06:00", "cancelled_at": "2026-05-01 07:00"}])
    sunday = datetime(2026, 5, 31, 15, 59, tzinfo=UTC)
    began = datetime(2026, 5, 26, tzinfo=UTC)
    write_state(state, run(extract, [week, month], as_of=began), began)
    rests = {sunday: [began, began], sunday + timedelta(minutes=1): [None, None]}
    for at, expected in rests.items():
        earlier = read_state(state)
        assert earlier is not None
        outcomes = list(go_on(extract, [week, month], as_of=at, earlier=earlier))
        assert [one.whole_at for one in outcomes] == expected
        write_state(state, outcomes, at)
    earlier = read_state(state)
    assert earlier is not None
    assert {told.whole_at for told in earlier.rules.values()} == {sunday + timedelta(minutes=1)}


def test_a_new_week_sees_what_was_corrected_further_back_than_a_window(tmp_path: Path) -> None:
    rule, state = BY_ID["F02"], tmp_path / "state.parquet"
    old = {"received_g": 0, "rejected_g": 0, "received_at": "2026-01-03 18:00", "filed_at": "2026-01-03 08:00"}
    then = datetime(2026, 5, 2, tzinfo=UTC)
    write_state(state, run(records(manifests=[old]), [rule], as_of=then), then)
    corrected = records(manifests=[{**old, "received_g": 1_000_000}])
    assert _subjects(_go_on(state, corrected, [rule], then + timedelta(days=1)))
    assert not _subjects(_go_on(state, corrected, [rule], then + timedelta(days=2)))


def test_what_is_no_longer_so_is_no_longer_told_and_what_has_settled_stays(tmp_path: Path) -> None:
    rule, state = BY_ID["F02"], tmp_path / "state.parquet"
    empty = {"declared_g": 5_000_000, "received_g": 0, "rejected_g": 0, "departed_at": "2026-05-01 08:00"}
    old = {**empty, "manifest_id": "old", "filed_at": "2026-01-03 08:00", "received_at": "2026-01-03 18:00"}
    new = {**empty, "manifest_id": "new", "filed_at": "2026-05-01 06:00", "received_at": "2026-05-01 18:00"}
    then, now = datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC)
    write_state(state, run(records(manifests=[old, new]), [rule], as_of=then), then)
    assert _subjects(_go_on(state, records(manifests=[old, new]), [rule], now)) == ["new", "old"]
    corrected = {**new, "received_g": 5_000_000}
    assert _subjects(_go_on(state, records(manifests=[old, corrected]), [rule], now)) == ["old"]
    nothing = _go_on(state, records(manifests=[{**old, "received_g": 5_000_000}]), [rule], now)
    assert _subjects(nothing) == ["old"], "what happened before the window is not looked at again"
    assert nothing.answer is Answer.FOUND


def test_a_rule_of_another_version_or_unknown_to_the_state_is_asked_anew(tmp_path: Path) -> None:
    rule, state = BY_ID["F02"], tmp_path / "state.parquet"
    bad = {"received_g": 0, "rejected_g": 0, "received_at": "2026-01-03 18:00", "filed_at": "2026-01-03 08:00"}
    then, now = datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC)
    write_state(state, run(records(manifests=[bad]), [rule, BY_ID["F05"]], as_of=then), then)
    fixed = records(manifests=[{**bad, "received_g": 1_000_000}])
    assert _subjects(_go_on(state, fixed, [rule], now))
    assert not _subjects(_go_on(state, fixed, [dataclasses.replace(rule, version=rule.version + 1)], now))
    assert not _subjects(_go_on(state, fixed, [BY_ID["R40"]], now))


def test_it_does_not_go_backwards_and_refuses_what_is_no_state(tmp_path: Path) -> None:
    state = tmp_path / "state.parquet"
    assert read_state(state) is None
    extract, then = records(manifests=[{}]), datetime(2026, 5, 2, tzinfo=UTC)
    write_state(state, run(extract, [BY_ID["F02"]], as_of=then), then)
    with pytest.raises(Malformed, match="backwards"):
        _go_on(state, extract, [BY_ID["F02"]], then - timedelta(days=1))
    state.write_bytes(state.read_bytes()[:-20])
    with pytest.raises(Malformed, match="no state"):
        read_state(state)


def _go_on(state: Path, extract: Records, rules: list[Rule], as_of: datetime) -> Outcome:
    earlier = read_state(state)
    assert earlier is not None
    (outcome,) = go_on(extract, rules, as_of=as_of, earlier=earlier)
    return outcome


def _subjects(outcome: Outcome) -> list[Any]:
    return sorted(outcome.findings["subject_id"].to_pylist())
