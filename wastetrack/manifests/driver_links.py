"""A link for a driver without an account: for one pick-up, with one vehicle, for one telephone, once, for a while.

The link carries 192 random bits and is stored as a hash. It does not sign alone: whoever made it is told six digits,
which he tells the driver by voice. They are hashed together with the link's secret, so that nobody who reads the
database can guess them, and five wrong ones end the link.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.accountless import enter_driver
from wastetrack.auth.model import Actor, Role, viewer_of_organisation
from wastetrack.auth.policy import Verb, demand
from wastetrack.auth.sight import look_as
from wastetrack.containers.policy import demand_own
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, Forbidden, NotFound, refuse, refuse_one
from wastetrack.ids import new_id
from wastetrack.manifests import preparing, queries, states
from wastetrack.manifests.acting import Acted, Asked
from wastetrack.manifests.giving_evidence import vouched
from wastetrack.manifests.model import Act, ManifestKind, ManifestState, SignedStep
from wastetrack.manifests.signing_tables import DriverLinkRow, IntentRow
from wastetrack.transparency.evidence import EvidenceKind

LASTS = timedelta(hours=12)
MOST_ATTEMPTS = 5
LONGEST_NAME = 100
_PHONE = re.compile(r"\+?[0-9][0-9 -]{5,18}[0-9]", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeLink:
    """For whom: the driver's name and telephone."""

    manifest_id: UUID
    driver_name: str
    phone: str


@dataclass(frozen=True, slots=True)
class MadeLink:
    """Told once: the link's secret goes to the telephone, the code is told by voice."""

    row: DriverLinkRow
    token: str
    code: str


async def make_link(session: WriteSession, actor: Actor, command: MakeLink, *, at: datetime) -> MadeLink:
    """Make a link for the first carrier's driver; one made before for the same manifest ends.

    For the carrier's owner, or a signer of the shipper. Raises ManifestUnknown, Forbidden, OutOfOrder, RuleBroken.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    legs = await queries.legs(session, row.id)
    if not legs:  # what runs for a period travels in no vehicle
        states.advance(ManifestState(row.state), Act.PICK_UP, ManifestKind(row.kind))
    leg = legs[0]
    _demand_link(actor, row.shipper_id, leg.carrier_id)
    states.advance(ManifestState(row.state), Act.PICK_UP, ManifestKind(row.kind))
    refuse(_check(command))
    earlier = sa.update(DriverLinkRow).where(
        col(DriverLinkRow.manifest_id) == row.id,
        col(DriverLinkRow.used_at).is_(None),
        col(DriverLinkRow.revoked_at).is_(None),
    )
    await session.execute(earlier.values(revoked_at=at))
    driver = await enter_driver(session, command.driver_name.strip(), leg.carrier_id, at=at)
    token, code = secrets.token_urlsafe(24), f"{secrets.randbelow(1_000_000):06d}"
    link = DriverLinkRow(
        id=new_id(),
        token_hash=_hash(token),
        code_hash=_hash(token, code),
        manifest_id=row.id,
        vehicle_id=leg.vehicle_id,
        organisation_id=leg.carrier_id,
        person_id=driver.person_id,
        membership_id=driver.membership_id,
        driver_name=driver.person_name,
        phone=command.phone.strip(),
        made_by=actor.membership_id,
        maker_organisation_id=actor.organisation_id,
        created_at=at,
        expires_at=at + LASTS,
    )
    session.add(link)
    await session.flush()
    return MadeLink(link, token, code)


async def demand_link(session: ReadSession, actor: Actor, manifest_id: UUID) -> None:
    """Whether the actor may make the link, for whoever offers the form. Raises ManifestUnknown, Forbidden."""
    row = await queries.manifest_row(session, actor, manifest_id)
    leg = (await queries.legs(session, row.id))[0]
    _demand_link(actor, row.shipper_id, leg.carrier_id)


def _demand_link(actor: Actor, shipper_id: UUID, carrier_id: UUID) -> None:
    if actor.organisation_id != carrier_id:
        demand_own(actor, Verb.SIGN, shipper_id)
        return
    demand(actor, Verb.CARRY)
    if actor.role is not Role.OWNER:
        raise Forbidden("link_by_owner", "The carrier's owner, or the shipper, makes the link of a driver.")


def _check(command: MakeLink) -> list[Broken]:
    broken = []
    if not 0 < len(command.driver_name.strip()) <= LONGEST_NAME:
        broken.append(Broken("driver_name", "driver_name", "Give the driver's name.", command.driver_name))
    if not _PHONE.fullmatch(command.phone.strip()):
        message = "“{value}” is not a telephone number."
        broken.append(Broken("phone", "phone_unreadable", message, command.phone, next_step="Write its digits."))
    return broken


def _hash(token: str, code: str = "") -> bytes:
    return hashlib.sha256(f"{token}\0{code}".encode()).digest()


async def link_of(session: WriteSession, token: str, *, at: datetime, used: bool = False) -> DriverLinkRow:
    """The link of a secret, locked. Raises NotFound for one that never was, or is over; `used` lets a used one pass."""
    found = sa.select(DriverLinkRow).where(col(DriverLinkRow.token_hash) == _hash(token)).with_for_update()
    row = (await session.execute(found)).scalar_one_or_none()
    if row is not None and used and row.used_at is not None:
        return row
    if row is None or row.used_at or row.revoked_at or at > row.expires_at or row.attempts >= MOST_ATTEMPTS:
        raise NotFound("link_over", "This link does not exist, was used, or is over. Ask for a new one.")
    return row


def actor_of(link: DriverLinkRow) -> Actor:
    """The driver, for this one act."""
    viewer = viewer_of_organisation(link.organisation_id)
    return Actor(link.person_id, link.driver_name, link.organisation_id, link.membership_id, Role.DRIVER, viewer)


async def prepare(session: WriteSession, link: DriverLinkRow, *, at: datetime) -> IntentRow:
    """What the driver would sign. Raises Conflict where the trip is another now, and whatever the pick-up raises."""
    await look_as(session, actor_of(link))
    await _check_trip(session, link)
    asked = Asked(step=SignedStep.PICK_UP, subject_id=link.manifest_id)
    return await preparing.prepare(session, actor_of(link), asked, at=at)


async def _check_trip(session: WriteSession, link: DriverLinkRow) -> None:
    leg = (await queries.legs(session, link.manifest_id))[0]
    if (leg.vehicle_id, leg.carrier_id) != (link.vehicle_id, link.organisation_id):
        raise Conflict("trip_changed", "Vehicle or carrier of this trip have changed. Ask for a new link.")


async def try_code(session: WriteSession, token: str, code: str, *, at: datetime) -> bool:
    """Count an attempt and say whether the code is right; to be committed before anything follows. Raises NotFound."""
    link = await link_of(session, token, at=at)
    link.attempts += 1
    await session.flush()
    return hmac.compare_digest(_hash(token, "".join(code.split())[:20]), link.code_hash)


def refuse_code() -> NoReturn:
    """Raise RuleBroken for a wrong code."""
    step = "Ask whoever sent the link for the six digits; after five wrong ones it ends."
    refuse_one("code", "code_wrong", "These are not the six digits that belong to this link.", next_step=step)


async def sign(session: WriteSession, token: str, intent_id: UUID, *, at: datetime) -> Acted:
    """The pick-up, after the right code; the link is used up with it. Raises what `prepare` raises, and Conflict."""
    found = sa.select(DriverLinkRow).where(col(DriverLinkRow.token_hash) == _hash(token)).with_for_update()
    link = (await session.execute(found)).scalar_one()
    if link.used_at is not None or link.revoked_at is not None:
        raise NotFound("link_over", "This link does not exist, was used, or is over. Ask for a new one.")
    await look_as(session, actor_of(link))
    await _check_trip(session, link)
    link.used_at = at
    await session.flush()
    return await preparing.sign_intent(session, actor_of(link), intent_id, vouched(EvidenceKind.DRIVER_LINK), at=at)
