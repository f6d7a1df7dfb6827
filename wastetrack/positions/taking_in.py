"""Take in a file of fixes: all of it or, with everything that is wrong said, nothing.

Row-level security forbids COPY into the table; one statement over arrays is as fast, and its policy still looks at
each row.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.characters import without_unseen
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, RuleBroken
from wastetrack.i18n import message
from wastetrack.ids import new_id
from wastetrack.parties import plates
from wastetrack.positions.coordinates import in_china, to_wgs84
from wastetrack.positions.judging import NOTES, Notes, usable
from wastetrack.positions.model import LARGEST_FILE, MOST_FAULTS, Fault, Fix, Frame, ReadFixes, TakePositions
from wastetrack.positions.reading_csv import read_csv
from wastetrack.positions.reading_jt808 import read_jt808
from wastetrack.positions.tables import PositionImportRow

_KNOWN = """
select vehicle.plate, receiver.number, receiver.created_at, receiver.ended_at, vehicle.id, vehicle.organisation_id
from vehicles vehicle
join organisations firm on firm.id = vehicle.organisation_id
left join vehicle_receivers receiver on receiver.vehicle_id = vehicle.id and receiver.number = any ($2::text[])
where (vehicle.plate = any ($1::text[]) or receiver.number is not null)
  and (vehicle.organisation_id = $3 or firm.region_code like $4)
order by receiver.created_at
"""
_ADD = """
insert into vehicle_positions (vehicle_id, organisation_id, seen_at, latitude, longitude, speed_km_h, direction,
  altitude_m, accuracy_m, door_open, alarm, status, import_id)
select fix.*, $13::uuid from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::float8[], $5::float8[],
  $6::float8[], $7::int2[], $8::int4[], $9::float8[], $10::bool[], $11::int8[], $12::int8[]) fix
on conflict (vehicle_id, seen_at) do nothing
"""


@dataclass(frozen=True, slots=True)
class _Place:
    """A receiver in a vehicle, from when it was said to be there until it was taken out."""

    since: datetime
    until: datetime | None
    owned: tuple[UUID, UUID]
    """The vehicle and its firm."""


@dataclass(frozen=True, slots=True)
class _Vehicles:
    """Which vehicle, and whose, a fix is of."""

    plates: Mapping[str, tuple[UUID, UUID]]
    receivers: Mapping[str, Sequence[_Place]]
    """In the order of time."""

    def find(self, fix: Fix) -> tuple[UUID, UUID] | None:
        """The vehicle that had the receiver at the time of the fix.

        Of before it was named at all, the one that still has it; none if it has left that one, for then nobody can
        tell how long it had been there.
        """
        if fix.by_plate:
            return self.plates.get(_name(fix))
        places = self.receivers.get(_name(fix), ())
        if not places:
            return None
        begun = [one for one in places if one.since <= fix.seen_at]
        if not begun:
            return places[0].owned if places[0].until is None else None
        return begun[-1].owned if begun[-1].until is None or fix.seen_at < begun[-1].until else None

    def of(self, fix: Fix) -> tuple[UUID, UUID]:
        """The same of a fix that is known to be of some vehicle."""
        found = self.find(fix)
        assert found is not None  # noqa: S101  strangers are refused before
        return found


def read_file(content: bytes) -> ReadFixes:
    """By its first character: JSON or CSV."""
    return read_jt808(content) if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in {b"{", b"["} else read_csv(content)


def refuse_large(content: bytes) -> None:
    """Raise RuleBroken where there is more of a file than is taken: the rest of it would be lost in silence."""
    if len(content) > LARGEST_FILE:
        words, step = message("The file has more than {most} bytes."), message("Send fewer rows at once.")
        raise RuleBroken([Broken("file", "file_too_large", words, next_step=step, facts={"most": LARGEST_FILE})])


def refuse_faults(file: str, faults: list[Fault]) -> None:
    """Raise RuleBroken with where each fault stands, if there is one; of many the first, and how many there are."""
    if not faults:
        return
    broken = [_placed(file, one) for one in faults[:MOST_FAULTS]]
    if len(faults) > MOST_FAULTS:
        sentence = message("There are {count} faults in all; the first {most} are told.")
        facts: dict[str, object] = {"count": len(faults), "most": MOST_FAULTS}
        broken.append(Broken(file, "more_faults", sentence, facts=facts))
    raise RuleBroken(broken)


def _placed(file: str, fault: Fault) -> Broken:
    where = ", ".join(part for part in (file, str(fault.row) if fault.row else "", fault.column) if part)
    one = fault.broken
    return Broken(where, one.code, one.message, one.value, one.article, one.next_step, one.facts)


async def take_positions(
    session: WriteSession, actor: Actor, command: TakePositions, *, at: datetime, kept_days: int
) -> PositionImportRow:
    """Keep the fixes of a file. The same file again adds nothing.

    Raises Forbidden, RuleBroken for a file that is too large, and with every cell that cannot be and every vehicle that
    is none of the sender's.
    """
    demand(actor, Verb.TRACK)
    refuse_large(command.content)
    name = without_unseen(command.name.replace("\\", "/").rpartition("/")[2]).strip()[-120:] or "—"
    read = await asyncio.to_thread(read_file, command.content)
    vehicles = await _vehicles(session, actor, read.fixes)
    refuse_faults(name, [*read.faults, *_strangers(read.fixes, vehicles)])
    notes = Notes()
    for one in read.unplaced:
        notes.add(one.code, one.first_row, one.vehicle, one.count)
    kept = await asyncio.to_thread(usable, read.fixes, notes, at=at, kept_since=at - timedelta(days=kept_days))
    row = PositionImportRow(
        id=new_id(),
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        name=name,
        source=read.source.value,
        frame=(Frame.GCJ02 if any(fix.frame is Frame.GCJ02 for fix in read.fixes) else Frame.WGS84).value,
        rows=read.rows,
        added=0,
        first_at=min((fix.seen_at for fix in kept), default=None),
        last_at=max((fix.seen_at for fix in kept), default=None),
        findings=[],
        received_at=at,
    )
    await _keep(session, row, kept, vehicles, notes)
    return row


async def _keep(
    session: WriteSession,
    row: PositionImportRow,
    kept: list[Fix],
    vehicles: _Vehicles,
    notes: Notes,
) -> None:
    """The file first, for its fixes name it; it is written once, so its count is asked before."""
    places = [
        to_wgs84(fix.latitude, fix.longitude) if fix.frame is Frame.GCJ02 else (fix.latitude, fix.longitude)
        for fix in kept
    ]
    for fix, (north, east) in zip(kept, places, strict=True):
        if not in_china(north, east):
            notes.add("outside_china", fix.row, fix.vehicle)
    known = await _here_already(session, kept, vehicles)
    for fix in kept:
        if (vehicles.of(fix)[0], fix.seen_at) in known:
            notes.add("known", fix.row, fix.vehicle)
    row.added = len({(vehicles.of(fix)[0], fix.seen_at) for fix in kept} - known)
    row.findings = [
        {"code": one.code, "count": one.count, "row": one.first_row, "vehicle": one.vehicle, "told": NOTES[one.code]}
        for one in notes.told()
    ]
    session.add(row)
    await session.flush()
    driver = await session.driver()
    await driver.execute(
        _ADD,
        [vehicles.of(fix)[0] for fix in kept],
        [vehicles.of(fix)[1] for fix in kept],
        [fix.seen_at for fix in kept],
        [north for north, _ in places],
        [east for _, east in places],
        [fix.speed_km_h for fix in kept],
        [fix.direction for fix in kept],
        [fix.altitude_m for fix in kept],
        [fix.accuracy_m for fix in kept],
        [fix.door_open for fix in kept],
        [fix.alarm for fix in kept],
        [fix.status for fix in kept],
        row.id,
    )


async def _here_already(session: WriteSession, kept: list[Fix], vehicles: _Vehicles) -> set[tuple[UUID, datetime]]:
    if not kept:
        return set()
    driver = await session.driver()
    found = await driver.fetch(
        "select fix.vehicle_id, fix.seen_at from unnest($1::uuid[], $2::timestamptz[]) asked (vehicle_id, seen_at) "
        "join vehicle_positions fix on fix.vehicle_id = asked.vehicle_id and fix.seen_at = asked.seen_at",
        [vehicles.of(fix)[0] for fix in kept],
        [fix.seen_at for fix in kept],
    )
    return {(one["vehicle_id"], one["seen_at"]) for one in found}


def _name(fix: Fix) -> str:
    """How a vehicle is found: its plate as it is registered, or the number of its receiver without leading zeros."""
    if fix.by_plate:
        return plates.normalise(fix.vehicle)
    return receiver_number(fix.vehicle)


def receiver_number(text: str) -> str:
    """JT/T 808 fills the number up with zeros on its left, by six bytes in one edition and by ten in another."""
    return text.strip().lstrip("0")


async def _vehicles(session: WriteSession, actor: Actor, fixes: Iterable[Fix]) -> _Vehicles:
    """By plate and receiver: one's own, or of an authority's region."""
    named = {_name(fix) for fix in fixes if fix.by_plate}
    numbers = {_name(fix) for fix in fixes if not fix.by_plate}
    region = f"{actor.viewer.removeprefix('r:')}%" if actor.is_regulator else ""
    driver = await session.driver()
    found = await driver.fetch(_KNOWN, list(named), list(numbers), actor.organisation_id, region)
    receivers: dict[str, list[_Place]] = defaultdict(list)
    for one in found:
        if one["number"] is not None:
            owned = (one["id"], one["organisation_id"])
            receivers[one["number"]].append(_Place(one["created_at"], one["ended_at"], owned))
    return _Vehicles({one["plate"]: (one["id"], one["organisation_id"]) for one in found}, receivers)


def _strangers(fixes: Iterable[Fix], vehicles: _Vehicles) -> list[Fault]:
    """The first row of each vehicle that is not known."""
    first: dict[str, Fix] = {}
    for fix in fixes:
        if vehicles.find(fix) is None:
            first.setdefault(fix.vehicle, fix)
    plate = message("{value} is no plate of a vehicle of yours. Register it, or look at how it is written.")
    number = message("{value} is no receiver of a vehicle of yours. Say first which vehicle it is in.")
    return [
        Fault(
            fix.row,
            "plate" if fix.by_plate else "receiver",
            Broken("vehicle", "vehicle_of_nobody", plate if fix.by_plate else number, fix.vehicle),
        )
        for fix in first.values()
    ]
