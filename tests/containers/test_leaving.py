"""General waste leaves its site without a manifest where the place lets it, and the ledgers say so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.manifests.test_grounds import SCRAP, filed, scrap
from tests.support.acts import SignAct
from tests.support.plans import contract_for
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about, rules_broken
from tests.support.world import AT, OIL, World, a_drum, plan_for
from wastetrack.auth.model import Role
from wastetrack.catalogues.jurisdiction import Certainty, Choice, differ
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.errors import ContainerElsewhere
from wastetrack.containers.leaving import send_out
from wastetrack.containers.leaving_rules import SendOut, why_not_without_manifest
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden
from wastetrack.manifests import transporting
from wastetrack.mass import Mass
from wastetrack.reports.ledgers import gathering, reading, records
from wastetrack.reports.ledgers.model import Period
from wastetrack.reports.ledgers.records import RecordKind

LATER = AT + timedelta(hours=6)
PERIOD = Period(since=AT.date(), until=AT.date() + timedelta(days=1))


@pytest.fixture
def required(tmp_path: Path) -> Iterator[None]:
    """A place in which general waste leaves on manifests only."""
    file = tmp_path / "place.toml"
    file.write_text('[general_waste_manifest]\nvalue = "required"\n', encoding="utf-8")
    differ(file)
    yield
    differ(None)


def leaving(*bags: Container) -> SendOut:
    """A load of scrap to a dealer."""
    return SendOut(
        container_ids=tuple(bag.id for bag in bags),
        receiver="烟台再生资源有限公司",
        method="r4",
        plate="鲁f·a1234",
        reference="磅单 07",
    )


def rule(value: str) -> Choice:
    """The choice of a place."""
    return Choice(
        value=value, one_of=("optional", "required", "off"), article="固废法 art. 36, 37", certainty=Certainty.TEXT
    )


@pytest.mark.parametrize(
    ("choice", "codes", "refused"),
    [
        ("optional", [SCRAP], []),
        ("off", [SCRAP], []),
        ("required", [SCRAP], ["general_waste_needs_manifest"]),
        ("optional", [SCRAP, OIL], ["hazardous_without_manifest"]),
        ("required", [OIL], ["hazardous_without_manifest"]),
        ("required", [OIL, SCRAP], ["hazardous_without_manifest", "general_waste_needs_manifest"]),
    ],
)
def test_what_may_leave_without_a_manifest(choice: str, codes: list[str], refused: list[str]) -> None:
    assert [broken.code for broken in why_not_without_manifest(rule(choice), codes)] == refused


async def test_its_mass_leaves_the_site_and_the_ledgers_say_where_to(town_session: WriteSession, world: World) -> None:
    bag, other = await scrap(town_session, world), await scrap(town_session, world, "90 kg")
    site = world.generator.site
    rows, leaf = await send_out(town_session, world.generator.owner, leaving(bag), at=LATER)
    assert [(row.state, row.site_id) for row in rows] == [("sent_out", None)]
    assert await balances(town_session, site.id) == {"generated": -270_000, "stored": 90_000, "sent_out:R4": 180_000}
    assert await books_and_containers_agree(town_session, site.id)
    facts = next(event for event in await events_about(town_session, bag.id) if event["id"] == str(leaf.id))["facts"]
    assert facts["method"] == "R4"
    assert not {"taken_by", "taken_on", "taken_with"} & facts.keys()  # may name somebody: where it can be erased
    (balance,), _ = await gathering.balances(town_session, site.id, PERIOD)
    assert (balance.told, balance.standing) == (balance.booked, Mass.parse("90 kg"))
    assert balance.told.contracted_out == Mass.parse("180 kg")
    of = await reading.books_of(town_session, world.generator.owner, site.id, PERIOD)
    flow, left = (await records.document_of(town_session, of, RecordKind.GENERAL_WASTE, at=LATER)).sheets
    (row,) = left.rows
    assert row[1:] == (
        SCRAP,
        "废钢铁",
        bag.digital_code,
        Mass.parse("180 kg"),
        "烟台再生资源有限公司",
        "鲁FA1234",
        "磅单 07",
        "R4",
        "owner者",
    )
    (march,) = [one for one in flow.rows if one[0] == "2026-03"]
    assert march[6] == Mass.parse("180 kg")  # sent away to be used
    with pytest.raises(ContainerElsewhere):
        await send_out(town_session, world.generator.owner, leaving(bag), at=LATER)
    assert other.state == "at_site"


async def agreed(session: WriteSession, world: World) -> None:
    """A contract under which the scrap goes to the receiver on manifests."""
    shipper, receiver = world.generator, world.receiver
    await contract_for(session, shipper.id, receiver.id, (SCRAP,), shipper=shipper.owner, receiver=receiver.owner)


async def test_what_goes_on_a_manifest_stands_in_the_same_table(town_session: WriteSession, world: World) -> None:
    await agreed(town_session, world)
    bag = await scrap(town_session, world)
    way = replace(plan_for(world, [bag]), method="R4", basis=TransferBasis.GENERAL)
    row = await filed(town_session, world, way)
    with pytest.raises(ContainerElsewhere):  # it waits for the truck
        await send_out(town_session, world.generator.owner, leaving(bag), at=LATER)
    await transporting.pick_up(town_session, world.carrier.owner, SignAct(manifest_id=row.id), at=LATER)
    of = await reading.books_of(town_session, world.generator.owner, world.generator.site.id, PERIOD)
    _, left = (await records.document_of(town_session, of, RecordKind.GENERAL_WASTE, at=LATER)).sheets
    assert [(one[6], one[7]) for one in left.rows] == [(world.plate, row.number)]


async def test_where_a_manifest_is_required_it_is_not_booked_out(
    town_session: WriteSession,
    world: World,
    required: None,  # noqa: ARG001
) -> None:
    await agreed(town_session, world)
    bag = await scrap(town_session, world)
    (broken,) = await rules_broken(send_out(town_session, world.generator.owner, leaving(bag), at=LATER))
    assert (broken.code, broken.article) == ("general_waste_needs_manifest", "固废法 art. 36, 37")
    assert "manifest" in broken.next_step
    way = replace(plan_for(world, [bag]), method="R4", basis=TransferBasis.GENERAL)
    assert (await filed(town_session, world, way)).number


async def test_what_is_not_said_and_who_may_not(town_session: WriteSession, world: World) -> None:
    bag, drum = await scrap(town_session, world), await a_drum(town_session, world)
    owner = world.generator.owner
    wrong = replace(leaving(bag, drum), receiver=" ", reference="", plate="F1", method="X9")
    assert await codes_broken(send_out(town_session, owner, wrong, at=LATER)) == sorted(
        ["hazardous_without_manifest", "leaving_unsaid", "leaving_unsaid", "plate_province", "method_unreadable"]
    )
    assert await codes_broken(send_out(town_session, owner, replace(leaving(bag), container_ids=()), at=LATER)) == [
        "containers_missing"
    ]
    early = replace(leaving(bag), happened_at=AT - timedelta(days=1))
    assert await codes_broken(send_out(town_session, owner, early, at=LATER)) == ["dated_before"]
    with pytest.raises(Forbidden):
        await send_out(town_session, world.generator.people[Role.VIEWER], leaving(bag), at=LATER)
