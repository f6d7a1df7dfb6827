"""A worked-out epidemic as tables: who takes what on each day, from where, by which plant; what the workbook holds."""

from datetime import datetime

from wastetrack.capacity.surge_model import SurgeAnswer, SurgeQuestion
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.figures import Words
from wastetrack.reports.tabular import Cell, Column, Document, MassUnit, Sheet, named, said

_T = MassUnit.TONNE


def document_of(asked: SurgeQuestion, found: SurgeAnswer, *, made_at: datetime, zone: str) -> Document:
    """The plan as a workbook."""
    told = (
        message("From {base} a day to {peak} a day; the usual plants can treat {usual} a day."),
        {
            "base": Mass(asked.curve.base_g).tonne_text(),
            "peak": Mass(asked.curve.peak_g).tonne_text(),
            "usual": Mass(asked.usual_g).tonne_text(),
        },
    )
    lines = (
        (said("Region"), asked.title),
        (said("Begins"), asked.begins_on.isoformat()),
        (said("Goes nowhere"), Mass(found.unmatched_g).tonne_text()),
    )
    sheets = (_days(found, said(told[0], **told[1])), _plants(found), _loads(asked, found))
    return Document(said("Epidemic in {region}", region=asked.title), lines, sheets, made_at, zone)


def _days(found: SurgeAnswer, note: Words) -> Sheet:
    """A line a day, a column a plant: the plan to hang on the wall."""
    taking = [one for one in found.plants if one.total_g]
    columns = (
        Column(said("On which day"), 1.2),
        _mass(said("Arises")),
        *(_mass(Words(zh=one.name, en=one.name)) for one in taking),
        _mass(said("Waits")),
        _mass(said("Goes nowhere")),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            day.day,
            Mass(day.arises_g),
            *(Mass(one.taken_g[place]) for one in taking),
            Mass(day.waits_g),
            Mass(day.unmatched_g),
        )
        for place, day in enumerate(found.days)
    )
    return Sheet(said("Who takes what on which day"), columns, rows, (note,))


def _plants(found: SurgeAnswer) -> Sheet:
    columns = (
        Column(said("Plant"), 3),
        Column(said("Called as"), 1.6),
        Column(said("Ready on"), 1.2),
        _mass(said("Capacity a day")),
        _mass(said("Busiest day")),
        _mass(said("In all")),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.name,
            named(one.tier),
            said("usual") if not one.is_called else one.ready_on or said("not called"),
            Mass(one.daily_g),
            Mass(one.peak_g),
            Mass(one.total_g),
        )
        for one in found.plants
    )
    return Sheet(said("Plants"), columns, rows)


def _loads(asked: SurgeQuestion, found: SurgeAnswer) -> Sheet:
    places = {one.id: one.name for one in asked.places}
    plants = {one.id: one.name for one in asked.plants}
    columns = (
        Column(said("On which day"), 1.2),
        Column(said("From"), 3),
        Column(said("To"), 3),
        _mass(said("Net mass")),
    )
    rows = tuple((one.day, places[one.place], plants[one.plant], Mass(one.mass_g)) for one in found.loads)
    return Sheet(said("From where to where"), columns, rows)


def _mass(title: Words) -> Column:
    return Column(title, 1.2, "right", _T)
