"""What would be said if a manifest that is being planned were filed now: everything that the filing asks, told early.

The same rules as at the filing judge it, without locks and without writing: what is not said yet is not asked yet. The
filing asks it all again, locked; what is told here binds nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers import custody
from wastetrack.containers import queries as containers
from wastetrack.containers.queries import Container
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken, Forbidden
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import checking, filing, grounds
from wastetrack.manifests.model import LegPlan, ManifestKind, ManifestState, TransferBasis
from wastetrack.manifests.plan_checking import foresee_plan
from wastetrack.manifests.tables import LegRow, ManifestRow
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site
from wastetrack.plans.checking import Compared

_SOON = timedelta(days=30)
_NEARLY_PERCENT = 90
_NOBODY = UUID(int=0)
"""The name of a manifest that is not written yet."""


class Concern(StrEnum):
    """What a check is about, in the order of the form."""

    CONTAINERS = "containers"
    WASTE = "waste"
    PERMIT = "permit"
    PLAN = "plan"
    CONTRACT = "contract"
    APPROVAL = "approval"
    TRANSPORT = "transport"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """What is said so far of a manifest; None is not said yet."""

    shipper_site_id: UUID
    container_ids: tuple[UUID, ...] = ()
    receiver_site_id: UUID | None = None
    method: str = ""
    planned_on: date | None = None
    legs: tuple[LegPlan, ...] = ()
    basis: TransferBasis = TransferBasis.PERMIT
    exemptions: tuple[int, ...] = ()
    plan_reason: str = ""
    manifest_id: UUID | None = None
    """The draft that is being changed: its own containers are no others'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one check says: what would be refused, what only wants a look. Neither: it is in order."""

    concern: Concern
    refused: tuple[Broken, ...] = ()
    warned: tuple[Broken, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """The checks that could be made, in the order of Concern, and how much of plan and contract it would take."""

    found: tuple[Found, ...]
    compared: tuple[Compared, ...] = ()
    grams_by_code: Mapping[str, int]
    containers: int

    @property
    def refusals(self) -> int:
        """How many rules would refuse it."""
        return sum(len(one.refused) for one in self.found)

    @property
    def is_whole(self) -> bool:
        """Whether everything was said that a filing asks for."""
        return {one.concern for one in self.found} >= {Concern.CONTAINERS, Concern.PLAN, Concern.TRANSPORT, Concern.DAY}


async def foresee(session: ReadSession, actor: Actor, intended: Intended, *, at: datetime) -> Foreseen:
    """Judge what is said so far. Raises NotFound, Forbidden for the site of another firm."""
    shipper = await parties.site(session, intended.shipper_site_id)
    if shipper.organisation_id != actor.organisation_id:
        raise Forbidden("other_organisation", "Only the organisation whose site, vehicle or paper this is may do this.")
    today = legal_day(at)
    rows = await containers.several(session, actor, tuple(dict.fromkeys(intended.container_ids)))
    receiver = None if intended.receiver_site_id is None else await parties.site(session, intended.receiver_site_id)
    row = _row(intended, shipper, receiver or shipper, at, today)
    transport, legs = await _legs(session, intended)
    transfer = replace(filing.transfer_of(row, legs, [custody.declared(one) for one in rows]), legs=legs)
    found: list[Found] = []
    if rows:
        found.append(await _of_containers(session, row, rows))
    compared: tuple[Compared, ...] = ()
    if rows and receiver is not None and intended.method:
        ground = await grounds.foresee(session, row, transfer, intended.exemptions, at=at)
        compared, planned = await foresee_plan(session, row, transfer)
        transport += ground.transport
        found += _of_grounds(ground, compared, planned.broken)
    elif legs:
        transport += await checking.check_fleet(session, transfer)
    if intended.legs:
        transport += checking.check_handovers(legs, row.planned_on)
        found.append(Found(concern=Concern.TRANSPORT, refused=tuple(transport)))
    if intended.planned_on is not None:
        found.append(Found(concern=Concern.DAY, refused=tuple(filing.check_day(intended.planned_on, today))))
    return Foreseen(found=tuple(found), compared=compared, grams_by_code=transfer.grams_by_code, containers=len(rows))


def _row(intended: Intended, shipper: Site, receiver: Site, at: datetime, today: date) -> ManifestRow:
    """As the rules want to read it; it is never written."""
    return ManifestRow(
        id=intended.manifest_id or _NOBODY,
        kind=ManifestKind.ROAD.value,
        basis=intended.basis.value,
        state=ManifestState.DRAFT.value,
        shipper_id=shipper.organisation_id,
        shipper_site_id=shipper.id,
        receiver_id=receiver.organisation_id,
        receiver_site_id=receiver.id,
        origin_region=shipper.region_code,
        destination_region=receiver.region_code,
        method=intended.method,
        planned_on=intended.planned_on or today,
        remarks="",
        plan_reason=intended.plan_reason,
        created_at=at,
        last_act_at=at,
    )


async def _legs(session: ReadSession, intended: Intended) -> tuple[list[Broken], list[LegRow]]:
    """The legs whose vehicle is known, and what is wrong with the others."""
    broken, vehicle_ids = await filing.find_vehicles(session, intended.legs)
    if broken:
        return broken, []
    return [], [
        LegRow(
            manifest_id=intended.manifest_id or _NOBODY,
            position=position,
            carrier_id=leg.carrier_id,
            vehicle_id=vehicle_id,
            start=leg.start,
            end=leg.end,
            handover_place=leg.handover_place,
            handover_at=leg.handover_at,
        )
        for position, (leg, vehicle_id) in enumerate(zip(intended.legs, vehicle_ids, strict=True), 1)
    ]


async def _of_containers(session: ReadSession, row: ManifestRow, rows: list[Container]) -> Found:
    refused = await filing.check_loads(session, row, [custody.declared(one) for one in rows])
    guessed = sum(one.method == WeighingMethod.ESTIMATE.value for one in rows)
    warned: list[Broken] = []
    if guessed:
        message = "The mass of {value} containers is an estimate."
        step = "Weigh them before they leave: the receiver's scale decides, and a difference is a discrepancy."
        warned.append(Broken("container_ids", "masses_estimated", message, guessed, next_step=step))
    return Found(concern=Concern.CONTAINERS, refused=tuple(refused), warned=tuple(warned))


def _of_grounds(ground: grounds.Foreseen, compared: tuple[Compared, ...], broken: tuple[Broken, ...]) -> list[Found]:
    of_contract = [one.against_contract for one in compared]
    by_contract = tuple(one for one in broken if any(one is wrong for wrong in of_contract))
    by_plan = tuple(one for one in broken if not any(one is wrong for wrong in of_contract))
    found = [
        Found(concern=Concern.WASTE, refused=tuple(ground.waste)),
        Found(concern=Concern.PERMIT, refused=tuple(ground.permit)),
        Found(concern=Concern.PLAN, refused=by_plan, warned=tuple(_nearly_used(compared))),
        Found(concern=Concern.CONTRACT, refused=by_contract, warned=tuple(_ends_soon(compared))),
    ]
    if ground.approval:
        found.append(Found(concern=Concern.APPROVAL, refused=tuple(ground.approval)))
    return found


def _nearly_used(compared: tuple[Compared, ...]) -> list[Broken]:
    warned = []
    for one in compared:
        if one.plan is None or one.against_plan is not None:
            continue
        left = one.plan.left - one.asked.mass
        if left.grams * 100 <= one.plan.planned.grams * (100 - _NEARLY_PERCENT):
            message = "After this, {left} of {planned} of {value} are left in the plan of the year."
            facts: dict[str, object] = {"left": left.tonne_text(), "planned": one.plan.planned.tonne_text()}
            step = "Change the plan before more is to leave."
            code = one.asked.waste_code
            warned.append(Broken("container_ids", "plan_nearly_used", message, code, next_step=step, facts=facts))
    return warned


def _ends_soon(compared: tuple[Compared, ...]) -> list[Broken]:
    warned: dict[str, Broken] = {}
    for one in compared:
        line = one.contract
        if line is None or one.against_contract is not None or line.valid_to - one.asked.on > _SOON:
            continue
        message = "Contract {number} ends on {value}."
        facts: dict[str, object] = {"number": line.number}
        step = "Agree on the next one in time."
        day = line.valid_to.isoformat()
        warned[line.number] = Broken(
            "receiver_site_id", "contract_ends_soon", message, day, next_step=step, facts=facts
        )
    return list(warned.values())
