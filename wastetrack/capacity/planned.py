"""Planned projects as plants of an instance: from the month on in which they are expected, at the place where they will
stand. Pure."""

from dataclasses import dataclass

from wastetrack.capacity.facts import MONTHS, SiteFacts
from wastetrack.capacity.placing import Line, LineSource, Plant, Rows
from wastetrack.capacity.projects import PlannedProject
from wastetrack.parties.model import SiteKind


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """A project that a scenario opens."""

    project: PlannedProject
    first_month: int
    """Of the year of the scenario, from 0."""


def project_facts(found: PlannedProject, year: int) -> ProjectFacts | None:
    """A project as a scenario of a year has it; None where it cannot be counted on."""
    month = found.first_month(year)
    return None if month is None else ProjectFacts(found, month)


def add_projects(rows: Rows, projects: tuple[ProjectFacts, ...]) -> None:
    """The plants and lines of projects; in the first year they can do the months that are left of it."""
    for one in projects:
        project, left = one.project, MONTHS - one.first_month
        limits = [item.yearly.grams * left // MONTHS for item in project.items]
        months = (0,) * one.first_month + _spread(sum(limits), left)
        place = rows.place_of(_site(project))
        rows.plants.append(Plant(project.plant, project.name, place, months, sum(limits)))
        rows.lines += [
            Line(
                len(rows.plants) - 1,
                LineSource(item.pattern, item.methods),
                f"{project.plant}:{item.pattern}",
                limit,
                first=one.first_month,
            )
            for item, limit in zip(project.items, limits, strict=True)
        ]


def _spread(grams: int, months: int) -> tuple[int, ...]:
    return tuple(grams * (month + 1) // months - grams * month // months for month in range(months))


def _site(project: PlannedProject) -> SiteFacts:
    return SiteFacts(
        id=project.id,
        name=project.name,
        kind=SiteKind.TREATMENT,
        region_code=project.region_code,
        longitude=float(project.longitude),
        latitude=float(project.latitude),
        # Its builder may be no firm of the register: it shares with nobody.
        organisation_id=project.id,
        organisation=project.builder,
        stores_g=0,
    )
