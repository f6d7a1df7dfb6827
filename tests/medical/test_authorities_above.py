"""What a prefecture ordered, its province may end: by the application's own role, past the policies of the database."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import ProgrammingError

from tests.medical.test_reserve_served import TONNE, kiln, order
from tests.support.medical_served import Ward
from tests.support.parties import AT, firm_command, platform_operator
from tests.support.world import PASSWORD
from wastetrack import clock
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Role
from wastetrack.db.session import writing
from wastetrack.ids import new_id
from wastetrack.parties.model import OrganisationKind
from wastetrack.parties.registering import register_organisation


async def an_approver(medical: Ward, jurisdiction: str) -> str:
    """The login of an approver who works at an authority of their own."""
    login = f"approver-{new_id()}"
    async with writing(medical.served.owner) as session:
        command = firm_command(
            kinds=frozenset({OrganisationKind.REGULATOR}),
            jurisdiction=jurisdiction,
            region_code={"37": "370602", "3702": "370202"}[jurisdiction],
        )
        office = await register_organisation(session, platform_operator(), command, at=AT)
        enrol = Enrol(
            login=login,
            name="林岚",
            password=PASSWORD,
            organisation_id=office.id,
            role=Role.APPROVER,
            jurisdiction=jurisdiction,
        )
        await install(session, enrol, at=clock.now())
    return login


async def called(medical: Ward, number: str) -> tuple[str, str, str]:
    """An emergency of the prefecture, a kiln on its list, and the call of that kiln."""
    helper = (await medical.sent("approver", "/helpers", kiln(f"水泥窑{number}")))["helper"]["id"]
    emergency = (await medical.sent("approver", "/emergencies", order(number)))["emergency"]["id"]
    call: dict[str, Any] = {"helper_id": helper, "daily_g": 20 * TONNE, "from_at": clock.now().isoformat()}
    made = await medical.sent("approver", f"/emergencies/{emergency}/calls", call)
    return emergency, helper, made["call_id"]


async def test_a_province_ends_the_emergency_of_a_prefecture_and_its_calls(medical: Ward) -> None:
    emergency, helper, _ = await called(medical, "烟疫指11号")
    province = await an_approver(medical, "37")
    await medical.sent(province, f"/emergencies/{emergency}/end", {}, expect=200)
    (call,) = (await medical.got("approver", f"/emergencies/{emergency}"))["calls"]
    assert call["ended_at"] is not None
    await medical.sent(province, f"/helpers/{helper}/ending", {}, expect=200)


async def test_a_province_lets_go_what_a_prefecture_called(medical: Ward) -> None:
    emergency, helper, call = await called(medical, "烟疫指12号")
    province = await an_approver(medical, "37")
    await medical.sent(province, f"/emergency-calls/{call}/ending", {}, expect=200)
    async with medical.served.owner.connect() as connection:
        # Who called it stays written there; who let it go stands in the log.
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        by = await raw.fetchval("select organisation_id from emergency_calls where id = $1", UUID(call))
        assert by == medical.served.places["authority"]
    await medical.sent("approver", f"/emergencies/{emergency}/end", {}, expect=200)
    await medical.sent("approver", f"/helpers/{helper}/ending", {}, expect=200)


async def test_a_call_of_the_province_that_ran_out_does_not_hinder_the_prefecture(medical: Ward) -> None:
    province = await an_approver(medical, "37")
    helper = (await medical.sent("approver", "/helpers", kiln("水泥窑14")))["helper"]["id"]
    first = (await medical.sent(province, "/emergencies", order("鲁疫指14号", region_code="37")))["emergency"]["id"]
    call = {"helper_id": helper, "daily_g": 20 * TONNE, "from_at": clock.now().isoformat()}
    await medical.sent(province, f"/emergencies/{first}/calls", call)
    async with medical.served.owner.begin() as connection:
        over = "update medical_emergencies set from_at = now() - interval '2 days', until_at = now()"
        await connection.exec_driver_sql(f"{over} where order_number = '鲁疫指14号'")
    second = (await medical.sent("approver", "/emergencies", order("烟疫指14号")))["emergency"]["id"]
    await medical.sent("approver", f"/emergencies/{second}/calls", call)
    await medical.sent("approver", f"/emergencies/{second}/end", {}, expect=200)
    await medical.sent("approver", f"/helpers/{helper}/ending", {}, expect=200)


async def test_an_authority_elsewhere_ends_nothing_here_and_the_database_says_so_too(medical: Ward) -> None:
    emergency, helper, call = await called(medical, "烟疫指13号")
    elsewhere = await an_approver(medical, "3702")
    for path in (f"/emergencies/{emergency}/end", f"/helpers/{helper}/ending", f"/emergency-calls/{call}/ending"):
        await medical.sent(elsewhere, path, {}, expect=403)
    for table in ("medical_emergencies", "emergency_helpers", "emergency_calls"):
        async with medical.served.app.state.engine.connect() as connection:
            await connection.exec_driver_sql("select set_config('wastetrack.viewer', 'r:3702', true)")
            with pytest.raises(ProgrammingError, match="row-level security"):
                await connection.exec_driver_sql(f"update {table} set ended_at = now() where region_code = '3706'")  # noqa: S608
