"""What an owner keeps beside the trade: systems and their keys, invitations, a delegate, a claim, a driver's link."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwk

from tests.support.machines import public_text, signed
from tests.support.world import Firm
from wastetrack import clock
from wastetrack.auth import granting, provisioning_tokens, registering_clients, system_keys
from wastetrack.auth.granting import Known
from wastetrack.auth.model import Actor, AuthMethod, Role, Scope
from wastetrack.auth.registering_clients import RegisterClient
from wastetrack.auth.system_keys import RegisterKey
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.manifests import driver_links
from wastetrack.manifests.driver_links import MakeLink
from wastetrack.parties import claiming, membership
from wastetrack.parties.claims import ClaimDocument, ClaimOrganisation

DAY = timedelta(days=1)
_GRANTED = tuple(scope for scope in Scope if scope is not Scope.ADMINISTER)


@dataclass(frozen=True, slots=True)
class Household:
    """Whose belongings they are, and what of others they refer to."""

    owner: Actor
    claimed: Firm
    """The organisation that the owner claims too."""
    consultant: Firm
    """Whose owner acts for the organisation from outside."""
    filed: UUID
    """A manifest for whose driver there is a link."""


async def make_belongings(session: WriteSession, of: Household) -> dict[str, str]:
    """Make them."""
    found = await _systems(session, of.owner) | await _people(session, of)
    made = await driver_links.make_link(
        session, of.owner, MakeLink(manifest_id=of.filed, driver_name="赵铁柱", phone="138 0000 0000"), at=clock.now()
    )
    return found | {"driver_token": made.token, "driver_code": made.code}


async def _systems(session: WriteSession, owner: Actor) -> dict[str, str]:
    at = clock.now()
    reading = RegisterClient(name="ERP", scopes=(Scope.READ,))
    client = await registering_clients.register_client(session, owner, reading, at=at)
    granting_all = RegisterClient(name="MES", scopes=_GRANTED)
    system = await registering_clients.register_client(session, owner, granting_all, at=at)
    by_key = RegisterClient(
        name="WMS", scopes=(Scope.READ,), auth_method=AuthMethod.PRIVATE_KEY_JWT, jwks={"keys": [public_jwk()]}
    )
    signing = await registering_clients.register_client(session, owner, by_key, at=at)
    key = Ed25519PrivateKey.generate()
    command = RegisterKey(name="ERP", public_key=public_text(key), days=30, client_id=client.id)
    entered = await system_keys.register_key(session, owner, command, at=at)
    assert client.secret is not None
    reader = await granting.grant(session, Known(client.id, (Scope.READ,)), None, at=at)
    token = await granting.grant(session, Known(client.id, (Scope.READ,)), None, at=at)
    return {
        "client": str(client.id),
        "client_secret": client.secret.secret,
        "secret": str(client.secret.id),
        "signing_client": str(signing.id),
        "key": str(entered.id),
        "key_proof": signed(key, system_keys.statement_to_prove(entered)),
        "access_token": token.token,
        "reader": reader.token,
        "system": (await granting.grant(session, Known(system.id, _GRANTED), None, at=at)).token,
    }


def public_jwk() -> dict[str, object]:
    """The public half of a fresh key, as a key set holds it."""
    return dict(jwk.ECKey.generate_key("P-256", {"use": "sig"}, private=True).as_dict(private=False))


async def _people(session: WriteSession, of: Household) -> dict[str, str]:
    at, owner = clock.now(), of.owner
    invited = await membership.invite(
        session,
        owner,
        owner.organisation_id,
        contact=f"{new_id()}@example.cn",
        name="新来的人",
        role=Role.FILER,
        locale="zh",
        lasts=DAY,
        at=at,
    )
    delegate = await membership.delegate(
        session,
        owner,
        owner.organisation_id,
        credit_code=of.consultant.credit_code,
        login=of.consultant.logins[Role.OWNER],
        role=Role.FILER,
        valid_until=at + DAY,
        at=at,
    )
    directory = await provisioning_tokens.issue(session, owner, owner.organisation_id, name="人事目录", days=3, at=at)
    [kept] = await provisioning_tokens.tokens_of(session, owner.organisation_id)
    claim = ClaimOrganisation(
        credit_code=of.claimed.credit_code,
        contact_name="王秀英",
        contact_phone="13800000000",
        grounds="同一法定代表人",
        documents=(ClaimDocument("营业执照.pdf", bytes(32), 1000),),
    )
    return {
        "invitation": str(invited.id),
        "invitation_secret": invited.secret,
        "delegate": str(delegate),
        "directory": directory,
        "directory_token": str(kept.id),
        "claim": str(await claiming.claim(session, owner, claim, at=at)),
    }
