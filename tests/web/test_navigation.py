"""The navigation of each role: short, in the order of the day's work, each heading once."""

from itertools import groupby
from uuid import UUID

import pytest

from wastetrack.auth.model import Actor, Role, viewer_of_organisation
from wastetrack.web.navigation import (
    BOOKS,
    DIRECTORY,
    FIRST,
    GROUNDS,
    MOST_IN_SIGHT,
    OUTLETS,
    ROAD,
    SETTINGS,
    WORK,
    Entry,
    entries_for,
    first_of,
)

NOBODY = UUID(int=1)


def found_by(role: Role) -> tuple[Entry, ...]:
    """What somebody in this role finds."""
    return entries_for(Actor(NOBODY, "陈杰", NOBODY, NOBODY, role, viewer_of_organisation(NOBODY)))


@pytest.mark.parametrize("role", list(Role))
def test_each_heading_stands_once_over_a_short_list(role: Role) -> None:
    groups = [
        (title, [entry.path for entry in lines]) for title, lines in groupby(found_by(role), lambda one: one.group)
    ]
    order = [WORK, ROAD, GROUNDS, OUTLETS, BOOKS, DIRECTORY, SETTINGS]
    titles = [title for title, _ in groups]
    assert titles == [title for title in order if title in titles]
    assert groups[0][1][0] == "/"
    assert max(len(paths) for _, paths in groups) <= 7


_ROAD = ("/manifests", "/on-the-way", "/discrepancies")


@pytest.mark.parametrize(
    ("role", "work"),
    [
        (Role.DRIVER, ["/", "/medical", "/manifests", "/on-the-way"]),
        (
            Role.GATE_OPERATOR,
            [*("/", "/gate", "/containers", "/stores", "/treatment", "/medical"), *_ROAD],
        ),
        (Role.FILER, ["/", "/containers", "/stores", "/medical", *_ROAD, "/calls", "/paper", "/positions"]),
        (
            Role.INSPECTOR,
            [
                "/",
                "/findings",
                *("/containers", "/medical", "/manifests", "/on-the-way", "/calls", "/paper", "/positions"),
            ],
        ),
        (Role.OPERATOR, ["/"]),
    ],
)
def test_the_day_s_work_comes_first(role: Role, work: list[str]) -> None:
    assert [entry.path for entry in found_by(role) if entry.group in {WORK, ROAD}] == work


@pytest.mark.parametrize("role", list(Role))
def test_few_entries_stand_in_sight_and_none_is_lost(role: Role) -> None:
    entries = found_by(role)
    first = first_of(entries, role)
    assert first[0].path == "/"
    assert [entry.path for entry in first] == list(FIRST[role])
    assert 4 <= len(first) <= MOST_IN_SIGHT
    assert all(entry.icon for entry in first)


def test_a_driver_s_whole_list_fits_a_phone() -> None:
    assert len(found_by(Role.DRIVER)) <= 10


def test_nobody_finds_anything_before_signing_in() -> None:
    assert entries_for(None) == ()
