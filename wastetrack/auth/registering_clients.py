"""Systems of an organisation: registered by its owner, given new secrets and keys, ended.

A system acts as a member of its own: a person of kind machine, in the least role that its scopes need. So it can never
do more than a member in that role, nor more than its scopes, and everything it does carries its name.
"""

import dataclasses
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth import assertions
from wastetrack.auth.clients import SECRET_PREFIX
from wastetrack.auth.machine_tables import AccessToken, Client, ClientSecret, RegisteredKey
from wastetrack.auth.model import Actor, AuthMethod, PersonKind, Role, Scope
from wastetrack.auth.policy import GRANTS, SCOPE_OF, Verb, demand
from wastetrack.auth.queries import hash_of
from wastetrack.auth.tables import Membership, Person
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, NotFound, refuse, refuse_one
from wastetrack.ids import new_id

LONGEST_DAYS = 366
LONGEST_NAME = 100
LONGEST_OVERLAP_HOURS = 30 * 24
GRANTABLE = tuple(scope for scope in Scope if scope is not Scope.ADMINISTER)
"""A system that could administer could give itself everything else."""
_LADDER = (Role.VIEWER, Role.DRIVER, Role.FILER, Role.GATE_OPERATOR, Role.SIGNER, Role.OWNER)
_OFFICES = (Role.REGULATOR_VIEWER, Role.INSPECTOR, Role.APPROVER)
_METHOD_FIELD = "auth_method"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RegisterClient:
    """A system to be let in. With `private_key_jwt` it sends its public keys and gets no secret."""

    name: str
    scopes: tuple[Scope, ...]
    auth_method: AuthMethod = AuthMethod.CLIENT_SECRET
    jwks: object = None
    days: int = 90
    """For how long the secret holds."""


@dataclasses.dataclass(frozen=True, slots=True)
class ToldSecret:
    """A secret just made. It is told once; we keep its hash."""

    id: UUID
    secret: str = dataclasses.field(repr=False)
    expires_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A system just registered."""

    id: UUID
    secret: ToldSecret | None


def role_for(scopes: Iterable[str], creator: Role) -> Role:
    """The least role that grants what the scopes reach of what the creator himself may do."""
    reached = frozenset(scopes)
    needed = {verb for verb in GRANTS[creator] if SCOPE_OF[verb] in reached}
    ladder = _OFFICES if creator in _OFFICES else _LADDER
    return next(role for role in ladder if needed <= GRANTS[role] or role is creator)


async def register_client(
    session: WriteSession, actor: Actor, command: RegisterClient, *, at: datetime
) -> RegisteredClient:
    """Let a system of the actor's organisation in."""
    demand(actor, Verb.MANAGE_SYSTEMS)
    jwks = None
    broken = _broken(command)
    if command.auth_method is AuthMethod.PRIVATE_KEY_JWT:
        jwks, wrong = assertions.read_jwks("jwks", command.jwks)
        broken += wrong
    else:
        broken += _broken_days(command.days)
    refuse(broken)
    client_id = new_id()
    person = Person(
        id=new_id(),
        login=f"system:{client_id}",
        name=command.name.strip(),
        locale="zh",
        kind=PersonKind.MACHINE,
        created_at=at,
    )
    session.add(person)
    await session.flush()
    membership = Membership(
        id=new_id(),
        person_id=person.id,
        organisation_id=actor.organisation_id,
        role=role_for(command.scopes, actor.role),
        viewer=actor.viewer,
        created_at=at,
    )
    session.add(membership)
    await session.flush()
    client = Client(
        id=client_id,
        organisation_id=actor.organisation_id,
        person_id=person.id,
        membership_id=membership.id,
        auth_method=command.auth_method,
        jwks=jwks,
        scopes=[scope.value for scope in GRANTABLE if scope in command.scopes],
        created_by=actor.membership_id,
        created_at=at,
    )
    session.add(client)
    await session.flush()
    told = None if jwks is not None else await _new_secret(session, client_id, command.days, at=at)
    return RegisteredClient(client_id, told)


async def rotate_secret(
    session: WriteSession, actor: Actor, client_id: UUID, *, days: int, overlap_hours: int, at: datetime
) -> ToldSecret:
    """A new secret beside the present one, which ends after the overlap, or at once if that is nothing."""
    client = await _own_client(session, actor, client_id)
    broken = _broken_days(days)
    if not 0 <= overlap_hours <= LONGEST_OVERLAP_HOURS:
        broken.append(
            Broken(
                "overlap_hours",
                "overlap_hours",
                "The old secret may hold for 0 to {longest} more hours.",
                overlap_hours,
                next_step="Choose as long as it takes to tell the system its new secret.",
                facts={"longest": LONGEST_OVERLAP_HOURS},
            )
        )
    if client.auth_method != AuthMethod.CLIENT_SECRET:
        broken.append(
            Broken(
                _METHOD_FIELD,
                "system_has_keys",
                "This system signs with keys and has no secret.",
                next_step="Replace its key set instead.",
            )
        )
    held = await _secrets_in_force(session, client_id, at)
    if len(held) > 1:
        broken.append(
            Broken(
                "secret",
                "two_secrets",
                "Two secrets hold already.",
                next_step="End the older one, or wait until it has ended.",
            )
        )
    refuse(broken)
    for old in held:
        if overlap_hours == 0:
            old.revoked_at = at
        else:
            old.expires_at = min(old.expires_at, at + timedelta(hours=overlap_hours))
    return await _new_secret(session, client_id, days, at=at)


async def end_secret(session: WriteSession, actor: Actor, client_id: UUID, secret_id: UUID, *, at: datetime) -> None:
    """End one secret at once; tokens that were got with it end within the hour. Ended already is fine."""
    await _own_client(session, actor, client_id)
    row = await session.get(ClientSecret, secret_id)
    if row is None or row.client_id != client_id:
        raise NotFound("secret_unknown", "There is no such secret.")
    if row.revoked_at is None:
        row.revoked_at = at
        await session.flush()


async def replace_jwks(session: WriteSession, actor: Actor, client_id: UUID, jwks: object) -> None:
    """Put another key set in place of the present one. For overlap it holds old and new keys for a while."""
    client = await _own_client(session, actor, client_id)
    if client.auth_method != AuthMethod.PRIVATE_KEY_JWT:
        refuse_one(
            "jwks",
            "system_has_secret",
            "This system has a secret and does not sign.",
            next_step="Register another system that signs with keys.",
        )
    kept, broken = assertions.read_jwks("jwks", jwks)
    refuse(broken)
    client.jwks = kept
    await session.flush()


async def end_client(session: WriteSession, actor: Actor, client_id: UUID, *, at: datetime) -> None:
    """A system is let in no more: its secrets, tokens and signing keys end at once. Raises NotFound for strangers."""
    client = await _own_client(session, actor, client_id)
    client.ended_at = at
    await session.flush()
    for table, mine in (
        (ClientSecret, col(ClientSecret.client_id) == client_id),
        (AccessToken, col(AccessToken.client_id) == client_id),
        (RegisteredKey, col(RegisteredKey.person_id) == client.person_id),
    ):
        unrevoked = col(table.revoked_at).is_(None)
        await session.execute(sa.update(table).where(mine, unrevoked).values(revoked_at=at))
    await session.execute(sa.update(Membership).where(col(Membership.id) == client.membership_id).values(ended_at=at))


async def _new_secret(session: WriteSession, client_id: UUID, days: int, *, at: datetime) -> ToldSecret:
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    row = ClientSecret(
        id=new_id(),
        client_id=client_id,
        secret_hash=hash_of(secret),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    session.add(row)
    await session.flush()
    return ToldSecret(row.id, secret, row.expires_at)


async def _own_client(session: WriteSession, actor: Actor, client_id: UUID) -> Client:
    """Locked, so that two rotations at once do not leave three secrets."""
    demand(actor, Verb.MANAGE_SYSTEMS)
    statement = (
        sa.select(Client)
        .where(
            col(Client.id) == client_id,
            col(Client.organisation_id) == actor.organisation_id,
            col(Client.ended_at).is_(None),
        )
        .with_for_update()
    )
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound("system_unknown", "There is no such system.")
    return found


async def _secrets_in_force(session: WriteSession, client_id: UUID, at: datetime) -> list[ClientSecret]:
    statement = sa.select(ClientSecret).where(
        col(ClientSecret.client_id) == client_id,
        col(ClientSecret.revoked_at).is_(None),
        col(ClientSecret.expires_at) > at,
    )
    return list((await session.execute(statement)).scalars())


def _broken(command: RegisterClient) -> list[Broken]:
    broken = []
    if not 0 < len(command.name.strip()) <= LONGEST_NAME:
        broken.append(
            Broken(
                "name",
                "system_name",
                "A system needs a name of at most {longest} characters.",
                command.name[:LONGEST_NAME],
                next_step="Name it as your people do; events will carry this name.",
                facts={"longest": LONGEST_NAME},
            )
        )
    if not command.scopes or not set(command.scopes) <= set(GRANTABLE):
        broken.append(
            Broken(
                "scopes",
                "system_scopes",
                "A system needs at least one scope, and “administer” is never among them.",
                " ".join(command.scopes),
                next_step="Choose what the system does, and nothing else.",
            )
        )
    return broken


def _broken_days(days: int) -> list[Broken]:
    if 0 < days <= LONGEST_DAYS:
        return []
    return [
        Broken(
            "days",
            "secret_days",
            "A secret holds for 1 to {longest} days.",
            days,
            next_step="Choose a shorter time and make a new secret before it ends.",
            facts={"longest": LONGEST_DAYS},
        )
    ]
