"""Facilities of a site: their codes, who enters and who sees them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.support.facilities import described, facility_added, facility_command
from tests.support.parties import AT, actor, member, platform_operator, registered, site_added
from wastetrack.auth.model import Role
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden, Malformed, NotFound, RuleBroken
from wastetrack.ids import new_id
from wastetrack.parties import facility_queries
from wastetrack.parties.equipping import change_facility, close_facility, register_facility
from wastetrack.parties.facilities import ChangeFacility, CloseFacility, FacilityKind, read_code


@pytest.mark.parametrize(
    ("written", "code"), [("MF0001", "MF0001"), (" ts001 ", "TS001"), ("ＴＳ００１", "TS001"), ("A-1", "A-1")]
)
def test_a_code_has_one_normal_form(written: str, code: str) -> None:
    assert read_code(written) == code


@pytest.mark.parametrize("written", ["", "焚烧炉", "TS 001", "-TS", "TS--1", "T" * 31])
def test_what_is_no_code_is_refused(written: str) -> None:
    with pytest.raises(Malformed):
        read_code(written)


def test_all_that_is_wrong_with_a_facility_is_told_at_once() -> None:
    wrong = facility_command(
        new_id(), code="焚烧炉", described=described(name=" ", capacity_unit=None), until=date(2019, 1, 1)
    )
    assert [broken.code for broken in wrong.broken()] == [
        "facility_code_unreadable",
        "field_empty",
        "capacity_without_unit",
        "days_reversed",
    ]


@pytest.mark.parametrize(
    "changes", [{"capacity": Decimal(0)}, {"capacity": Decimal("NaN")}, {"capacity": Decimal("1e12")}]
)
def test_a_capacity_is_a_number_above_zero(changes: dict[str, Any]) -> None:
    assert [broken.code for broken in described(**changes).broken()] == ["capacity_absurd"]


def test_a_capacity_is_shown_with_its_unit() -> None:
    assert described().broken() == ()


@pytest.mark.usefixtures("official_lists")
class TestInTheRegister:
    """With a site."""

    async def test_it_is_entered_changed_and_closed_under_one_code(self, session: WriteSession) -> None:
        firm = await registered(session)
        owner, site = member(firm.id), await site_added(session, firm)
        made = await facility_added(session, owner, site.id, code="mf0001")

        assert await facility_queries.facilities_of(session, owner, site.id) == (made,)
        assert (made.code, made.capacity_text()) == ("MF0001", "3000 t/a")

        other = described(name="二号电镀线", capacity=None, capacity_unit=None)
        changed = await change_facility(session, owner, ChangeFacility(facility_id=made.id, described=other))
        assert (changed.name, changed.code, changed.capacity_text()) == ("二号电镀线", "MF0001", "")

        closed = await close_facility(session, owner, CloseFacility(facility_id=made.id, until=date(2026, 3, 1)))
        assert (closed.stands_on(date(2026, 3, 1)), closed.stands_on(date(2026, 3, 2))) == (True, False)
        with pytest.raises(Conflict):
            await close_facility(session, owner, CloseFacility(facility_id=made.id, until=date(2026, 3, 1)))

    async def test_a_code_is_given_once_per_site_even_after_closing(self, session: WriteSession) -> None:
        firm = await registered(session)
        owner, site, other = member(firm.id), await site_added(session, firm), await site_added(session, firm)
        made = await facility_added(session, owner, site.id, code="TS001")
        await close_facility(session, owner, CloseFacility(facility_id=made.id, until=date(2026, 3, 1)))

        with pytest.raises(Conflict):
            await facility_added(session, owner, site.id, code="ts001")
        await facility_added(session, owner, other.id, code="TS001")

    async def test_it_does_not_end_before_it_began(self, session: WriteSession) -> None:
        firm = await registered(session)
        owner, site = member(firm.id), await site_added(session, firm)
        made = await facility_added(session, owner, site.id)

        with pytest.raises(RuleBroken) as refused:
            await close_facility(session, owner, CloseFacility(facility_id=made.id, until=date(2019, 12, 31)))
        assert refused.value.broken[0].code == "facility_ends_before_begin"

    @pytest.mark.parametrize(
        ("viewer", "seen"), [("own", True), ("r:37", True), ("r:370602", True), ("r:370683", False), ("o:other", False)]
    )
    async def test_it_is_seen_by_the_firm_and_its_authorities(
        self, session: WriteSession, viewer: str, *, seen: bool
    ) -> None:
        firm = await registered(session)
        site = await site_added(session, firm)
        made = await facility_added(session, member(firm.id), site.id, FacilityKind.DISPOSAL)
        looking = actor(Role.VIEWER, f"o:{firm.id}" if viewer == "own" else viewer)

        assert await facility_queries.facilities_of(session, looking, site.id) == ((made,) if seen else ())
        if not seen:
            with pytest.raises(NotFound):
                await facility_queries.facility(session, looking, made.id)

    async def test_only_the_owner_and_the_operator_enter_and_a_stranger_does_not_even_see(
        self, session: WriteSession
    ) -> None:
        firm, other = await registered(session), await registered(session)
        site = await site_added(session, firm)
        made = await register_facility(session, platform_operator(), facility_command(site.id), at=AT)

        with pytest.raises(Forbidden):
            await facility_added(session, member(other.id), site.id)
        with pytest.raises(Forbidden):
            await close_facility(
                session, member(firm.id, Role.FILER), CloseFacility(facility_id=made.id, until=date(2026, 3, 1))
            )
        with pytest.raises(NotFound):
            await change_facility(session, member(other.id), ChangeFacility(facility_id=made.id, described=described()))
