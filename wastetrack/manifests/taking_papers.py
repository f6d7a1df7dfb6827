"""The receiver signs a transfer that went on paper: what the paper says of its scales stands, unless its gate has said
otherwise since."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import show_many, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.containers import custody
from wastetrack.containers import queries as containers
from wastetrack.containers.model import Weighing
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import grounds
from wastetrack.manifests.model import Outcome, Receive, TransferBasis
from wastetrack.manifests.paper_tables import PaperLineRow, PaperRow
from wastetrack.manifests.tables import LineRow, ManifestRow
from wastetrack.manifests.tolerance import agrees, tolerance
from wastetrack.mass import Mass


async def take_in(
    session: WriteSession, actor: Actor, row: ManifestRow, lines: Iterable[LineRow], command: Receive, *, at: datetime
) -> tuple[datetime, tuple[UUID, ...]]:
    """Decide each container that no gate has decided, as the paper says; those that it says did not arrive are
    missing. Gives the moment of the receipt and the missing ones."""
    paper = await session.get_one(PaperRow, row.id, populate_existing=True)
    said = {
        one.container_id: one
        for one in (await session.scalars(select(PaperLineRow).where(col(PaperLineRow.manifest_id) == row.id))).all()
    }
    left = [line for line in lines if line.outcome is None and line.container_id not in command.missing_ids]
    arrived = [line for line in left if said[line.container_id].received_g is not None]
    missing = [line.container_id for line in left if said[line.container_id].received_g is None]
    ids = [line.container_id for line in arrived]
    known = {one.id: one for one in await containers.locked_on_paper(session, ids)}
    eyes = (viewer_of_organisation(row.receiver_id), *viewers_of_region(row.destination_region))
    await show_many(session, containers.KIND, ids, eyes)
    moment = Moment(happened_at=paper.received_at, recorded_at=at)
    for line in arrived:  # each container is an event of its own, as at every gate
        await _take(session, actor, row, line, known[line.container_id], said[line.container_id], moment)
    await session.flush()
    return command.dated or paper.received_at, (*command.missing_ids, *missing)


def _tolerance(line: LineRow, declared: Mass) -> Mass:
    figures = jurisdiction()
    return tolerance(
        declared,
        per_mille=figures.weight_tolerance.value,
        floor_g=figures.weight_tolerance_floor.value,
        declared_u=None if line.declared_uncertainty_g is None else Mass(line.declared_uncertainty_g),
        measured_u=None,
    )


async def _take(  # noqa: PLR0917  one container, and all that is known of it
    session: WriteSession,
    actor: Actor,
    row: ManifestRow,
    line: LineRow,
    container: Container,
    said: PaperLineRow,
    moment: Moment,
) -> None:
    declared, measured = Mass(line.declared_g), Mass(said.received_g or 0)
    tare = Mass(container.tare_g)
    weighing = Weighing(gross=measured + tare, tare=tare, method=WeighingMethod(said.method))
    within = _tolerance(line, declared)
    outcome = Outcome.ACCEPTED if agrees(declared, measured, within) else Outcome.ACCEPTED_WITH_DIFFERENCE
    line.outcome, line.open, line.scanned_at = outcome.value, False, moment.happened_at
    line.measured_g, line.measured_method, line.entry_id = measured.grams, said.method, new_id()
    await session.flush()
    place = custody.Standpoint(row.receiver_site_id, None, moment.happened_at)
    basis = TransferBasis(row.basis)
    place = await grounds.place_of(session, row.id, basis, line.waste_code, method=row.method, place=place)
    await custody.take_in(session, container.id, place, weighing)
    await record(
        session,
        actor,
        "container_scanned",
        subjects=(row.id, container.id),
        moment=moment,
        facts={
            "manifest": str(row.id),
            "number": row.number,
            "site": str(row.receiver_site_id),
            "digital_code": container.digital_code,
            "typed": True,
            "waste_code": line.waste_code,
            "outcome": outcome.value,
            "rules": [],
            "back_entered": True,
            "declared_g": declared.grams,
            "measured_g": measured.grams,
            "gross_g": weighing.gross.grams,
            "tare_g": tare.grams,
            "tolerance_g": within.grams,
            "method": said.method,
            "scale": None,
            "uncertainty_g": None,
            "store": None,
        },
        entry=rules.received(
            row.id,
            row.receiver_site_id,
            line.waste_code,
            declared=declared,
            measured=measured,
            measurement=weighing.measurement(),
        ),
        event_id=line.entry_id,
    )
