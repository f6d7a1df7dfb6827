"""Roles and what they may do: the table, and sentences about it that must stay true."""

import pytest

from wastetrack.auth.model import Actor, Role, viewer_of_jurisdiction, viewers_of_region
from wastetrack.auth.policy import GRANTS, Verb, demand, may
from wastetrack.errors import Forbidden
from wastetrack.ids import new_id

BUSINESS = {
    Verb.LABEL,
    Verb.STORE,
    Verb.FILE,
    Verb.SIGN,
    Verb.CARRY,
    Verb.SCAN,
    Verb.RECEIVE,
    Verb.TREAT,
    Verb.CORRECT,
    Verb.ATTACH,
}


def somebody(role: Role) -> Actor:
    return Actor(new_id(), "张伟", new_id(), new_id(), role, "o:x")


def test_every_role_has_its_line() -> None:
    assert GRANTS.keys() == set(Role)


def test_every_verb_is_granted_to_somebody() -> None:
    assert set().union(*GRANTS.values()) == set(Verb)


@pytest.mark.parametrize("role", [Role.REGULATOR_VIEWER, Role.INSPECTOR, Role.APPROVER, Role.OPERATOR])
def test_authorities_and_the_platform_never_act_for_a_firm(role: Role) -> None:
    assert not GRANTS[role] & BUSINESS


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REGULATOR_VIEWER])
def test_whoever_only_looks_changes_nothing(role: Role) -> None:
    assert GRANTS[role] <= {Verb.PROVE, Verb.ISSUE_TOKENS}


def test_only_owners_and_the_platform_manage_people() -> None:
    assert {role for role in Role if Verb.MANAGE_PEOPLE in GRANTS[role]} == {Role.OWNER, Role.OPERATOR}


def test_a_no_says_why() -> None:
    decision = may(somebody(Role.DRIVER), Verb.SIGN)
    assert not decision
    assert decision.facts["role"] is Role.DRIVER
    with pytest.raises(Forbidden) as refused:
        demand(somebody(Role.DRIVER), Verb.SIGN)
    assert refused.value.code == "may_not_sign"
    demand(somebody(Role.SIGNER), Verb.SIGN)


def test_a_county_is_seen_by_its_prefecture_and_its_province() -> None:
    assert viewers_of_region("370602") == ("r:37", "r:3706", "r:370602")


@pytest.mark.parametrize("prefix", ["", "3", "370", "37060", "3706021", "３７", "ab"])
def test_a_jurisdiction_is_two_four_or_six_digits(prefix: str) -> None:
    with pytest.raises(ValueError, match="jurisdiction"):
        viewer_of_jurisdiction(prefix)
