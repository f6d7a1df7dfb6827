"""Every maker of waste has filed plans and contracts before its first manifest, as the law asks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from wastetrack.auth.model import Role
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.waste_codes import parse
from wastetrack.cli.demonstration import firms
from wastetrack.cli.demonstration.firms import Trade
from wastetrack.cli.demonstration.members import Cast, Firm, Plant, Shipper
from wastetrack.cli.demonstration.wastes import WASTES
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.db.session import WriteSession
from wastetrack.mass import Mass
from wastetrack.parties.equipping import register_facility
from wastetrack.parties.facilities import Described, FacilityKind, RegisterFacility
from wastetrack.parties.model import SiteKind
from wastetrack.plans import planning
from wastetrack.plans.content import (
    FacilityLine,
    GenerationLine,
    Quantity,
    Reduction,
    StorageLine,
    TransferLine,
    Unit,
)
from wastetrack.plans.contracting import confirm_contract, draft_contract
from wastetrack.plans.model import ConfirmContract, DraftContract, ItemOfContract, PlanTable, ReceiverKind, TransferKind

_MAKER, _STORE = "MF0001", "TS001"
_INDUSTRIES = {
    Trade.HOSPITAL: ("综合医院", "Q8411", 30),
    Trade.CLINIC: ("门诊部（所）", "Q8425", 1),
    Trade.GARAGE: ("汽车修理与维护", "O8111", 8),
    Trade.ELECTROPLATER: ("金属表面处理及热处理加工", "C3360", 60),
    Trade.CHEMICAL: ("有机化学原料制造", "C2614", 400),
    Trade.PHARMA: ("化学药品原料药制造", "C2710", 260),
    Trade.PAINTER: ("金属表面处理及热处理加工", "C3360", 25),
    Trade.MACHINERY: ("机械零部件加工", "C3484", 18),
    Trade.LABORATORY: ("检测服务", "M7452", 2),
}
"""Industry, its code (GB/T 4754), and the tonnes of the largest year before these records."""
_PLANT = ("危险废物治理", "N7724", 900)
_CENTRE = ("乡镇卫生院", "Q8423", 3)
_REFUSE = ("生物质能发电", "D4417", 6_000)
_PLANNED = {
    Trade.HOSPITAL: 2,
    Trade.CLINIC: 1,
    Trade.GARAGE: 20,
    Trade.ELECTROPLATER: 40,
    Trade.CHEMICAL: 20,
    Trade.PHARMA: 40,
    Trade.PAINTER: 12,
    Trade.MACHINERY: 50,
    Trade.LABORATORY: 2,
}
"""Tonnes of each waste that a firm of a trade plans in a year of up to five hundred manifests; others plan `_TONNES`.
Each is about twice what the busiest firm of the trade then sends, and all together are far less than the plants of the
region may take, as is usual."""
_TONNES = 50


@dataclass(frozen=True, slots=True)
class Way:
    """A waste of a firm, and to whom it may go."""

    code: str
    receiver: Firm
    method: str
    kind: TransferKind = TransferKind.WITHIN
    receiver_kind: ReceiverKind = ReceiverKind.PERMIT_HOLDER
    tonnes: int | None = None
    """What is planned in a year, where that is not the firm's usual."""

    @property
    def hazardous(self) -> bool:
        """General industrial waste stands in no plan; it has its contract alone."""
        return not is_general(self.code)


def ways_of(firm: Firm, cast: Cast) -> Iterator[Way]:
    """All that the year may bring, by the same routes by which it chooses."""
    if isinstance(firm, Shipper):
        codes = firm.facts.codes
    elif isinstance(firm, Plant):
        onward = [code for key, code in firms.ONWARD if key == firm.facts.key]
        gathered = [] if firm.treats else [code for code in WASTES if firm.method_for(code)]
        codes = tuple(dict.fromkeys([*(code for code, _ in firm.facts.residues), *onward, *gathered]))
    else:
        return
    for code in codes:
        onward_key = firms.ONWARD.get((firm.facts.key, code)) if isinstance(firm, Plant) else None
        keys = [onward_key] if onward_key else [key for key, _ in firms.ROUTES[parse(code).category]]
        for key in keys:
            receiver = cast.plants[key]
            method = receiver.method_for(code)
            if receiver is not firm and method is not None:
                yield Way(code, receiver, method)


async def plan_everything(
    session: WriteSession,
    cast: Cast,
    lists: Catalogue,
    *,
    scale: int,
    at: datetime,
    besides: Mapping[Firm, list[Way]] | None = None,
) -> None:
    """Plans for the year of the founding and the next, and one contract for each two that trade. `besides`: what is
    sent beyond the usual routes, also by firms that have none."""
    besides = besides or {}
    for firm in dict.fromkeys((*cast.shippers, *cast.plants.values(), *besides)):
        # What is told besides takes the place of the usual way to the same receiver.
        told = {(way.code, way.receiver, way.method): way for way in (*ways_of(firm, cast), *besides.get(firm, ()))}
        ways = [*told.values()]
        if not ways:
            continue
        await _equip(session, firm, at)
        planned = [way for way in ways if way.hazardous]
        for year in (local_day(at).year, local_day(at).year + 1):
            await _plan(session, firm, year, planned, lists=lists, scale=scale, at=at)
        for receiver in dict.fromkeys(way.receiver for way in ways):
            await _contract(session, firm, receiver, ways, scale=scale, at=at)


async def _equip(session: WriteSession, firm: Firm, at: datetime) -> None:
    since = date(local_day(at).year - 6, 4, 1)
    for kind, code, name in (
        (FacilityKind.PRODUCTION, _MAKER, "主体生产设施"),
        (FacilityKind.STORAGE, _STORE, "危险废物贮存库"),
    ):
        command = RegisterFacility(
            site_id=firm.site.id,
            kind=kind,
            code=code,
            described=Described(name=name, capacity=Decimal(500), capacity_unit="t/a"),
            since=since,
        )
        await register_facility(session, firm.by(Role.OWNER), command, at=at)


async def _plan(
    session: WriteSession, firm: Firm, year: int, ways: list[Way], *, lists: Catalogue, scale: int, at: datetime
) -> None:
    owner = firm.by(Role.OWNER)
    row = await planning.start_plan(session, owner, firm.site.id, year, at=at)
    codes = list(dict.fromkeys(way.code for way in ways))
    told = {
        PlanTable.UNIT: _unit(firm, ways, at),
        PlanTable.FACILITIES: (
            FacilityLine(facility_code=_MAKER, final_product="主营产品"),
            FacilityLine(facility_code=_STORE),
        ),
        PlanTable.GENERATION: tuple(
            GenerationLine(
                waste_code=code,
                name=WASTES[code].name,
                components=WASTES[code].harmful,
                form=WASTES[code].form,
                hazards=lists.waste(code, local_day(at)).hazards.listed,
                facility_code=_MAKER,
                planned=_planned(firm, next(way for way in ways if way.code == code), scale),
                store_facility_code=_STORE,
            )
            for code in codes
        ),
        PlanTable.STORAGE: tuple(
            StorageLine(facility_code=_STORE, waste_code=code, packaging="钢桶、吨袋", remaining=Quantity(value=2))
            for code in codes
        ),
        PlanTable.REDUCTION: Reduction(
            less_waste="改进工艺，提高原料利用率",
            less_harm="替代有毒有害原辅料",
            measures="清洁生产审核，分类收集，按月核对台账",
        ),
        PlanTable.TRANSFER: tuple(
            TransferLine(
                kind=way.kind,
                waste_code=way.code,
                planned=_planned(firm, way, scale),
                method=way.method,
                receiver_kind=way.receiver_kind,
                receiver_id=way.receiver.organisation.id,
            )
            for way in ways
        ),
    }
    await planning.save_tables(session, owner, row.id, told, at=at)
    await planning.file_plan(session, owner, row.id, at=at)


def _unit(firm: Firm, ways: list[Way], at: datetime) -> Unit:
    industry, code, tonnes = _INDUSTRIES[firm.trade] if isinstance(firm, Shipper) else _PLANT
    if not isinstance(firm, Shipper | Plant) and any(way.tonnes for way in ways):
        industry, code, tonnes = _REFUSE
    if firm.site.kind is SiteKind.MEDICAL and not isinstance(firm, Shipper):
        industry, code, tonnes = _CENTRE
    return Unit(
        registered_address=firm.organisation.address,
        industry=industry,
        industry_code=code,
        legal_person=firm.organisation.contact_name,
        legal_phone=firm.organisation.contact_phone,
        technical_lead=firm.organisation.contact_name,
        technical_phone=firm.organisation.contact_phone,
        discharge_permit_number=f"{firm.organisation.credit_code}001P",
        operating_since=date(local_day(at).year - 6, 4, 1),
        before_records=Quantity(value=tonnes),
    )


async def _contract(
    session: WriteSession, firm: Firm, receiver: Firm, ways: list[Way], *, scale: int, at: datetime
) -> None:
    own = [way for way in ways if way.receiver is receiver]
    today = local_day(at)
    command = DraftContract(
        shipper_id=firm.organisation.id,
        receiver_id=receiver.organisation.id,
        number=f"{today.year}-{firm.organisation.credit_code[-5:]}-{receiver.organisation.credit_code[-5:]}",
        signed_on=today,
        valid_from=today,
        valid_to=date(today.year + 2, 12, 31),
        items=tuple(
            ItemOfContract(
                waste_code=way.code, method=way.method, quantity=Mass(2 * _planned(firm, way, scale).mass().grams)
            )
            for way in own
        ),
        clauses_acknowledged=True,
        price="按种类计价，见合同附件",
    )
    made = await draft_contract(session, firm.by(Role.OWNER), command, at=at)
    agreed = ConfirmContract(contract_id=made.row.id)
    await confirm_contract(session, receiver.by(Role.OWNER), agreed, at=at)


def _planned(firm: Firm, way: Way, scale: int) -> Quantity:
    if way.tonnes is not None:
        return Quantity(value=way.tonnes)
    return Quantity(value=scale * (_PLANNED[firm.trade] if isinstance(firm, Shipper) else _TONNES))
