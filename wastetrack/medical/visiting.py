"""A small institution hands over: its waste is made at its own account and goes on to the collection point's."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.labelling import coming_of, label_container
from wastetrack.containers.model import Description, Form, LabelContainer, Packed
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Moment, Recorded, record
from wastetrack.containers.stores import check_store
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.mass import Mass
from wastetrack.medical import emergencies
from wastetrack.medical.covering import institution_locked, point
from wastetrack.medical.model import CODE_OF, HAZARDS_OF, NAME_OF, SmallBag, TakeFromInstitution, WeighedBy
from wastetrack.medical.packing import keep_bag
from wastetrack.medical.region_tables import InstitutionRow, PointRow, VisitRow
from wastetrack.medical.tables import BagRow

_MOST_BAGS = 50


async def take_from_institution(
    session: WriteSession, actor: Actor, command: TakeFromInstitution, *, at: datetime
) -> tuple[VisitRow, list[Container], Recorded]:
    """Bring bags of a small institution to its collection point, or note that there were none.

    Raises NotFound, Forbidden, RuleBroken with every rule that one of the bags breaks.
    """
    institution = await institution_locked(session, command.institution_id)
    demand_own(actor, Verb.LABEL, institution.organisation_id)
    gathering = await point(session, institution.point_id)
    moment = moment_of(command.happened_at, at)
    mass = Mass(sum(bag.weighing.net.grams for bag in command.bags))
    broken = _check(command)
    if command.store_id is not None and command.bags:
        coming = [coming_of(_label(institution, bag, moment)) for bag in command.bags]
        broken += await check_store(session, command.store_id, gathering.site_id, coming)
    refuse(broken)
    emergency_id = await emergencies.in_force(session, institution.region_code, at=moment.happened_at)
    rows = []
    for bag in command.bags:  # each is labelled, and so an event of its own
        row, _ = await label_container(session, actor, _label(institution, bag, moment), at=at)
        kept = _bag(institution, row, bag, actor, moment)
        kept.emergency_id = emergency_id
        await keep_bag(session, actor, kept, facts={"institution": str(institution.id)}, at=at)
        rows.append(row)
    for row in rows:
        row.site_id, row.store_id = gathering.site_id, command.store_id
    visit = _visit(institution, command, actor, moment, mass)
    session.add(visit)
    institution.last_visit_at = max(filter(None, (institution.last_visit_at, moment.happened_at)))
    if rows:
        institution.last_waste_at = max(filter(None, (institution.last_waste_at, moment.happened_at)))
    await session.flush()
    leaf = await _record(
        session, actor, visit, institution, gathering, rows=rows, store_id=command.store_id, moment=moment
    )
    return visit, rows, leaf


def _check(command: TakeFromInstitution) -> list[Broken]:
    broken: list[Broken] = []
    for field, name in (("given_by", command.given_by), ("taken_by", command.taken_by)):
        if not name.strip():
            message = "Write down who handed over and who took over."
            broken.append(Broken(field, "handler_missing", message, article="医疗废物管理条例 art. 12"))
    if len(command.bags) > _MOST_BAGS:
        message = "{value} bags are more than a small institution hands over at once ({limit})."
        facts: dict[str, object] = {"limit": _MOST_BAGS}
        broken.append(Broken("bags", "bags_too_many", message, len(command.bags), facts=facts))
    return broken


def _label(institution: InstitutionRow, bag: SmallBag, moment: Moment) -> LabelContainer:
    return LabelContainer(
        site_id=institution.site_id,
        description=Description(
            waste_code=CODE_OF[bag.kind],
            waste_name=NAME_OF[bag.kind],
            form=Form.SOLID,
            hazards=HAZARDS_OF.get(bag.kind, ("In",)),
        ),
        packaging=bag.packaging,
        volume_l=bag.volume_l,
        weighing=bag.weighing,
        generated_on=legal_day(moment.happened_at),
        packed=Packed(
            department=institution.name,
            layers=bag.layers,
            filled_percent=bag.filled_percent,
            highly_infectious=bag.highly_infectious,
        ),
    )


def _bag(institution: InstitutionRow, row: Container, bag: SmallBag, actor: Actor, moment: Moment) -> BagRow:
    return BagRow(
        container_id=row.id,
        organisation_id=institution.organisation_id,
        site_id=institution.site_id,
        institution_id=institution.id,
        kind=bag.kind.value,
        highly_infectious=bag.highly_infectious,
        weighed_by=WeighedBy.TYPED.value,
        handler_id=actor.person_id,
        packed_at=moment.happened_at,
        collected_at=moment.happened_at,
        stored_at=moment.happened_at,
    )


def _visit(
    institution: InstitutionRow, command: TakeFromInstitution, actor: Actor, moment: Moment, mass: Mass
) -> VisitRow:
    return VisitRow(
        id=new_id(),
        institution_id=institution.id,
        organisation_id=institution.organisation_id,
        way=command.way.value,
        given_by=command.given_by.strip(),
        taken_by=command.taken_by.strip(),
        person_id=actor.person_id,
        bags=len(command.bags),
        mass_g=mass.grams,
        happened_at=moment.happened_at,
        recorded_at=moment.recorded_at,
    )


async def _record(
    session: WriteSession,
    actor: Actor,
    visit: VisitRow,
    institution: InstitutionRow,
    gathering: PointRow,
    *,
    rows: list[Container],
    store_id: UUID | None,
    moment: Moment,
) -> Recorded:
    by_code: dict[str, int] = defaultdict(int)
    for row in rows:
        by_code[row.waste_code] += row.net_g
    loads = tuple((code, Mass(grams)) for code, grams in sorted(by_code.items()))
    return await record(
        session,
        actor,
        "institution_visited",
        subjects=(*(row.id for row in rows), institution.site_id, gathering.site_id),
        moment=moment,
        facts={
            "institution": str(institution.id),
            "from_site": str(institution.site_id),
            "site": str(gathering.site_id),
            "way": visit.way,
            "store": None if store_id is None else str(store_id),
            "containers": [
                {"digital_code": row.digital_code, "waste_code": row.waste_code, "net_g": row.net_g} for row in rows
            ],
            "mass_g": visit.mass_g,
        },
        entry=rules.gathered(institution.site_id, gathering.site_id, loads) if loads else None,
        event_id=visit.id,
    )
