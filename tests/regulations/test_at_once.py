"""Twenty clerks of several firms in one prefecture sign their filings at the same moment, each over HTTP."""

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from tests.support import parties as made
from tests.support.plans import contract_for, plan_for
from tests.support.served import PASSWORD, Served, Visitor
from tests.support.trade import API, Trade, sent, today
from tests.support.world import OIL
from wastetrack import clock
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Role
from wastetrack.db.session import reading, writing
from wastetrack.parties.model import OrganisationKind, Site, SiteKind
from wastetrack.parties.registering import add_site, register_organisation

CLERKS = 20
FIRMS = 4
COUNTIES = (made.ZHIFU, "370613", "370682", "370611")
"""Zhifu, Laishan, Laiyang and Fushan, all in Yantai (3706)."""

# Every manifest with the one signature of its filing.
SIGNED = """
select paper.id, paper.number, paper.state, signature.organisation_id, signature.person_id
from manifests paper join manifest_signatures signature on signature.manifest_id = paper.id
where paper.id = any(cast(:ids as uuid[]))
"""


@dataclass(frozen=True)
class Clerk:
    """Somebody who signs for a firm, signed in from a program of his own."""

    site: Site
    program: Visitor


async def a_firm(served: Served, county: str) -> Site:
    """A workshop that may send its oil to the incinerator by plan and contract."""
    at, operator, receiver = clock.now(), made.platform_operator(), served.world.receiver
    async with writing(served.owner) as session:
        command = made.firm_command(kinds=frozenset({OrganisationKind.GENERATOR}), region_code=county)
        firm = await register_organisation(session, operator, command, at=at)
        workshop = made.site_command(firm.id, kind=SiteKind.PRODUCTION, region_code=county)
        site = await add_site(session, operator, workshop, at=at)
        owner = made.member(firm.id)
        await plan_for(session, site, receiver.id, (OIL,), actor=owner, at=at)
        await contract_for(session, firm.id, receiver.id, (OIL,), shipper=owner, at=at)
    return site


async def a_clerk(served: Served, site: Site, number: int) -> Clerk:
    """One more signer of the firm, signed in with a password of his own."""
    login = f"clerk-{number}@example.test"
    command = Enrol(
        login=login,
        name=f"经办人{number}",
        password=PASSWORD,
        organisation_id=site.organisation_id,
        role=Role.SIGNER,
        jurisdiction=None,
    )
    async with writing(served.owner) as session:
        await install(session, command, at=clock.now())
    program = served.visitor()
    assert (await program.sign_in_at_api(login)).status_code == 201
    return Clerk(site, program)


async def drafted(trade: Trade, clerk: Clerk) -> str:
    """A drum of the clerk's own and a draft over it; gives the draft's id."""
    drum = trade.drum(site_id=str(clerk.site.id))
    container = (await sent(clerk.program, "/containers", drum, expect=201))["container"]
    plan = trade.plan(container, shipper_site_id=str(clerk.site.id))
    return str((await sent(clerk.program, "/manifests", plan, expect=201))["id"])


async def filed(clerk: Clerk, manifest_id: str) -> tuple[int, dict[str, Any]]:
    """What the clerk is answered who has the words prepared and signs them with his password."""
    path = f"{API}/manifests/{manifest_id}/filing"
    prepared = await clerk.program.send_json(f"{path}/preparation", {"version": 1})
    if prepared.status_code != 201:
        return prepared.status_code, prepared.json()
    answer = await clerk.program.send_json(path, {"intent_id": prepared.json()["intent_id"]})
    return answer.status_code, answer.json()


async def test_twenty_clerks_of_four_firms_get_numbers_without_a_gap(trade: Trade) -> None:
    served = trade.served
    sites = [await a_firm(served, county) for county in COUNTIES]
    clerks = [await a_clerk(served, sites[number % FIRMS], number) for number in range(CLERKS)]
    ids = [await drafted(trade, clerk) for clerk in clerks]
    # One before them, so that the place in the series from which they count on is known.
    first = await trade.standing(await trade.filed(await trade.labelled()))
    before = int(first["manifest"]["number"])

    answers = await asyncio.gather(*(filed(*one) for one in zip(clerks, ids, strict=True)))

    assert [answer for answer in answers if answer[0] != 200] == []
    numbers = sorted(int(answer["manifest"]["number"]) for _, answer in answers)
    assert numbers == list(range(before + 1, before + CLERKS + 1))
    assert {str(number)[:8] for number in numbers} == {f"{today().year}3706"}
    async with reading(served.owner) as books:
        signed = (await books.execute(text(SIGNED), {"ids": ids})).all()
    clerk_of = dict(zip(ids, clerks, strict=True))
    assert {row.state for row in signed} == {"filed"}
    assert sorted(int(row.number) for row in signed) == numbers
    assert all(row.organisation_id == clerk_of[str(row.id)].site.organisation_id for row in signed)
    assert len({row.organisation_id for row in signed}) == FIRMS
    assert len({row.person_id for row in signed}) == CLERKS
