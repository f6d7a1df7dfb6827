"""What stands ready for an epidemic: facilities with agreements, a drill that called one, and a reserve."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from wastetrack.auth.model import Actor, Role
from wastetrack.cli.demonstration import places
from wastetrack.cli.demonstration.members import Firm
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.telling import Teller
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.mass import Mass
from wastetrack.medical.designating import call_helper, designate, let_go
from wastetrack.medical.emergencies import declare_emergency, end_emergency
from wastetrack.medical.model import DeclareEmergency
from wastetrack.medical.reserve_model import (
    AddSupply,
    CallHelper,
    Designate,
    HelperKind,
    MoveSupply,
    StockMove,
    SupplyKind,
)
from wastetrack.medical.stocking import add_supply, move_supply

_YANTAI, _WEIFANG = places.ZHIFU.region_code[:4], places.WEICHENG.region_code[:4]
_RULES = "疫情医疗废物专区卸料、优先进炉；由市指挥部统一调度"


@dataclass(frozen=True, slots=True)
class _Stock:
    """A supply with its minimum, what came of it, and in how many days that expires."""

    kind: SupplyKind
    name: str
    unit: str
    minimum: int
    came: int
    days: int | None = None


_OF_THE_AUTHORITY = (
    _Stock(SupplyKind.PROTECTION, "一次性防护服", "套", 500, 320, 700),
    _Stock(SupplyKind.DISINFECTANT, "含氯消毒片", "箱", 40, 60, 35),
    _Stock(SupplyKind.PACKAGING, "医疗废物专用包装袋", "个", 20_000, 26_000),
)
_OF_THE_PLANT = (
    _Stock(SupplyKind.FUEL, "0号柴油", "升", 2_000, 3_500),
    _Stock(SupplyKind.SPARE_PART, "周转箱", "个", 300, 450),
)


async def facilities(teller: Teller) -> None:
    """The province lists three for two prefectures; one agreement runs out soon. A drill has called the kiln."""
    step, plants, guests = await teller.at(140, 10.4), teller.year.cast.plants, teller.guests
    today = local_day(step.at)
    listed = [
        await _list(
            step, guests.approver, plants["incinerator"], _WEIFANG, HelperKind.HAZARDOUS_INCINERATOR, until=900
        ),
        await _list(step, guests.approver, guests.burners[0], _YANTAI, HelperKind.MUNICIPAL_INCINERATOR, until=180),
        await _list(step, guests.approver, plants["kiln"], _YANTAI, HelperKind.CEMENT_KILN, until=700),
    ]
    step = await teller.at(75, 9.0)
    drill = DeclareEmergency(
        region_code=_YANTAI,
        order_number=f"鲁疫指演〔{today.year}〕2号",
        reason="医疗废物协同应急处置演练",
        from_at=step.at,
        until_at=step.at + timedelta(days=3),
        is_drill=True,
        rules=_RULES,
    )
    emergency, _ = await declare_emergency(step.session, guests.approver, drill, at=step.at)
    called = CallHelper(emergency_id=emergency.id, helper_id=listed[2], daily=Mass.parse("12 t"), from_at=step.at)
    call, _ = await call_helper(step.session, guests.approver, called, at=step.at)
    step = await teller.later(step, 30)
    await let_go(step.session, guests.approver, call.id, at=step.at)
    await end_emergency(step.session, guests.approver, emergency.id, at=step.at)


async def _list(step: Step, authority: Actor, firm: Firm, region: str, kind: HelperKind, *, until: int) -> UUID:
    today = local_day(step.at)
    command = Designate(
        region_code=region,
        kind=kind,
        daily=Mass.parse("20 t"),
        lead_hours=24,
        agreement_number=f"鲁环应急协〔{today.year}〕{firm.organisation.credit_code[-4:]}号",
        agreement_from=today,
        agreement_to=today + timedelta(days=until),
        contact_name="值班室",
        contact_phone="0535-12369",
        site_id=firm.site.id,
        rules=_RULES,
    )
    row, _ = await designate(step.session, authority, command, at=step.at)
    return row.id


async def reserve(teller: Teller) -> None:
    """The authority's reserve is short of one thing, and another expires soon; the medical plant's is full."""
    step, plant = await teller.at(90, 11.0), teller.year.cast.plants["medical"]
    for one in _OF_THE_AUTHORITY:
        await _stock(teller, step, teller.guests.approver, one, "省级应急物资库（济南）")
    for one in _OF_THE_PLANT:
        await _stock(teller, step, plant.by(Role.OWNER), one, "厂区应急库", site_id=plant.site.id)


async def _stock(
    teller: Teller, step: Step, actor: Actor, one: _Stock, place: str, *, site_id: UUID | None = None
) -> None:
    told = AddSupply(kind=one.kind, name=one.name, unit=one.unit, place=place, minimum=one.minimum, site_id=site_id)
    held, _ = await add_supply(step.session, actor, told, at=step.at)
    expires: date | None = None if one.days is None else teller.day(0) + timedelta(days=one.days)
    came = MoveSupply(
        supply_id=held.id,
        kind=StockMove.IN,
        quantity=one.came,
        happened_on=local_day(step.at),
        expires_on=expires,
        note="首批入库",
    )
    await move_supply(step.session, actor, came, at=step.at)
