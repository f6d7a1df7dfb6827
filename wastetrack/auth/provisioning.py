"""An organisation's directory keeps its members here: it makes them, names them, gives a role, sends them away.

It sees and changes the own organisation's members alone. A person's name and login are changed by it only as long as
the person works for nobody else; somebody who has an account through another organisation is invited, not taken.
"""

import dataclasses
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth import accepting, membering, queries
from wastetrack.auth.joining_tables import FederatedIdentity, ProvisionedPerson
from wastetrack.auth.model import Role, viewer_for
from wastetrack.auth.tables import Membership, Person
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Conflict, NotFound, refuse_one
from wastetrack.ids import new_id

# Systems, and drivers who acted once by a link, have no password, and a directory has nothing to do with them.
_PEOPLE = """
with latest as (
  select distinct on (person_id) id, person_id, role, ended_at, created_at from memberships
  where organisation_id = :organisation and delegate_of_organisation_id is null
  order by person_id, ended_at is not null, created_at desc, id desc
)
select p.id, p.login, p.name, x.given_name, x.family_name, x.external_id, m.id as membership_id, m.role,
  m.ended_at is null and p.disabled_at is null as active, p.created_at,
  coalesce(x.changed_at, m.ended_at, m.created_at) as changed_at
from latest m join people p on p.id = m.person_id
  left join provisioned_people x on x.organisation_id = :organisation and x.person_id = p.id
where x.deleted_at is null and p.password_hash is not null
"""
_CONDITIONS = {
    "login": " and p.login = lower(:value)",
    "external_id": " and x.external_id = :value",
    "person": " and p.id = cast(:value as uuid)",
    "role": " and m.role = :value and m.ended_at is null",
}


@dataclasses.dataclass(frozen=True, slots=True)
class ProvisionedMember:
    """A member as the organisation's directory knows him; the id is the person's."""

    id: UUID
    login: str
    name: str
    given_name: str | None
    family_name: str | None
    external_id: str | None
    membership_id: UUID
    role: Role
    active: bool
    created_at: datetime
    changed_at: datetime


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How the directory wants a member to be."""

    login: str
    name: str
    given_name: str | None
    family_name: str | None
    external_id: str | None
    role: Role
    active: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Home:
    """The organisation that a directory speaks for."""

    organisation_id: UUID
    jurisdiction: str | None


async def members(
    session: ReadSession, organisation_id: UUID, *, by: str = "", value: str = "", offset: int = 0, limit: int = 100
) -> tuple[int, tuple[ProvisionedMember, ...]]:
    """How many there are, and some of them in a steady order. `by` is a key of the conditions, or empty for all."""
    statement = _PEOPLE + (_CONDITIONS[by] if by else "")
    values: dict[str, object] = {"organisation": organisation_id, "value": value}
    if not by:
        del values["value"]
    total = (await session.execute(sa.text(f"select count(*) from ({statement}) all_of_them"), values)).scalar_one()  # noqa: S608  constants
    page = sa.text(statement + " order by p.id limit :limit offset :offset")
    rows = await session.execute(page, {**values, "limit": limit, "offset": offset})
    return int(total), tuple(_member(row) for row in rows.mappings())


async def member(session: ReadSession, organisation_id: UUID, person_id: UUID) -> ProvisionedMember:
    """One member. NotFound for anybody else, whoever he is."""
    _, found = await members(session, organisation_id, by="person", value=str(person_id))
    if not found:
        raise NotFound("user_unknown", "There is no such user.")
    return found[0]


async def create(session: WriteSession, home: Home, wanted: Wanted, *, at: datetime) -> ProvisionedMember:
    """Make a member. Conflict for a login that somebody has: even one who works elsewhere, for he is invited."""
    login = wanted.login.strip().lower()
    if not login or " " in login:
        refuse_one(
            "userName",
            "login_form",
            "A login is one word without spaces.",
            value=wanted.login,
            next_step="Use the person's e-mail address or staff number.",
        )
    person = await queries.person_by_login(session, login)
    if person is None:
        person = await accepting.new_person(session, login=login, name=wanted.name, password=None, locale="zh", at=at)
    elif not await _deleted_here(session, home, person.id):
        raise Conflict(
            "login_taken",
            "The login {login} exists already. Find it among your users, or invite the person.",
            login=login,
        )
    await _join(session, home, person.id, wanted.role, at=at)
    await _keep(session, home, person.id, wanted, at=at)
    if not wanted.active:
        await _leave(session, home, person.id, at=at)
    return await member(session, home.organisation_id, person.id)


async def change(
    session: WriteSession, home: Home, person_id: UUID, wanted: Wanted, *, at: datetime
) -> ProvisionedMember:
    """Make a member as the directory wants him. Sent away, his sessions and tokens end at once."""
    present = await member(session, home.organisation_id, person_id)
    if wanted.login.strip().lower() != present.login:
        refuse_one(
            "userName", "scim_mutability", "The login {value} does not change.", value=present.login, next_step=""
        )
    if wanted.name != present.name:
        await _rename(session, home, person_id, wanted.name)
    if wanted.external_id != present.external_id and present.external_id is not None:
        # Whoever the provider called by the old subject is not this person any more.
        await session.execute(
            sa.delete(FederatedIdentity).where(
                col(FederatedIdentity.person_id) == person_id, col(FederatedIdentity.subject) == present.external_id
            )
        )
    await _keep(session, home, person_id, wanted, at=at)
    if wanted.active and not present.active:
        await _join(session, home, person_id, wanted.role, at=at)
    elif wanted.active and wanted.role is not present.role:
        membership = await session.get_one(Membership, present.membership_id, with_for_update=True)
        viewer = viewer_for(wanted.role, home.organisation_id, home.jurisdiction)
        await membering.change_role(session, membership, wanted.role, viewer)
    elif present.active and not wanted.active:
        await _leave(session, home, person_id, at=at)
    return await member(session, home.organisation_id, person_id)


async def delete(session: WriteSession, home: Home, person_id: UUID, *, at: datetime) -> None:
    """The directory knows the member no longer. What he did stays; so does the person."""
    present = await member(session, home.organisation_id, person_id)
    if present.active:
        await _leave(session, home, person_id, at=at)
    gone = {"deleted_at": at, "external_id": None, "changed_at": at}
    statement = insert(ProvisionedPerson).values(organisation_id=home.organisation_id, person_id=person_id, **gone)
    await session.execute(statement.on_conflict_do_update(constraint="pk_provisioned_people", set_=gone))
    if present.external_id is not None:
        await session.execute(
            sa.delete(FederatedIdentity).where(
                col(FederatedIdentity.person_id) == person_id, col(FederatedIdentity.subject) == present.external_id
            )
        )


async def _deleted_here(session: ReadSession, home: Home, person_id: UUID) -> bool:
    row = await session.get(ProvisionedPerson, (home.organisation_id, person_id))
    return row is not None and row.deleted_at is not None


async def _join(session: WriteSession, home: Home, person_id: UUID, role: Role, *, at: datetime) -> None:
    await accepting.end_lapsed(session, home.organisation_id, person_id, at=at)
    hats = await queries.memberships_in_force(session, person_id)
    if any(hat.organisation_id == home.organisation_id for hat in hats):
        raise Conflict("member_in_force", "This person is a member already, perhaps as a delegate.")
    session.add(
        Membership(
            id=new_id(),
            person_id=person_id,
            organisation_id=home.organisation_id,
            role=role,
            viewer=viewer_for(role, home.organisation_id, home.jurisdiction),
            created_at=at,
        )
    )
    await session.flush()


async def _leave(session: WriteSession, home: Home, person_id: UUID, *, at: datetime) -> None:
    statement = (
        sa.select(Membership)
        .where(
            col(Membership.person_id) == person_id,
            col(Membership.organisation_id) == home.organisation_id,
            col(Membership.delegate_of_organisation_id).is_(None),
            col(Membership.ended_at).is_(None),
        )
        .with_for_update()
    )
    await membering.end(session, (await session.execute(statement)).scalar_one(), at=at)


async def _rename(session: WriteSession, home: Home, person_id: UUID, name: str) -> None:
    hats = await queries.memberships_in_force(session, person_id)
    if any(hat.organisation_id != home.organisation_id for hat in hats):
        refuse_one(
            "name",
            "scim_mutability",
            "This person works for other organisations too, so the name is not changed by one of them.",
            value=name,
        )
    await session.execute(sa.update(Person).where(col(Person.id) == person_id).values(name=name))


async def _keep(session: WriteSession, home: Home, person_id: UUID, wanted: Wanted, *, at: datetime) -> None:
    if wanted.external_id is not None:
        taken = sa.select(col(ProvisionedPerson.person_id)).where(
            col(ProvisionedPerson.organisation_id) == home.organisation_id,
            col(ProvisionedPerson.external_id) == wanted.external_id,
            col(ProvisionedPerson.person_id) != person_id,
        )
        if (await session.execute(taken)).scalar_one_or_none() is not None:
            raise Conflict("external_id_taken", "Another user has the externalId {value}.", value=wanted.external_id)
    said = {
        "external_id": wanted.external_id,
        "given_name": wanted.given_name,
        "family_name": wanted.family_name,
        "changed_at": at,
        "deleted_at": None,
    }
    statement = insert(ProvisionedPerson).values(organisation_id=home.organisation_id, person_id=person_id, **said)
    await session.execute(statement.on_conflict_do_update(constraint="pk_provisioned_people", set_=said))


def _member(row: Any) -> ProvisionedMember:  # noqa: ANN401  a record
    return ProvisionedMember(**{**row, "role": Role(row["role"])})
