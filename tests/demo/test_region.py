"""A region of sixty manifests: everything balances, and every screen has something to show."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.demo.conftest import IN_STORIES, Region
from wastetrack.auth.model import Role
from wastetrack.cli.demonstration.members import PRINTED_LOGINS
from wastetrack.cli.demonstration.summary import Summary, summarise
from wastetrack.db.session import reading
from wastetrack.reports.auditing.findings import Report
from wastetrack.reports.auditing.running import recompute


async def counted(region: Region, statement: str) -> int:
    """The one number that a statement gives."""
    async with region.engine.connect() as connection:
        return int((await connection.execute(sa.text(statement))).scalar_one())


async def checked(region: Region) -> tuple[Report, Summary]:
    """The full recomputation and the summary."""
    async with reading(region.engine) as session:
        report = await recompute(session, region.signer.verifier)
        return report, await summarise(session, report)


async def test_everything_in_it_is_consistent(region: Region) -> None:
    report, summary = await checked(region)
    assert report.consistent, [finding.sentence() for finding in report.findings]
    assert report.waiting == 0, "the log has placed every event"
    assert summary.size == summary.leaves == report.leaves > 500
    assert summary.root == report.root


async def test_it_has_as_many_manifests_as_were_asked_for_and_those_of_its_stories(region: Region) -> None:
    _, summary = await checked(region)
    assert sum(summary.manifests.values()) == 60 + IN_STORIES


async def test_its_masses_add_up(region: Region) -> None:
    _, summary = await checked(region)
    made = summary.masses_g["generated"] + summary.masses_g["residue_source"]
    there = sum(summary.masses_g[kind] for kind in ("stored", "in_transit", "treated", "discrepancy"))
    assert made == there
    assert all(summary.masses_g[kind] > 0 for kind in ("stored", "in_transit", "treated"))
    assert summary.masses_g["discrepancy"] != 0


FOUND = {
    "a draft": "select count(*) from manifests where state = 'draft' and number is null",
    "a filed manifest": "select count(*) from manifests where state = 'filed'",
    "one on the road": "select count(*) from manifests where state = 'picked_up'",
    "one with its second carrier": "select count(*) from manifests where state = 'in_transit'",
    "one at the gate": "select count(*) from manifests where state = 'arrived'",
    "one at the gate, half scanned": "select count(*) from manifests m where state = 'arrived' and exists (select"
    " from manifest_containers c where c.manifest_id = m.id and outcome is not null)",
    "one received, not confirmed": "select count(*) from manifests where state = 'received'",
    "one cancelled": "select count(*) from manifests where state = 'cancelled'",
    "one void": "select count(*) from manifests where state = 'void'",
    "a return under way": "select count(*) from manifests where state = 'returning'",
    "a return taken back": "select count(*) from manifests where state = 'returned'",
    "several legs": "select count(*) from manifest_legs where position = 2 and taken_over_at is not null",
    "a late arrival": "select count(*) from manifests where arrived_at - picked_up_at > interval '20 hours'",
    "a container rejected": "select count(*) from manifest_containers where outcome = 'rejected'",
    "a container missing": "select count(*) from manifest_containers where outcome = 'missing'",
    "a container lost": "select count(*) from containers where state = 'lost'",
    "scales that disagree": "select count(*) from manifest_containers where outcome = 'accepted_with_difference'",
    "a correction consented": "select count(*) from manifest_corrections where state = 'consented'",
    "a correction refused": "select count(*) from manifest_corrections where state = 'refused'",
    "a correction that waits": "select count(*) from manifest_corrections where state = 'requested'",
    "containers merged": "select count(*) from container_lineage where kind = 'merged'",
    "a container split": "select count(*) from container_lineage where kind = 'split'",
    "a container repacked": "select count(*) from container_lineage where kind = 'repacked'",
    "a container weighed again": "select count(*) from log_leaves where kind = 'container_weighed'",
    "a move between stores": "select count(*) from log_leaves where kind = 'containers_stored'",
    "scans recorded an hour late": "select count(*) from entries where recorded_at - happened_at > interval '1 hour'",
    "a container nobody expected": "select count(*) from log_leaves where convert_from(bytes, 'utf8') like"
    """ '%"outcome":"unexpected"%'""",
    "a permit taken away on the road": "select count(*) from log_leaves where convert_from(bytes, 'utf8') like"
    """ '%"outcome":"not_permitted"%'""",
    "residues": "select count(*) from treatment_batches where residue_g > 0",
    "residues sent on": "select count(*) from manifest_containers c join manifests m on m.id = c.manifest_id"
    " join organisations o on o.id = m.shipper_id where m.kind = 'road' and 'disposer' = any(o.kinds)",
    "a permit renewed": "select count(*) from permits where renews_id is not null",
    "a permit suspended": "select count(*) from permit_suspensions",
    "a new-energy vehicle": "select count(*) from vehicles where plate_kind = 'new_energy_large'",
    "a trailer": "select count(*) from vehicles where plate_kind = 'trailer'",
    "medical waste": "select count(*) from manifest_containers where waste_code like '841-%'",
}


@pytest.mark.parametrize("what", FOUND)
async def test_it_holds(region: Region, what: str) -> None:
    assert await counted(region, FOUND[what]) > 0


@pytest.mark.parametrize(("kind", "least"), [("generator", 40), ("transporter", 6), ("disposer", 8), ("regulator", 5)])
async def test_it_has_firms_of_each_kind(region: Region, kind: str, least: int) -> None:
    assert await counted(region, f"select count(*) from organisations where '{kind}' = any(kinds)") >= least  # noqa: S608


async def test_one_person_of_each_role_has_a_printed_account(region: Region) -> None:
    roles = [account.role for account in region.built.accounts]
    assert set(roles) == set(Role)
    more = {role: roles.count(role) for role in roles if roles.count(role) > 1}
    # Signers of both sides; a hospital's nurse and collector beside the filer; approvers of two provinces.
    assert more == {Role.SIGNER: 2, Role.FILER: 3, Role.APPROVER: 2}
    assert {account.login for account in region.built.accounts} == PRINTED_LOGINS
    assert set(region.built.passwords) == {account.login for account in region.built.accounts}


async def test_the_log_was_published_through_the_year(region: Region) -> None:
    async with region.engine.connect() as connection:
        rows = await connection.execute(sa.text("select size, published_at from log_checkpoints order by size"))
        checkpoints = [(row.size, row.published_at) for row in rows]
    moments = [moment for _, moment in checkpoints]
    assert moments == sorted(moments)
    assert len(checkpoints) > 50
    assert moments[0] < region.until - timedelta(days=300)
    assert moments[-1] > region.until - timedelta(days=4)


async def test_nothing_was_recorded_before_what_came_earlier_in_the_log(region: Region) -> None:
    backwards = """select count(*) from (
        select recorded_at, lag(recorded_at) over (order by arrival) as before from log_leaves
    ) as leaves where recorded_at < before"""
    assert await counted(region, backwards) == 0
    assert await counted(region, "select count(*) from log_leaves where recorded_at > now()") == 0


async def test_the_two_scales_agree_as_often_as_honest_ones_do(region: Region) -> None:
    weighed = "select count(*) from manifest_containers where measured_method = 'platform_scale'"
    differ = f"{weighed} and outcome = 'accepted_with_difference'"
    exact = f"{weighed} and measured_g = declared_g"
    all_of_them = await counted(region, weighed)
    assert await counted(region, differ) < 0.1 * all_of_them
    assert await counted(region, exact) < 0.5 * all_of_them, "scales are never that equal"
