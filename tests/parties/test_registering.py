"""Entering organisations and what belongs to them, on a real database."""

import pytest
import sqlalchemy as sa

from tests.support.parties import (
    AT,
    actor,
    approver,
    driver_command,
    firm_command,
    licence_command,
    member,
    platform_operator,
    registered,
    site_added,
    site_command,
    store_command,
    vehicle_command,
)
from wastetrack.auth.model import Actor, Role
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.db.session import WriteSession
from wastetrack.db.windows import Window
from wastetrack.errors import Conflict, Forbidden, NotFound, RuleBroken
from wastetrack.ids import new_id
from wastetrack.parties import credit_codes, queries
from wastetrack.parties.model import OrganisationKind, SiteKind
from wastetrack.parties.registering import (
    add_driver,
    add_site,
    add_store,
    add_vehicle,
    record_transport_licence,
    register_organisation,
)

pytestmark = pytest.mark.usefixtures("official_lists")


async def test_a_registered_organisation_is_found_by_its_credit_code_in_any_writing(session: WriteSession) -> None:
    firm = await registered(session, OrganisationKind.GENERATOR, OrganisationKind.DISPOSER, name="烟台海滨化工有限公司")
    written = " ".join((firm.credit_code[:9], firm.credit_code[9:].lower()))

    assert await queries.organisation_by_credit_code(session, written) == firm
    assert await queries.organisation(session, firm.id) == firm


async def test_a_farm_cooperative_and_an_army_hospital_are_registered_like_everybody(session: WriteSession) -> None:
    for department in "NAY15":
        firm = await registered(session, credit_code=credit_codes.make(f"{department}2370602MA0000001"))
        assert firm.credit_code.startswith(department)


async def test_the_same_credit_code_is_not_registered_twice(session: WriteSession) -> None:
    firm = await registered(session)

    with pytest.raises(Conflict) as refusal:
        await registered(session, credit_code=firm.credit_code.lower())

    assert refusal.value.code == "organisation_registered_already"


async def test_everything_wrong_with_a_registration_is_told_at_once(session: WriteSession) -> None:
    command = firm_command(
        credit_code="911302006992296170",
        name="",
        region_code="370600",
        kinds=frozenset({OrganisationKind.REGULATOR}),
        jurisdiction="99",
    )

    with pytest.raises(RuleBroken) as refusal:
        await register_organisation(session, platform_operator(), command, at=AT)

    assert {rule.code for rule in refusal.value.broken} == {
        "credit_code_check_character",
        "field_empty",
        "region_too_large",
        "jurisdiction_unknown",
    }


@pytest.mark.parametrize(
    ("who", "kinds", "jurisdiction", "allowed"),
    [
        (platform_operator(), {OrganisationKind.GENERATOR}, None, True),
        (platform_operator(), {OrganisationKind.REGULATOR}, "3706", True),
        (approver("3706"), {OrganisationKind.GENERATOR}, None, True),
        (approver("3706"), {OrganisationKind.REGULATOR}, "370602", False),
        (approver("3707"), {OrganisationKind.GENERATOR}, None, False),
        (member(new_id()), {OrganisationKind.GENERATOR}, None, False),
        (actor(Role.INSPECTOR, "r:3706"), {OrganisationKind.GENERATOR}, None, False),
    ],
)
async def test_the_operator_registers_anybody_and_an_approver_the_firms_of_its_region(
    session: WriteSession, who: Actor, kinds: set[OrganisationKind], jurisdiction: str | None, *, allowed: bool
) -> None:
    command = firm_command(kinds=frozenset(kinds), jurisdiction=jurisdiction)

    if allowed:
        assert (await register_organisation(session, who, command, at=AT)).jurisdiction == jurisdiction
    else:
        with pytest.raises(Forbidden):
            await register_organisation(session, who, command, at=AT)


async def test_a_site_keeps_its_place_to_the_microdegree(session: WriteSession) -> None:
    firm = await registered(session)

    site = await site_added(session, firm, kind=SiteKind.TREATMENT)

    assert await queries.site(session, site.id) == site
    assert await queries.sites_of(session, firm.id) == (site,)
    assert str(site.latitude) == "37.540925"


async def test_a_site_of_the_same_name_or_in_no_county_is_refused(session: WriteSession) -> None:
    firm = await registered(session)
    await site_added(session, firm, name="一厂")

    with pytest.raises(Conflict):
        await site_added(session, firm, name="一厂")
    with pytest.raises(RuleBroken):
        await site_added(session, firm, region_code="999999")


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.OWNER, Role.OPERATOR}])
async def test_only_the_owner_and_the_operator_add_sites(session: WriteSession, role: Role) -> None:
    firm = await registered(session)

    await add_site(session, platform_operator(), site_command(firm.id), at=AT)
    with pytest.raises(Forbidden):
        await add_site(session, actor(role, f"o:{firm.id}", firm.id), site_command(firm.id), at=AT)


async def test_an_owner_does_not_touch_another_firm(session: WriteSession) -> None:
    firm, other = await registered(session), await registered(session)
    site = await site_added(session, firm)

    with pytest.raises(Forbidden):
        await add_store(session, member(other.id), store_command(site.id), at=AT)
    with pytest.raises(Forbidden):
        await add_vehicle(session, member(other.id), vehicle_command(firm.id), at=AT)
    with pytest.raises(NotFound):
        await add_vehicle(session, member(other.id), vehicle_command(new_id()), at=AT)


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        ("own", True),
        ("r:37", True),
        ("r:3706", True),
        ("r:370602", True),
        ("r:370683", False),
        ("o:other", False),
        ("p", False),
    ],
)
async def test_stores_vehicles_and_drivers_are_seen_by_the_firm_and_its_authorities_only(
    session: WriteSession, viewer: str, *, seen: bool
) -> None:
    firm = await registered(session, OrganisationKind.TRANSPORTER)
    site = await site_added(session, firm)
    owner = member(firm.id)
    store = await add_store(session, owner, store_command(site.id), at=AT)
    vehicle = await add_vehicle(session, owner, vehicle_command(firm.id, plate="鲁f·d00001"), at=AT)
    driver = await add_driver(session, owner, driver_command(firm.id), at=AT)
    looking = actor(Role.VIEWER, f"o:{firm.id}" if viewer == "own" else viewer)

    assert await queries.stores_of(session, looking, site.id) == ((store,) if seen else ())
    assert await queries.vehicles_of(session, looking, firm.id) == ((vehicle,) if seen else ())
    assert await queries.drivers_of(session, looking, firm.id) == ((driver,) if seen else ())
    if seen:
        assert await queries.vehicle_by_plate(session, looking, "鲁FD00001") == vehicle
    else:
        with pytest.raises(NotFound):
            await queries.vehicle_by_plate(session, looking, "鲁FD00001")


async def test_numbers_that_are_taken_are_conflicts(session: WriteSession) -> None:
    firm = await registered(session, OrganisationKind.TRANSPORTER)
    owner, site = member(firm.id), await site_added(session, firm)
    store, vehicle = store_command(site.id), vehicle_command(firm.id)
    driver, licence = driver_command(firm.id), licence_command(firm.id)
    await add_store(session, owner, store, at=AT)
    await add_vehicle(session, owner, vehicle, at=AT)
    await add_driver(session, owner, driver, at=AT)
    await record_transport_licence(session, owner, licence, at=AT)

    with pytest.raises(Conflict):
        await add_store(session, owner, store, at=AT)
    with pytest.raises(Conflict):
        await add_vehicle(session, owner, vehicle, at=AT)
    with pytest.raises(Conflict):
        await add_driver(session, owner, driver, at=AT)
    with pytest.raises(Conflict):
        await record_transport_licence(session, owner, licence, at=AT)


async def test_a_licence_is_recorded_by_the_carrier_or_an_approver_of_its_region(session: WriteSession) -> None:
    firm = await registered(session, OrganisationKind.TRANSPORTER)

    await record_transport_licence(session, approver("370602"), licence_command(firm.id), at=AT)
    await record_transport_licence(session, member(firm.id), licence_command(firm.id), at=AT)
    with pytest.raises(Forbidden):
        await record_transport_licence(session, approver("3702"), licence_command(firm.id), at=AT)
    with pytest.raises(Forbidden):
        await record_transport_licence(session, member(new_id()), licence_command(firm.id), at=AT)

    assert len(await queries.transport_licences_of(session, firm.id)) == 2


async def test_vehicle_driver_and_licences_of_a_trip_come_in_one_statement(session: WriteSession) -> None:
    firm = await registered(session, OrganisationKind.TRANSPORTER)
    owner = member(firm.id)
    vehicle = await add_vehicle(session, owner, vehicle_command(firm.id), at=AT)
    driver = await add_driver(session, owner, driver_command(firm.id), at=AT)

    assert await queries.carriage_for_use(session, vehicle.id, driver.id) == (vehicle, driver, ())

    licence = await record_transport_licence(session, owner, licence_command(firm.id), at=AT)
    assert await queries.carriage_for_use(session, vehicle.id) == (vehicle, None, (licence,))
    with pytest.raises(NotFound):
        await queries.carriage_for_use(session, vehicle.id, new_id())
    with pytest.raises(NotFound):
        await queries.carriage_for_use(session, new_id())


async def test_organisations_are_searched_by_name_code_kind_and_region(session: WriteSession) -> None:
    hospital = await registered(session, name="毓璜顶测试医院", name_en="Yuhuangding Test Hospital")
    branch = await registered(session, OrganisationKind.DISPOSER, name="烟台毓璜顶测试医院分院", region_code="370683")

    assert await queries.search_organisations(session, "毓璜顶测试") == (hospital, branch)
    assert await queries.search_organisations(session, "yuhuangding") == (hospital,)
    assert await queries.search_organisations(session, hospital.credit_code[:17].lower()) == (hospital,)
    assert await queries.search_organisations(session, "毓璜顶", kind=OrganisationKind.DISPOSER) == (branch,)
    assert await queries.search_organisations(session, "毓璜顶", region_prefix="370683") == (branch,)
    assert await queries.search_organisations(session, "毓璜顶", window=Window(limit=1, offset=1)) == (branch,)
    assert await queries.search_organisations(session, "%璜顶") == ()


async def test_several_organisations_and_sites_come_in_one_statement_each(session: WriteSession) -> None:
    firm, other = await registered(session), await registered(session)
    site = await site_added(session, firm)

    assert await queries.organisations_by_id(session, (firm.id, other.id, new_id())) == {firm.id: firm, other.id: other}
    assert await queries.sites_by_id(session, (site.id,)) == {site.id: site}


async def test_the_database_refuses_what_the_forms_would_refuse(
    session: WriteSession, official_lists: Catalogue
) -> None:
    assert "370602" in official_lists.regions
    firm = await registered(session)
    for wrong in (
        "update organisations set kinds = '{}' where id = :id",
        "update organisations set kinds = '{dreamer}' where id = :id",
        "update organisations set jurisdiction = '37' where id = :id",
        "update organisations set credit_code = 'I' where id = :id",
        "update organisations set region_code = '3706' where id = :id",
    ):
        savepoint = await session.begin_nested()
        with pytest.raises(sa.exc.IntegrityError):
            await session.execute(sa.text(wrong), {"id": firm.id})
        await savepoint.rollback()
