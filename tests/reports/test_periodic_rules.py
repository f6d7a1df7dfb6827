"""Which reports a class owes, until when, and what a period is."""

import re
from datetime import date

import pytest

from wastetrack.errors import Malformed
from wastetrack.filings.model import (
    ReportKind,
    ReportPeriod,
    SubmitReport,
    check_period,
    last_ended,
    owed,
    read_period,
)
from wastetrack.filings.policy import digest_of, why_not_submit
from wastetrack.ids import new_id
from wastetrack.plans.model import ManagementClass
from wastetrack.reports.ledgers.model import USES
from wastetrack.reports.ledgers.reporting import due_days

MONTHLY, QUARTERLY, YEARLY = ReportKind


def test_each_class_owes_its_reports() -> None:
    assert owed(ManagementClass.KEY.value) == (MONTHLY, YEARLY)
    assert owed(ManagementClass.SIMPLIFIED.value) == (QUARTERLY, YEARLY)
    assert owed(ManagementClass.REGISTERED.value) == (YEARLY,)
    assert owed(None) == (YEARLY,)


@pytest.mark.parametrize(
    ("name", "since", "until", "due"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 15)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29), date(2028, 3, 15)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 15)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 15)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), date(2027, 1, 15)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), date(2027, 3, 31)),
    ],
)
def test_reports_are_due_on_the_fifteenth_and_at_the_end_of_march(
    name: str, since: date, until: date, due: date
) -> None:
    period = read_period(name)
    assert (period.name, period.since, period.until, period.due_on(due_days())) == (name, since, until, due)


@pytest.mark.parametrize("name", ["", "2026-13", "2026-Q5", "26", "2026-1", "2026-q1", "2026-00"])
def test_what_is_no_period_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        read_period(name)


@pytest.mark.parametrize(
    ("today", "month", "quarter", "year"),
    [
        (date(2026, 1, 1), "2025-12", "2025-Q4", "2025"),
        (date(2026, 3, 31), "2026-02", "2025-Q4", "2025"),
        (date(2026, 4, 1), "2026-03", "2026-Q1", "2025"),
        (date(2026, 12, 31), "2026-11", "2026-Q3", "2025"),
    ],
)
def test_the_last_period_is_the_one_that_is_over(today: date, month: str, quarter: str, year: str) -> None:
    assert [last_ended(kind, today).name for kind in ReportKind] == [month, quarter, year]
    for kind in ReportKind:
        assert check_period(last_ended(kind, today), today) == ()


def test_a_period_is_reported_the_day_after_it_ended() -> None:
    may = read_period("2026-05")
    assert [rule.code for rule in check_period(may, date(2026, 5, 31))] == ["period_not_over"]
    assert check_period(may, date(2026, 6, 1)) == ()
    assert [rule.code for rule in check_period(ReportPeriod(YEARLY, 2021), date(2026, 1, 1))] == ["period_unknown"]


def test_all_broken_rules_are_told_at_once() -> None:
    command = SubmitReport(site_id=new_id(), period=read_period("2026-05"), figures={"agrees": False}, seen="0" * 64)
    broken = why_not_submit(command, today=date(2026, 5, 2), newest="1" * 64)
    assert [rule.code for rule in broken] == [
        "period_not_over",
        "figures_changed",
        "reason_missing",
        "books_disagree",
    ]


def test_equal_figures_have_one_digest_in_whatever_order() -> None:
    assert digest_of({"a": 1, "b": [2]}) == digest_of({"b": [2], "a": 1}) != digest_of({"a": 1, "b": [3]})


@pytest.mark.parametrize("method", ["R1", "R9", "R15", "C2", "C3", "G23", "G24"])
def test_these_methods_are_use(method: str) -> None:
    assert re.search(USES, method)


@pytest.mark.parametrize("method", ["D1", "D10", "C1", "C21", "Y10", "G21", "G29", "G234"])
def test_these_methods_are_disposal(method: str) -> None:
    assert not re.search(USES, method)
