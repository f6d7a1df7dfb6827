"""What a run's facts make of a finding, and how likely it is true: rules without a database."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wastetrack.findings.merging import comes_after, distinct, join, notable, whole
from wastetrack.findings.model import Fact, FindingQueue, Gravity, is_hard
from wastetrack.findings.weighing import (
    CAP,
    Precision,
    Tally,
    chance_of,
    evidence,
    log_odds,
    posterior,
    says_of_others,
)

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def fact(since: int, found: int, grams: int = 1000, severity: int = 2) -> Fact:
    """Days after the first."""
    return Fact(
        since_at=DAY + timedelta(days=since),
        found_at=DAY + timedelta(days=found),
        severity=severity,
        at_risk_g=grams,
        statistic=1.0,
        threshold=0.5,
        facts={},
    )


def test_facts_at_the_same_time_are_one_and_the_gravest_tells_it() -> None:
    (one,) = distinct([fact(0, 5, 900, severity=4), fact(3, 8, 2000)])
    assert (one.severity, one.at_risk_g) == (4, 2000)
    assert (one.since_at, one.found_at) == (DAY, DAY + timedelta(days=5))
    assert whole(distinct([fact(0, 5), fact(5, 9), fact(9, 12)])).at_risk_g == 3000


def test_what_was_known_is_found_again_by_its_time_and_the_rest_is_new() -> None:
    known = [fact(0, 5), fact(10, 15)]
    joined = join(known, [fact(1, 6, 4000), fact(20, 22)])
    assert list(joined.known) == [0]
    assert joined.known[0].found_at == DAY + timedelta(days=5), "when it could be known first does not move"
    assert [one.since_at for one in joined.new] == [DAY + timedelta(days=20)]
    assert comes_after(joined.new, latest_at=DAY + timedelta(days=15))
    assert not comes_after([fact(11, 14)], latest_at=DAY + timedelta(days=15))


def test_a_gram_more_is_no_news_and_a_tenth_or_a_graver_word_is() -> None:
    assert not notable(severity=(2, 2), grams=(100_000, 100_900))
    assert notable(severity=(2, 2), grams=(100_000, 110_000))
    assert notable(severity=(2, 3), grams=(100_000, 1))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20), st.integers(0, 10**6)), min_size=1, max_size=20))
def test_finding_the_same_again_adds_nothing(given: list[tuple[int, int, int]]) -> None:
    told = [fact(since, since + took, grams) for since, took, grams in given]
    known = distinct(told)
    again = join(known, told)
    assert again.new == ()
    assert whole([*again.known.values()]).at_risk_g == whole(known).at_risk_g
    assert whole(known).at_risk_g <= sum(one.at_risk_g for one in told)


def test_precision_has_wilsons_interval_and_outcomes_move_the_prior() -> None:
    assert Precision(0, 0).interval is None
    low, high = Precision(8, 10).interval or (0, 0)
    assert [round(low, 4), round(high, 4)] == [0.4902, 0.9433]
    assert chance_of(0.5, Precision(0, 0)) == 0.5
    assert chance_of(0.5, Precision(6, 6)) == 0.8
    tally = Tally.of({"confirmed": 1, "data_error": 2})
    assert (tally.right(FindingQueue.SKIM), tally.right(FindingQueue.QUALITY), tally.judged) == (1, 3, 3)


def test_each_family_speaks_once_and_is_capped() -> None:
    assert says_of_others(0.999) == CAP
    assert says_of_others(0.001) == -CAP
    voices = [(FindingQueue.SKIM, 3.0), (FindingQueue.TRANSIT, 1.0), (FindingQueue.TRANSIT, 2.0)]
    assert evidence(FindingQueue.SKIM, voices) == 2.0
    assert posterior(log_odds(0.5), 0.0) == 0.5


def test_only_what_is_sure_and_grave_is_hard() -> None:
    assert is_hard(FindingQueue.INTEGRITY, Gravity.INSPECT)
    assert not is_hard(FindingQueue.INTEGRITY, Gravity.EXPLAIN)
    assert not is_hard(FindingQueue.SKIM, Gravity.REFER)
