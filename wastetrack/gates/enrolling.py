"""A device belongs to a site, people join it, somebody ends it; each of these stands in the log, with the key that its
scans are signed by.

Its token lets it fetch what is expected and send scans, nothing else; it outlives every session. Who scanned is shown
by the signature of a key that each person makes on the device and that never leaves it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.auth.queries import hash_of
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, NotFound, refuse_one
from wastetrack.gates import queries
from wastetrack.gates.model import LONGEST_NAME, EnrolDevice, JoinDevice
from wastetrack.gates.signatures import parse_key
from wastetrack.gates.tables import GateDeviceRow, GateWorkerRow
from wastetrack.ids import new_id
from wastetrack.parties import queries as parties

DEVICE_PREFIX = "wtg_"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The device, and its token, which is told this once."""

    row: GateDeviceRow
    token: str


async def enrol_device(
    session: WriteSession, actor: Actor, command: EnrolDevice, *, holds_key: bool, at: datetime
) -> Enrolled:
    """Let a device keep scans for a site, in the hands of whoever enrols it. Raises NotFound, Forbidden, RuleBroken."""
    demand(actor, Verb.SCAN)
    site = await parties.site(session, command.site_id)
    if site.organisation_id != actor.organisation_id:
        raise NotFound("site_unknown", "There is no such site.", site_id=command.site_id)
    name = command.name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        message = "Give the device a name of at most {longest} characters."
        refuse_one("name", "gate_device_name", message, value=name, facts={"longest": LONGEST_NAME})
    token = DEVICE_PREFIX + secrets.token_urlsafe(32)
    row = GateDeviceRow(
        id=new_id(),
        token_hash=hash_of(token),
        organisation_id=actor.organisation_id,
        site_id=site.id,
        name=name,
        enrolled_by=actor.membership_id,
        enrolled_at=at,
        holds_key=holds_key,
        last_seen_at=at,
    )
    session.add(row)
    await session.flush()
    await _join(session, actor, row, "gate_device_enrolled", command.public_key, at=at)
    return Enrolled(row, token)


async def join_device(session: WriteSession, actor: Actor, command: JoinDevice, *, at: datetime) -> GateDeviceRow:
    """A further person works on a device, which shows its token. Raises NotFound, Forbidden, Conflict, Malformed."""
    demand(actor, Verb.SCAN)
    row = await queries.device_row(session, actor, command.device_id, locked=True)
    if row.ended_at is not None or not secrets.compare_digest(row.token_hash, hash_of(command.token)):
        raise Conflict("gate_device_ended", "This device is not enrolled any more. Enrol it anew.")
    await _join(session, actor, row, "gate_device_joined", command.public_key, at=at)
    return row


async def _join(
    session: WriteSession, actor: Actor, row: GateDeviceRow, kind: str, public_key: str, *, at: datetime
) -> None:
    key = parse_key(public_key)
    session.add(GateWorkerRow(device_id=row.id, membership_id=actor.membership_id, public_key=key, joined_at=at))
    await session.flush()
    await _state(session, actor, row, kind, at=at, key=key.hex())


async def _state(
    session: WriteSession, actor: Actor, row: GateDeviceRow, kind: str, *, at: datetime, **facts: str
) -> None:
    subjects = (row.id, row.site_id)
    facts = {"device": str(row.id), "site": str(row.site_id), **facts}
    await record(session, actor, kind, subjects=subjects, moment=moment_of(None, at), facts=facts)


async def end_device(session: WriteSession, actor: Actor, device_id: UUID, *, at: datetime) -> GateDeviceRow:
    """The device's token is worth nothing from now on; scans that it still holds come in by their file.

    Ending it again changes nothing. Raises NotFound, Forbidden.
    """
    demand(actor, Verb.SCAN)
    row = await queries.device_row(session, actor, device_id, locked=True)
    demand_own(actor, Verb.SCAN, row.organisation_id)
    if row.ended_at is None:
        row.ended_at, row.ended_by = at, actor.membership_id
        await session.flush()
        await _state(session, actor, row, "gate_device_ended", at=at)
    return row
