"""Whoever may keep the register may not do so with a token that is narrowed to something else."""

import dataclasses
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support import parties as made
from wastetrack.auth import membering
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Actor, Role, Scope
from wastetrack.auth.policy import Verb
from wastetrack.auth.tables import Membership
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden
from wastetrack.ids import new_id
from wastetrack.parties import membership, policy
from wastetrack.parties.model import OrganisationKind

OWNER = Actor(new_id(), "王秀英", new_id(), new_id(), Role.OWNER, "o:x")
SOMEBODY = [
    (made.platform_operator(), new_id()),
    (OWNER, OWNER.organisation_id),
]


@pytest.mark.parametrize(("actor", "organisation_id"), SOMEBODY, ids=["operator", "owner"])
@pytest.mark.parametrize("verb", [Verb.MANAGE_FLEET, Verb.MANAGE_ORGANISATION])
def test_sites_and_fleet_need_the_scope_register(actor: Actor, organisation_id: UUID, verb: Verb) -> None:
    for scopes, allowed in (({"read", "scim"}, False), ({"register"}, True)):
        narrowed = dataclasses.replace(actor, scopes=frozenset(scopes))
        assert bool(policy.may_manage(narrowed, organisation_id, verb)) is allowed


def test_so_do_firms_permits_and_licences() -> None:
    approver = made.approver()
    region = approver.viewer.removeprefix("r:").ljust(6, "0")
    for scopes, allowed in (({"read", "file"}, False), ({"register"}, True)):
        narrowed = dataclasses.replace(approver, scopes=frozenset(scopes))
        assert bool(policy.may_register(narrowed, frozenset({OrganisationKind.GENERATOR}), region)) is allowed
        assert bool(policy.may_permit(narrowed, region)) is allowed
        assert bool(policy.may_license(narrowed, new_id(), region)) is allowed


def test_people_need_the_scope_scim() -> None:
    for scopes, allowed in (({"read", "register"}, False), ({"scim"}, True)):
        narrowed = dataclasses.replace(OWNER, scopes=frozenset(scopes))
        assert bool(policy.may_manage(narrowed, OWNER.organisation_id, Verb.MANAGE_PEOPLE)) is allowed


async def test_a_system_that_lets_people_in_makes_no_owner_and_learns_no_link_of_one(
    session: WriteSession,
    official_lists: object,  # noqa: ARG001  loaded
) -> None:
    firm = await made.registered(session)
    owner = made.member(firm.id)
    owner_id = await install(session, enrolment(firm.id), at=made.AT)
    narrowed = dataclasses.replace(owner, scopes=frozenset({"scim"}))
    invitation: dict[str, Any] = {"name": "李娜", "locale": "zh", "lasts": timedelta(hours=72), "at": made.AT}
    invited = await membership.invite(
        session, await invited_by(session, owner_id, narrowed), firm.id, contact="a@b.cn", role=Role.FILER, **invitation
    )
    refused = [
        membership.invite(session, narrowed, firm.id, contact="c@d.cn", role=Role.OWNER, **invitation),
        membership.resend(session, narrowed, firm.id, invited.id, lasts=timedelta(hours=72), at=made.AT),
        membership.change_role(session, narrowed, owner_id, Role.OWNER),
        membering.ask_for_new_password(session, narrowed, owner_id, lasts=timedelta(hours=72), at=made.AT),
    ]
    for attempt in refused:
        with pytest.raises(Forbidden) as told:
            await attempt
        assert told.value.facts == {"scope": Scope.ADMINISTER}


def enrolment(organisation_id: UUID) -> Enrol:
    return Enrol(
        login=f"owner.{new_id()}",
        name="王秀英",
        password="seven quiet harbours at noon",  # noqa: S106  of a test
        organisation_id=organisation_id,
        role=Role.OWNER,
    )


async def invited_by(session: WriteSession, membership_id: UUID, actor: Actor) -> Actor:
    """The actor as a person who is there: an invitation names who made it."""
    row = await session.get_one(Membership, membership_id)
    return dataclasses.replace(actor, person_id=row.person_id, membership_id=row.id)
