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
from wastetrack.checks.model import Rule
from wastetrack.checks.running import Answer, Outcome, run
from wastetrack.errors import Malformed
from wastetrack.extracts.reading import Records, open_extract
from wastetrack.simulation.simulating import simulate, wish
from wastetrack.simulation.sizes import Hardness, Size

LESS = [rule for rule in RULES if rule.window is not None or rule.months]
"""All others are run over everything either way."""
MIDNIGHT = datetime(2025, 7, 29, 16, tzinfo=UTC)
"""In China; July is over two days later."""
BY_ID = {rule.id: rule for rule in RULES}


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[datetime, Records]]:
    """A made world as it stood at the end of four days."""
    folder = tmp_path_factory.mktemp("days")
    for _ in simulate(wish(Size.XS, Hardness.HARD, 71, schemes="all"), folder / "world"):
        pass
    ends = [MIDNIGHT + timedelta(days=day) for day in range(4)]
    return [(end, open_extract(cut(folder / "world", folder / f"{end:%m%d}", end), memory="2GB")) for end in ends]


def test_day_after_day_it_tells_what_a_whole_run_tells(days: list[tuple[datetime, Records]], tmp_path: Path) -> None:
    state = tmp_path / "state.parquet"
    (first, extract), *later = days
    write_state(state, run(extract, LESS, as_of=first), first)
    wrong, compared = [], 0
    for end, extract in later:
        earlier = read_state(state)
        assert earlier is not None
        whole = list(run(extract, LESS, as_of=end))
        gone_on = list(go_on(extract, LESS, as_of=end, earlier=earlier))
        write_state(state, gone_on, end)
        compared += sum(one.findings.num_rows for one in whole)
        wrong += [
            f"{end:%m-%d} {here.rule.id}: {told}"
            for here, there in zip(whole, gone_on, strict=True)
            if (told := difference(here, there))
        ]
    assert not wrong
    assert compared > 150, "little was compared"


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
