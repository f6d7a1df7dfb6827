"""A manifest rests on the filed plan and a contract: what is refused, explained, taken, restated and given back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.acts import BY_PASSWORD, Receive, SignAct
from tests.support.refused import codes_broken, events_about, rules_broken
from tests.support.world import AT, OIL, World, a_drum, filed, plan_for, received, scanned
from tests.support.world import arrived as at_the_gate
from wastetrack.catalogues import jurisdiction
from wastetrack.containers.queries import Container
from wastetrack.db.session import ReadSession, WriteSession, reading, writing
from wastetrack.errors import RuleBroken
from wastetrack.manifests import filing, model, receiving
from wastetrack.manifests.model import TransferBasis

USED = """
select coalesce((select sum(booked_g) from plan_items where site_id = :site), 0)::bigint,
  coalesce((select sum(item.booked_g) from contract_items item join contracts c on c.id = item.contract_id
    where c.shipper_id = :firm), 0)::bigint
"""


async def used(session: ReadSession, world: World) -> tuple[int, int]:
    """Grams that the workshop's manifests have taken of its plan, and of its contract."""
    places = {"site": world.generator.site.id, "firm": world.generator.id}
    row = (await session.execute(text(USED), places)).one()
    return row[0], row[1]


@contextmanager
def ruled(folder: Path, **rules: str) -> Iterator[None]:
    """The place's own rules, as its file has them."""
    file = folder / "rules.toml"
    file.write_text("".join(f'[{name}]\nvalue = "{value}"\n' for name, value in rules.items()), encoding="utf-8")
    jurisdiction.differ(file)
    try:
        yield
    finally:
        jurisdiction.differ(None)


async def plan_only(session: WriteSession, world: World, grams: int) -> None:
    """Let the workshop's plan have room for so much oil by D10 this year."""
    statement = text(
        "update plan_items set planned_g = :grams where site_id = :site and waste_code = :code and year = 2026"
    )
    await session.execute(statement, {"grams": grams, "site": world.generator.site.id, "code": OIL})


async def to_file(session: WriteSession, world: World, *drums: Container, **changes: Any) -> model.SignAct:  # noqa: ANN401
    """A draft over these drums, ready to be signed."""
    command = replace(plan_for(world, list(drums)), **changes)
    row = await filing.draft_manifest(session, world.generator.owner, command, at=AT)
    return model.SignAct(manifest_id=row.id, signing=BY_PASSWORD)


async def test_what_is_filed_is_taken_of_plan_and_contract_and_stands_in_the_event(
    town_session: WriteSession, world: World
) -> None:
    assert await used(town_session, world) == (0, 0)
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world, "180 kg")])
    assert await used(town_session, world) == (180_000, 180_000)
    (event,) = await events_about(town_session, manifest_id)
    (line,) = event["facts"]["plan_lines"]
    assert (line["waste_code"], line["g"]) == (OIL, 180_000)
    assert line["plan_item"]
    assert line["contract_item"]


async def test_a_cancelled_manifest_gives_back_all(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    act = SignAct(manifest_id=manifest_id, reason="改期")
    await filing.cancel_manifest(town_session, world.generator.owner, act, at=AT + timedelta(hours=1))
    assert await used(town_session, world) == (0, 0)


async def test_a_void_number_gives_back_all(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    act = SignAct(manifest_id=manifest_id, reason="填错")
    await filing.void_manifest(town_session, world.generator.owner, act, at=AT + timedelta(hours=1))
    assert await used(town_session, world) == (0, 0)


async def test_a_receipt_restates_what_was_taken_as_measured(town_session: WriteSession, world: World) -> None:
    await received(town_session, world, [await a_drum(town_session, world, "180 kg")], "195 kg")
    assert await used(town_session, world) == (175_000, 175_000)


async def test_what_is_rejected_is_given_back(town_session: WriteSession, world: World) -> None:
    drums = [await a_drum(town_session, world, "180 kg") for _ in range(2)]
    manifest_id = await at_the_gate(town_session, world, drums)
    await scanned(town_session, world, manifest_id, drums[0], "200 kg")
    await scanned(town_session, world, manifest_id, drums[1], reject_reason="破损")
    await receiving.receive(
        town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=AT + timedelta(hours=5)
    )
    assert await used(town_session, world) == (180_000, 180_000)


async def test_more_than_the_plan_is_refused_with_the_figures(town_session: WriteSession, world: World) -> None:
    await plan_only(town_session, world, 300_000)
    await filed(town_session, world, [await a_drum(town_session, world, "180 kg")])
    act = await to_file(town_session, world, await a_drum(town_session, world, "121 kg"))
    (broken,) = await rules_broken(filing.file_manifest(town_session, world.generator.owner, act, at=AT))
    assert broken.code == "plan_exceeded"
    assert (broken.facts["planned"], broken.facts["left"], broken.value) == ("0.3 t", "0.12 t", "0.121 t")
    assert await used(town_session, world) == (180_000, 180_000)


async def test_more_than_the_contract_is_refused(town_session: WriteSession, world: World) -> None:
    await town_session.execute(
        text("update contract_items set quantity_g = 100000 where contract_id in (select id from contracts)")
    )
    act = await to_file(town_session, world, await a_drum(town_session, world, "180 kg"))
    assert await codes_broken(filing.file_manifest(town_session, world.generator.owner, act, at=AT)) == [
        "contract_exceeded"
    ]


async def test_without_a_plan_or_a_contract_nothing_is_filed(town_session: WriteSession, world: World) -> None:
    await town_session.execute(text("update contracts set state = 'draft'"))
    await town_session.execute(text("update management_plans set year = 2024 where year = 2025"))
    await town_session.execute(text("update plan_items set year = 2023 where year = 2026"))
    await town_session.execute(
        text(
            "update management_plans set state = 'draft', version = 0, filed_at = null, filing_number = null "
            "where year = 2026"
        )
    )
    act = await to_file(town_session, world, await a_drum(town_session, world))
    assert await codes_broken(filing.file_manifest(town_session, world.generator.owner, act, at=AT)) == [
        "contract_unconfirmed",
        "plan_missing",
    ]


async def test_where_it_may_be_explained_a_reason_is_asked_for_and_told(
    town_session: WriteSession, world: World, tmp_path: Path
) -> None:
    await plan_only(town_session, world, 1_000)
    drum = await a_drum(town_session, world)
    with ruled(tmp_path, plan_rule="explain"):
        act = await to_file(town_session, world, drum)
        assert await codes_broken(filing.file_manifest(town_session, world.generator.owner, act, at=AT)) == [
            "plan_exceeded",
            "plan_reason_missing",
        ]
        act = await to_file(town_session, world, drum, plan_reason="检修期间产生量增加，已报变更")
        row, _ = await filing.file_manifest(town_session, world.generator.owner, act, at=AT)
    *_, event = await events_about(town_session, row.id)
    assert event["facts"]["beyond"] == ["plan_exceeded"]
    assert "检修" not in str(event), "people's own words stand outside the leaf, where they can be erased"
    assert await used(town_session, world) == (180_000, 180_000)


async def test_rules_that_are_off_look_at_nothing_and_take_nothing(
    town_session: WriteSession, world: World, tmp_path: Path
) -> None:
    await plan_only(town_session, world, 1_000)
    await town_session.execute(text("update contracts set state = 'draft'"))
    with ruled(tmp_path, plan_rule="off", contract_rule="off"):
        await filed(town_session, world, [await a_drum(town_session, world)])
    assert await used(town_session, world) == (0, 0)


@pytest.mark.parametrize(
    ("basis", "rules"),
    [
        (TransferBasis.PERMIT, {"plan_exceeded", "contract_unconfirmed"}),
        (TransferBasis.POINT_TO_POINT, {"plan_exceeded", "contract_unconfirmed"}),
        (TransferBasis.GROUP_INTERNAL, {"plan_exceeded", "contract_unconfirmed"}),
        (TransferBasis.EXEMPT, {"plan_exceeded"}),
        (TransferBasis.GENERAL, {"contract_unconfirmed"}),
    ],
)
async def test_each_ground_asks_for_what_its_law_asks(
    town_session: WriteSession, world: World, basis: TransferBasis, rules: set[str]
) -> None:
    await plan_only(town_session, world, 1_000)
    await town_session.execute(text("update contracts set state = 'draft'"))
    act = await to_file(town_session, world, await a_drum(town_session, world), basis=basis)
    found = set(await codes_broken(filing.file_manifest(town_session, world.generator.owner, act, at=AT)))
    assert found & {"plan_exceeded", "contract_unconfirmed"} == rules


@pytest.mark.commits
async def test_clerks_at_once_do_not_take_more_than_is_planned(fresh_town: AsyncEngine, world: World) -> None:
    """Room for five drums of 180 kg, twelve clerks."""
    ids: list[UUID] = []
    async with writing(fresh_town) as session:
        await plan_only(session, world, 5 * 180_000)
        for _ in range(12):
            act = await to_file(session, world, await a_drum(session, world))
            ids.append(act.manifest_id)

    async def file(manifest_id: UUID) -> None:
        async with writing(fresh_town) as session:
            await filing.file_manifest(session, world.generator.owner, SignAct(manifest_id=manifest_id), at=AT)

    done = await asyncio.gather(*(file(manifest_id) for manifest_id in ids), return_exceptions=True)
    refused = [one for one in done if isinstance(one, RuleBroken)]
    assert [one for one in done if one is not None and not isinstance(one, RuleBroken)] == []
    assert ([one.code for one in refused], len(done) - len(refused)) == (["plan_exceeded"] * 7, 5)
    async with reading(fresh_town) as afterwards:
        assert await used(afterwards, world) == (900_000, 900_000)
