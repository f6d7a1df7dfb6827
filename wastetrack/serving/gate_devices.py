"""The door of a gate's device: its token says which device it is, each scan's signature says who made it.

Each scan of a batch is a unit of work of its own; where the books refuse one, it is undone and written down for a
person to decide. The database being away is no refusal: it goes up to the caller, and the device sends again.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, NoReturn
from uuid import UUID

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from wastetrack import clock
from wastetrack.auth.queries import hash_of
from wastetrack.db.session import reading, writing
from wastetrack.errors import Broken, Conflict, Malformed, Unauthenticated, Unavailable, WastetrackError
from wastetrack.gates import queries
from wastetrack.gates.documents import scan_of
from wastetrack.gates.enrolling import DEVICE_PREFIX
from wastetrack.gates.model import Answered, Device, KeptScan, Worker
from wastetrack.gates.replaying import Differs, keep, signer_of, take
from wastetrack.i18n import message
from wastetrack.serving.deps import bearer_of, engine_of
from wastetrack.serving.keys import Keys

_LONGEST_ID = 40
_NO_ID = UUID(int=0)
FORGED = message("This scan was not signed by somebody who works on this device, or it was changed since.")


@dataclasses.dataclass(frozen=True, slots=True)
class DeviceWork:
    """Which device asks, and when."""

    engine: AsyncEngine
    device: Device
    at: datetime


async def _device(request: Request) -> DeviceWork:
    at, secret = clock.now(), bearer_of(request) or ""
    if not secret.startswith(DEVICE_PREFIX):
        _unknown()
    async with writing(engine_of(request)) as session:
        device = await queries.device_of(session, hash_of(secret), at=at)
    if device is None:
        _unknown()
    return DeviceWork(engine_of(request), device, at)


def _unknown() -> NoReturn:
    raise Unauthenticated("gate_device_ended", "This device is not enrolled any more. Enrol it anew.")


OfDevice = Annotated[DeviceWork, Depends(_device, scope="function")]
"""What a handler asks for that a device calls: `work: OfDevice`."""


async def replayed(
    engine: AsyncEngine, keys: Keys, device: Device, scans: Sequence[KeptScan], *, skew: timedelta
) -> list[Answered]:
    """Take scans in, in the order given; what became of each."""
    async with reading(engine) as session:
        workers = await queries.workers(session, device.id, {scan.membership_id for scan in scans})
    return [await _replay(engine, keys, device, scan, signer_of(scan, device, workers), skew=skew) for scan in scans]


async def replayed_documents(
    engine: AsyncEngine, keys: Keys, device: Device, documents: Sequence[Mapping[str, Any]], *, skew: timedelta
) -> list[tuple[str, Answered]]:
    """The same for scans as they are written; with the id that each says it has. One that cannot be read is refused."""
    read: list[KeptScan | Broken] = []
    for document in documents:
        try:
            read.append(scan_of(document))
        except Malformed as unreadable:
            read.append(Broken("scans", unreadable.code, unreadable.message))
    scans = [one for one in read if isinstance(one, KeptScan)]
    done = iter(await replayed(engine, keys, device, scans, skew=skew) if scans else ())
    return [
        (
            str(document.get("scan_id", ""))[:_LONGEST_ID],
            next(done) if isinstance(one, KeptScan) else Answered(scan_id=_NO_ID, state=None, broken=(one,)),
        )
        for document, one in zip(documents, read, strict=True)
    ]


async def _replay(
    engine: AsyncEngine, keys: Keys, device: Device, scan: KeptScan, worker: Worker | None, *, skew: timedelta
) -> Answered:
    at = clock.now()
    if worker is None:
        rule = Broken("signature", "gate_scan_forged", FORGED, str(scan.scan_id))
        return Answered(scan_id=scan.scan_id, state=None, broken=(rule,))
    try:
        async with writing(engine) as session:
            return await take(session, device, scan, (keys.base_url, keys.label_key), skew=skew, at=at)
    except Unavailable:
        raise
    except (WastetrackError, Differs) as refusal:
        found = refusal
    try:
        async with writing(engine) as session:
            return await keep(session, device, worker, scan, found, skew=skew, at=at)
    except Conflict as taken:  # the id stands for another scan
        rule = Broken("scan_id", taken.code, taken.message, str(scan.scan_id))
        return Answered(scan_id=scan.scan_id, state=None, broken=(rule,))
