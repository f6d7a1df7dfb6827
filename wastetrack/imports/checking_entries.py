"""What belongs to a whole firm, entered row by row through the use case of the page: tried first, and all of it taken
back; so whatever the page would refuse is found here, whoever else is in the way."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.labelling_many import Told
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, RuleBroken
from wastetrack.i18n import message
from wastetrack.imports.checking_containers import Made
from wastetrack.imports.headings import Layout
from wastetrack.imports.model import Finding, Severity
from wastetrack.imports.rows import Row, Table, located
from wastetrack.mass import Mass
from wastetrack.parties import registering
from wastetrack.parties.commands import AddDriver, AddVehicle

_NAMED = 100
"""Names in the preview; of more it tells the number."""
_AT_A_TIME = 50
_SOME = date(2000, 1, 1)
"""Stands for a day that could not be read, where only the other cells are judged."""
_TAKEN = {
    "plate_registered_already": "plate",
    "driver_registered_already": "certificate_number",
    "contract_number_taken": "number",
}
"""What is there already → the cell that says so."""
_STEP_TAKEN = message("Take the row out; what is registered already stays as it is.")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to enter: the rows that speak of it, its name, the use case that enters it."""

    rows: tuple[int, ...]
    name: str
    enter: Callable[[WriteSession, Actor, datetime], Awaitable[UUID]]
    cell_of: Callable[[str], tuple[int, str]]
    """The field of a broken rule → the row and the column where it is told."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What a file asks to enter."""

    entries: Sequence[Entry]

    def summary(self) -> dict[str, object]:
        """What would be made."""
        names = [{"name": one.name, "count": len(one.rows)} for one in self.entries[:_NAMED]]
        return {"count": len(self.entries), "entries": names}

    async def make(self, session: WriteSession, actor: Actor, *, at: datetime, told: Told) -> list[Made]:
        """Enter all of them, in this transaction."""
        made = []
        for number, one in enumerate(self.entries, start=1):
            made.append(Made(one.rows[0], await one.enter(session, actor, at), one.name))
            if number % _AT_A_TIME == 0:
                await told(number)
        return made


async def tried(
    session: WriteSession,
    actor: Actor,
    layout: Layout,
    entries: Sequence[Entry],
    *,
    findings: list[Finding],
    at: datetime,
    told: Told,
) -> Entries:
    """Enter each behind a point to which everything is taken back; what is refused is added to the findings."""
    good = []
    behind = await session.begin_nested()
    try:
        for number, one in enumerate(entries, start=1):
            wrong = await _why_not(session, actor, one, at)
            for broken in wrong:
                row, field = one.cell_of(broken.field)
                findings.append(located(layout, row, replace(broken, field=field)))
            if not wrong:
                good.append(one)
            if number % _AT_A_TIME == 0:
                await told(number)
    finally:
        await behind.rollback()
    return Entries(good)


async def _why_not(session: WriteSession, actor: Actor, one: Entry, at: datetime) -> Sequence[Broken]:
    try:
        async with session.begin_nested():
            await one.enter(session, actor, at)
    except RuleBroken as refused:
        return refused.broken
    except Conflict as taken:
        if taken.code not in _TAKEN:
            raise
        return (Broken(_TAKEN[taken.code], taken.code, taken.message, one.name, None, _STEP_TAKEN, taken.facts),)
    return ()


async def check_vehicles(
    session: WriteSession,
    actor: Actor,
    table: Table,
    *,
    findings: list[Finding],
    at: datetime,
    told: Told,
) -> Entries:
    """A vehicle for each row."""
    return await _simple(session, actor, table, _vehicle, "licence_valid_to", findings=findings, at=at, told=told)


async def check_drivers(
    session: WriteSession,
    actor: Actor,
    table: Table,
    *,
    findings: list[Finding],
    at: datetime,
    told: Told,
) -> Entries:
    """A driver or escort for each row."""
    return await _simple(session, actor, table, _driver, "certificate_valid_to", findings=findings, at=at, told=told)


def _vehicle(actor: Actor, row: Row) -> AddVehicle:
    return AddVehicle(
        organisation_id=actor.organisation_id,
        plate=row.get("plate"),
        rated_load=row.get("rated_load", Mass(1)),
        licence_number=row.get("licence_number"),
        licence_valid_to=row.get("licence_valid_to", _SOME),
    )


def _driver(actor: Actor, row: Row) -> AddDriver:
    return AddDriver(
        organisation_id=actor.organisation_id,
        name=row.get("name"),
        certificate_number=row.get("certificate_number"),
        certificate_valid_to=row.get("certificate_valid_to", _SOME),
        phone=row.get("phone"),
    )


async def _simple(
    session: WriteSession,
    actor: Actor,
    table: Table,
    command_of: Callable[[Actor, Row], AddVehicle | AddDriver],
    ends: str,
    *,
    findings: list[Finding],
    at: datetime,
    told: Told,
) -> Entries:
    entries = []
    for row in table.rows:
        command = command_of(actor, row)
        if row.is_sound:
            entries.append(_entry(row, command))
        else:  # whoever mends the file is told of all at once
            findings += [located(table.layout, row.number, one) for one in command.broken() if one.field in row.values]
        if row.get(ends, date.max) < legal_day(at):
            findings.append(located(table.layout, row.number, _over(ends, row.values), Severity.WARNING))
    return await tried(session, actor, table.layout, entries, findings=findings, at=at, told=told)


def _entry(row: Row, command: AddVehicle | AddDriver) -> Entry:
    async def enter(session: WriteSession, actor: Actor, at: datetime) -> UUID:
        if isinstance(command, AddVehicle):
            return (await registering.add_vehicle(session, actor, command, at=at)).id
        return (await registering.add_driver(session, actor, command, at=at)).id

    name = command.plate if isinstance(command, AddVehicle) else command.name
    return Entry((row.number,), name, enter, lambda field: (row.number, field))


def _over(field: str, values: Mapping[str, date]) -> Broken:
    return Broken(
        field,
        "certificate_over",
        message("This certificate ended on {value}; no transport can be begun under it."),
        values[field].isoformat(),
        "令23 art. 13",
        message("Give the day of the renewed certificate; or say yes, and renew it before the next trip."),
    )
