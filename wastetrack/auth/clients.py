"""Reading systems and their tokens. `authenticate_client` runs on each request of one: one statement, on the driver."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from wastetrack.auth.machine_tables import Client, ClientSecret
from wastetrack.auth.model import Actor, AuthMethod, Role, Scope
from wastetrack.auth.policy import Verb, demand
from wastetrack.auth.queries import NOTED_EVERY, Credential, Identity, hash_of
from wastetrack.auth.tables import Membership, Person
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound

ACCESS_PREFIX = "wa_"
SECRET_PREFIX = "wc_"  # noqa: S105  a prefix, so that leaked secrets are found by scanners

# It also tells PostgreSQL, for this transaction, through whose eyes to look.
_BY_ACCESS = """
select p.id as person_id, p.name, p.locale, m.organisation_id, m.id as membership_id, m.role, m.viewer,
    t.scopes, coalesce(c.last_used_at, c.created_at) as used_at,
    set_config('wastetrack.viewer', m.viewer, true),
    set_config('wastetrack.organisation', m.organisation_id::text, true),
    set_config('wastetrack.person', p.id::text, true)
from access_tokens t join clients c on c.id = t.client_id
    join memberships m on m.id = c.membership_id join people p on p.id = m.person_id
where t.token_hash = $1 and t.expires_at > $2 and t.revoked_at is null
    and c.ended_at is null and m.ended_at is null and p.disabled_at is null
"""


async def authenticate_client(session: ReadSession, secret: str, *, at: datetime) -> Identity | None:
    """The system behind an access token, unless the token expired or was revoked, or the system has ended."""
    driver = await session.driver()
    hashed = hash_of(secret)
    row = await driver.fetchrow(_BY_ACCESS, hashed, at)
    if row is None:
        return None
    actor = Actor(
        person_id=row["person_id"],
        person_name=row["name"],
        organisation_id=row["organisation_id"],
        membership_id=row["membership_id"],
        role=Role(row["role"]),
        viewer=row["viewer"],
        scopes=frozenset(row["scopes"]),
    )
    return Identity(
        actor=actor,
        credential=Credential.CLIENT,
        secret_hash=hashed,
        csrf_token="",
        locale=row["locale"],
        stale=at - row["used_at"] >= NOTED_EVERY,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class System:
    """A system as its organisation sees it. No secret is among it, nor anything one could be made from."""

    id: UUID
    name: str
    role: Role
    scopes: tuple[Scope, ...]
    auth_method: AuthMethod
    jwks: dict[str, Any] | None
    secrets: tuple[ClientSecret, ...]
    """Those in force, the oldest first; two while one replaces the other."""
    created_at: datetime
    created_by: str
    last_used_at: datetime | None

    @property
    def secret_ids(self) -> tuple[UUID, ...]:
        """The secrets in force by their ids."""
        return tuple(secret.id for secret in self.secrets)


async def systems_of(session: ReadSession, actor: Actor, *, at: datetime) -> list[System]:
    """The systems of the actor's organisation that have not ended, by name. Two statements, however many there are."""
    demand(actor, Verb.MANAGE_SYSTEMS)
    return await _systems(session, actor, (), at=at)


async def system(session: ReadSession, actor: Actor, client_id: UUID, *, at: datetime) -> System:
    """One of them. Raises NotFound for any other, ended ones too."""
    demand(actor, Verb.MANAGE_SYSTEMS)
    found = await _systems(session, actor, (col(Client.id) == client_id,), at=at)
    if not found:
        raise NotFound("system_unknown", "There is no such system.")
    return found[0]


async def _systems(
    session: ReadSession, actor: Actor, which: Sequence[sa.ColumnElement[bool]], *, at: datetime
) -> list[System]:
    maker = aliased(Person)
    makers_membership = aliased(Membership)
    statement = (
        sa.select(Client, Person, Membership, maker)
        .join(Membership, col(Membership.id) == col(Client.membership_id))
        .join(Person, col(Person.id) == col(Client.person_id))
        .join(makers_membership, col(makers_membership.id) == col(Client.created_by))
        .join(maker, col(maker.id) == col(makers_membership.person_id))
        .where(col(Client.organisation_id) == actor.organisation_id, col(Client.ended_at).is_(None), *which)
        .order_by(col(Person.name), col(Client.id))
    )
    rows = (await session.execute(statement)).all()
    held: dict[UUID, list[ClientSecret]] = {client.id: [] for client, *_ in rows}
    secrets = (
        sa.select(ClientSecret)
        .where(
            col(ClientSecret.client_id).in_(held),
            col(ClientSecret.revoked_at).is_(None),
            col(ClientSecret.expires_at) > at,
        )
        .order_by(col(ClientSecret.created_at), col(ClientSecret.id))
    )
    for secret in (await session.execute(secrets)).scalars():
        held[secret.client_id].append(secret)
    return [
        System(
            id=client.id,
            name=person.name,
            role=Role(membership.role),
            scopes=tuple(scope for scope in Scope if scope in client.scopes),
            auth_method=AuthMethod(client.auth_method),
            jwks=client.jwks,
            secrets=tuple(held[client.id]),
            created_at=client.created_at,
            created_by=made_by.name,
            last_used_at=client.last_used_at,
        )
        for client, person, membership, made_by in rows
    ]
