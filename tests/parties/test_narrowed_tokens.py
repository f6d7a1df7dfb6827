"""Whoever may keep the register may not do so with a token that is narrowed to something else."""

import dataclasses
from uuid import UUID

import pytest

from tests.support import parties as made
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.policy import Verb
from wastetrack.ids import new_id
from wastetrack.parties import policy
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
