"""Who is to sign: whoever is signed in, or somebody else of a party of the manifest, on this same device."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wastetrack.auth import factors, queries
from wastetrack.auth.factors import Factors
from wastetrack.auth.model import Actor, FactorKind
from wastetrack.db.session import ReadSession
from wastetrack.errors import Forbidden, refuse_one
from wastetrack.manifests import acting
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.preparing import Device
from wastetrack.manifests.signing_tables import IntentRow
from wastetrack.serving.keys import Keys


async def signer_of(session: ReadSession, device: Actor, asked: Asked, login: str, *, at: datetime) -> Actor:
    """Who signs a step; `login` is empty for whoever is signed in. Raises RuleBroken at the field `signer_login`.

    Whoever holds the device must see the manifest and be of a party of it, and the other person must work for one;
    whether a login exists that works elsewhere is not told. Raises Forbidden on anybody else's device.
    """
    if not login.strip():
        return device
    row = await acting.manifest_of(session, device, asked.step, asked.subject_id)
    legs = await manifests.legs(session, row.id)
    parties = {row.shipper_id, row.receiver_id, *(leg.carrier_id for leg in legs)}
    if asked.step in acting.BRANCHES:
        parties |= await acting.BRANCHES[asked.step].parties(session, asked.subject_id)
    if device.organisation_id not in parties:
        raise Forbidden("device_of_no_party", "Others sign only on a device of a party of this manifest.")
    named = await queries.actors_of_login(session, login, at=at)
    signer = next((actor for actor in named if actor.organisation_id in parties), None)
    if signer is None:
        refuse_one(
            "signer_login",
            "signer_unknown",
            "Nobody of a party of this manifest has the login {value}.",
            value=login.strip()[:100],
            next_step="See that it is typed as it is used for signing in.",
        )
    return signer


def device_of(actor: Actor) -> Device:
    """The session's side of a signature."""
    return Device(actor.membership_id, actor.organisation_id)


@dataclass(frozen=True, slots=True)
class Offered:
    """With which factors a statement may be signed, and what the browser is to ask a passkey, if there is one."""

    held: Factors
    passkey_options: dict[str, Any] | None
    kinds: tuple[str, ...]


async def offer(session: ReadSession, person_id: UUID, intent: IntentRow, keys: Keys) -> Offered:
    """What the signer may sign with."""
    held = await factors.factors_of(session, person_id)
    options = None
    if held.passkeys:
        options = await factors.assertion_options(
            session, person_id, challenge=intent.digest, relying_party=keys.relying_party
        )
    kinds = tuple(kind.value for kind in held.kinds) or (FactorKind.PASSWORD.value,)
    return Offered(held, options, kinds)
