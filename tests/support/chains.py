"""A chain to look at: a drum is split, its halves travel, one is corrected, both are burnt, and slag is left over."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.support.trade import Trade, asked, sent, today
from wastetrack.auth.model import Actor
from wastetrack.db.session import Sight, reading
from wastetrack.jobs.handlers import HANDLERS
from wastetrack.jobs.long_work import perform
from wastetrack.tasks import queries as tasks


@dataclass(frozen=True, slots=True)
class Split:
    """What has happened so far."""

    drum: dict[str, Any]
    halves: tuple[dict[str, Any], ...]
    manifest_id: str


def filling(gross_g: int) -> dict[str, Any]:
    return {
        "packaging": "drum",
        "volume_l": 200,
        "gross_g": gross_g,
        "tare_g": 20_000,
        "method": "platform_scale",
        "scale_id": "PS-1",
    }


async def split_and_received(trade: Trade) -> Split:
    """A drum of 180 kg in two of 100 and 79.5 kg, received with 500 g less in the first."""
    drum = await trade.labelled()
    body = {
        "from_ids": [drum["id"]],
        "into": [filling(120_000), filling(99_500)],
        "repacked_on": today().isoformat(),
        "loss_reason": "桶壁残留",
    }
    made = await sent(await trade.shipper(), "/containers/repacking", body, expect=201)
    halves = tuple(made["containers"])
    manifest_id = await trade.arrived(*halves)
    await trade.scanned(manifest_id, halves[0], gross_g=119_500)
    await trade.scanned(manifest_id, halves[1])
    await sent(await trade.receiver(), f"/manifests/{manifest_id}/receipt", {})
    return Split(drum, halves, manifest_id)


async def corrected(trade: Trade, split: Split, measured_g: int) -> None:
    """The first half weighed something else, both sides say."""
    asking = {"container_id": split.halves[0]["id"], "measured_g": measured_g, "reason": "地磅未归零"}
    path = f"/manifests/{split.manifest_id}/corrections"
    asked_for = await sent(await trade.receiver(), path, asking, expect=201)
    answer = {"consent": True, "reason": ""}
    await sent(await trade.shipper(), f"/corrections/{asked_for['correction']['id']}/answer", answer)


async def treated(trade: Trade, *containers: dict[str, Any]) -> dict[str, Any]:
    """Burnt together, with 20 kg of slag left over."""
    residue = {
        "waste_code": "772-003-18",
        "waste_name": "焚烧残渣",
        "form": "solid",
        "hazards": ["T"],
        **filling(40_000),
    }
    body = {
        "site_id": str(trade.world.receiver.site.id),
        "container_ids": [one["id"] for one in containers],
        "method": "D10",
        "treated_on": today().isoformat(),
        "residues": [residue],
    }
    return await sent(await trade.receiver(), "/treatments", body, expect=201)


async def shown(trade: Trade, login: str, of: str, subject_id: str, query: str = "", *, expect: int = 200) -> Any:  # noqa: ANN401
    """The chain as the API tells it."""
    return await asked(await trade.served.api_visitor(login), f"/chains/{of}/{subject_id}{query}", expect=expect)


async def done(trade: Trade, actor: Actor, task_id: UUID) -> tuple[str, bytes]:
    """Do a waiting task as a worker does; the file that it leaves."""
    engine, settings = trade.app.state.engine, trade.app.state.settings
    sight = Sight(actor.viewer, actor.organisation_id, actor.person_id)
    assert await perform(engine, settings, HANDLERS, sight, task_id)
    async with reading(engine) as session:
        await session.look_as(actor.viewer, actor.organisation_id, actor.person_id)
        task = await tasks.task(session, actor, task_id)
        assert task.state.value == "done", (task.message, task.message_facts)
        file = await tasks.result_file(session, actor, task_id)
    return file.name, file.content
