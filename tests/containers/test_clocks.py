"""How long a container may stand: a year, two days, hours by temperature, ninety working days."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from wastetrack.catalogues.jurisdiction import Choice, jurisdiction
from wastetrack.containers.clocks import ClockKind, Stay, clocks_of, years_after
from wastetrack.parties.model import SiteKind

SINCE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
AT_WORKS = Stay(
    waste_code="900-249-08",
    generated_on=date(2026, 3, 2),
    since=SINCE,
    made_here=True,
    site_kind=SiteKind.PRODUCTION,
    licensed=False,
    collects=False,
)
AT_PLANT = replace(AT_WORKS, made_here=False, licensed=True, site_kind=SiteKind.TREATMENT)
BAG = replace(AT_WORKS, waste_code="841-001-01", site_kind=SiteKind.MEDICAL)
BAG_AT_PLANT = replace(AT_PLANT, waste_code="841-001-01")


def test_a_permit_holder_has_a_year_from_arrival_and_a_generator_one_from_generation() -> None:
    late = replace(AT_PLANT, since=datetime(2026, 6, 30, 17, 0, tzinfo=UTC))  # 1 July where the law holds
    (clock,) = clocks_of(late, jurisdiction())
    assert (clock.kind, clock.due_on, clock.article) == (ClockKind.YEAR, date(2027, 7, 1), "固废法 art. 81")
    (clock,) = clocks_of(replace(AT_WORKS, since=SINCE + timedelta(days=90)), jurisdiction())
    assert clock.due_on == date(2027, 3, 2)


def test_generators_have_no_year_where_the_place_does_not_hold_them_to_it() -> None:
    figures = jurisdiction()
    choice = figures.storage_years_of_generators
    lenient = replace(figures, storage_years_of_generators=Choice("no", choice.one_of, "—", choice.certainty))
    assert clocks_of(AT_WORKS, lenient) == ()
    assert len(clocks_of(AT_PLANT, lenient)) == 1


def test_an_extension_moves_the_year_and_never_shortens_it() -> None:
    later, earlier = date(2027, 9, 1), date(2026, 9, 1)
    assert clocks_of(replace(AT_PLANT, extended_until=later), jurisdiction())[0].due_on == later
    assert clocks_of(replace(AT_PLANT, extended_until=earlier), jurisdiction())[0].due_on == date(2027, 3, 2)


def test_medical_waste_stands_two_days_where_it_was_made() -> None:
    (clock,) = clocks_of(BAG, jurisdiction())
    assert (clock.kind, clock.due_at) == (ClockKind.MEDICAL_AT_SOURCE, SINCE + timedelta(hours=48))
    assert clock.article == "医疗废物管理条例 art. 17"
    assert not clock.overdue(SINCE + timedelta(hours=48))
    assert clock.overdue(SINCE + timedelta(hours=48, seconds=1))
    assert clock.hours_left(SINCE + timedelta(hours=46, minutes=30)) == 1
    assert clock.hours_left(SINCE + timedelta(hours=48, minutes=30)) == -1


@pytest.mark.parametrize(
    ("temperature_c", "remote", "hours"),
    [
        (None, False, 24),
        (None, True, 24),
        (5, False, 24),
        (5, True, 24),
        (4, False, 72),
        (-18, False, 72),
        (4, True, 168),
    ],
)
def test_a_treatment_plant_has_hours_by_temperature(temperature_c: int | None, remote: bool, hours: int) -> None:  # noqa: FBT001
    stay = replace(BAG_AT_PLANT, temperature_c=temperature_c, remote_disinfected=remote)
    (clock,) = clocks_of(stay, jurisdiction())
    assert clock.due_at == SINCE + timedelta(hours=hours)
    assert clock.article.startswith("GB 39707-2020 5.4.6")


@pytest.mark.parametrize("code", ["841-004-01", "841-005-01"])
def test_chemical_and_pharmaceutical_waste_at_a_plant_has_the_year_of_other_waste(code: str) -> None:
    (clock,) = clocks_of(replace(BAG_AT_PLANT, waste_code=code), jurisdiction())
    assert clock.kind is ClockKind.YEAR
    (clock,) = clocks_of(replace(BAG, waste_code=code), jurisdiction())
    assert clock.kind is ClockKind.MEDICAL_AT_SOURCE


@pytest.mark.parametrize("code", ["900-249-08", "900-044-49"])
def test_collected_oil_and_batteries_go_on_within_ninety_working_days(code: str) -> None:
    gathered = replace(AT_PLANT, site_kind=SiteKind.COLLECTION, collects=True, waste_code=code)
    first, year = clocks_of(gathered, jurisdiction())
    # From 2 March 2026: 21 in March, 21 in April (清明), 19 in May (劳动节, one Saturday worked), 21 in June (端午),
    # 8 in July.
    assert (first.kind, first.due_on) == (ClockKind.COLLECTED, date(2026, 7, 10))
    assert year.kind is ClockKind.YEAR
    for without in (
        replace(gathered, collects=False),
        replace(gathered, made_here=True),
        replace(gathered, waste_code="900-006-09"),
    ):
        assert [clock.kind for clock in clocks_of(without, jurisdiction())] == [ClockKind.YEAR]


def test_a_year_that_begins_on_29_february_ends_on_the_28th() -> None:
    assert years_after(date(2028, 2, 29), 1) == date(2029, 2, 28)
    (clock,) = clocks_of(AT_WORKS, jurisdiction())
    assert clock.days_left(datetime(2027, 3, 1, 15, 59, tzinfo=UTC)) == 1
    assert not clock.overdue(datetime(2027, 3, 2, 15, 59, tzinfo=UTC))
    assert clock.overdue(datetime(2027, 3, 2, 16, 0, tzinfo=UTC))
