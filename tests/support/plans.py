"""Plans and contracts for tests: a filed plan for a site, a confirmed contract, in one call each.

await plan_for(session, site, receiver_id, codes, Mass.parse("100 t"))      # adds to what is filed already
await contract_for(session, shipper_id, receiver_id, codes, Mass.parse("100 t"))
"""

import itertools
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tests.support.parties import AT, member
from wastetrack.auth.model import Actor
from wastetrack.auth.sight import eyes_of
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import WriteSession
from wastetrack.mass import Mass
from wastetrack.parties.equipping import register_facility
from wastetrack.parties.facilities import Described, FacilityKind, RegisterFacility
from wastetrack.parties.facility_queries import facilities_of
from wastetrack.parties.model import Site
from wastetrack.plans import planning, queries
from wastetrack.plans.content import (
    Content,
    FacilityLine,
    GenerationLine,
    Quantity,
    Reduction,
    StorageLine,
    TransferLine,
    TreatmentLine,
    Unit,
)
from wastetrack.plans.contract_queries import Contract
from wastetrack.plans.contracting import confirm_contract, draft_contract
from wastetrack.plans.model import (
    ConfirmContract,
    DraftContract,
    ItemOfContract,
    PlanState,
    PlanTable,
    ReceiverKind,
    TransferKind,
)
from wastetrack.plans.tables import PlanRow

_numbers = itertools.count(1)
PLENTY = Mass.parse("1000 t")
LISTED_ON = date(2026, 3, 2)
UNIT = Unit(
    registered_address="山东省烟台市芝罘区北马路1号",
    industry="金属表面处理及热处理加工",
    industry_code="C3360",
    legal_person="赵敏",
    legal_phone="0535-6123456",
    technical_lead="钱进",
    technical_phone="0535-6123457",
    eia_number="烟环审〔2015〕12号",
    discharge_permit_number="91370602MA3ABCDE0H001P",
    operating_since=date(2016, 5, 1),
)
REDUCTION = Reduction(less_waste="延长槽液寿命", less_harm="以三价铬代替六价铬", measures="逆流漂洗，槽边回收")


def transfer_line(code: str, receiver_id: UUID, planned: Mass = PLENTY, **changes: Any) -> TransferLine:  # noqa: ANN401
    """A line of A.7 to a permit holder in the province, by D10."""
    values: dict[str, Any] = {
        "waste_code": code,
        "planned": Quantity.of(planned),
        "method": "D10",
        "receiver_id": receiver_id,
    }
    return TransferLine(**values | changes)


async def plan_for(
    session: WriteSession,
    site: Site,
    receiver_id: UUID,
    codes: Iterable[str],
    planned: Mass = PLENTY,
    *,
    method: str = "D10",
    methods: Iterable[str] = (),
    years: Iterable[int] = (),
    kind: TransferKind = TransferKind.WITHIN,
    receiver_kind: ReceiverKind = ReceiverKind.PERMIT_HOLDER,
    actor: Actor | None = None,
    at: datetime = AT,
) -> list[PlanRow]:
    """Filed plans (of the year of `at` unless others are named) in which the site sends these codes to this receiver;
    what the site has filed before stays."""
    owner = actor or member(site.organisation_id)
    lines = [
        transfer_line(code, receiver_id, planned, method=each, kind=kind, receiver_kind=receiver_kind)
        for code in codes
        for each in (tuple(methods) or (method,))
    ]
    plans = []
    for year in tuple(years) or (legal_day(at).year,):
        async with eyes_of(session, owner):
            plans.append(await filed_with(session, owner, site, year, lines, at=at))
    return plans


async def filed_with(
    session: WriteSession, owner: Actor, site: Site, year: int, lines: list[TransferLine], *, at: datetime = AT
) -> PlanRow:
    """The plan of a site and year with these lines of A.7 besides those that it has; filed."""
    row = await queries.plan_of(session, owner, site.id, year)
    if row is None:
        row = await planning.start_plan(session, owner, site.id, year, at=at)
        content = await _whole(session, owner, site)
    else:
        (newest, *_) = await queries.versions(session, row.id)
        content = queries.content_of(newest)
        if row.state == PlanState.FILED.value:
            await planning.start_change(session, owner, row.id, at=at)
    content = await _with(session, owner, site, content, lines)
    told = {table: getattr(content, table.value) for table in PlanTable}
    await planning.save_tables(session, owner, row.id, told, at=at)
    row, _ = await planning.file_plan(session, owner, row.id, at=at)
    return row


async def _whole(session: WriteSession, owner: Actor, site: Site) -> Content:
    """Everything that a plan of any class needs, without wastes; the facilities are entered if they are not there."""
    standing = {one.kind: one for one in await facilities_of(session, owner, site.id)}
    for kind, code in ((FacilityKind.PRODUCTION, "MF0001"), (FacilityKind.STORAGE, "TS0001")):
        if kind not in standing:
            command = RegisterFacility(
                site_id=site.id, kind=kind, code=code, described=Described(name=code), since=date(2016, 5, 1)
            )
            standing[kind] = await register_facility(session, owner, command, at=AT)
    return Content(
        unit=UNIT,
        facilities=tuple(FacilityLine(facility_code=one.code) for one in standing.values()),
        reduction=REDUCTION,
    )


async def _with(
    session: WriteSession, owner: Actor, site: Site, content: Content, lines: list[TransferLine]
) -> Content:
    lists = await catalogues.snapshot(session)
    known = {(line.waste_code, line.method, line.receiver_id): line for line in content.transfer}
    known |= {(line.waste_code, line.method, line.receiver_id): line for line in lines}
    named = {line.waste_code: line for line in content.generation}
    codes = {one.kind: one.code for one in await facilities_of(session, owner, site.id)}
    maker, store = codes[FacilityKind.PRODUCTION], codes[FacilityKind.STORAGE]
    for line in lines:
        if line.waste_code not in named:
            hazards = lists.waste(line.waste_code, LISTED_ON).hazards.listed
            named[line.waste_code] = GenerationLine(
                waste_code=line.waste_code, facility_code=maker, hazards=hazards, planned=line.planned
            )
    storage = tuple(
        StorageLine(facility_code=store, waste_code=code, packaging="200 L 钢桶", remaining=Quantity(value=1))
        for code in named
    )
    # A site with a plant of its own says what goes through it.
    treatment = content.treatment or tuple(
        TreatmentLine(facility_code=codes[kind], waste_code=next(iter(named)), method="R9", planned=Quantity(value=1))
        for kind in (FacilityKind.USE, FacilityKind.DISPOSAL)
        if kind in codes
    )
    return content.model_copy(
        update={
            "generation": tuple(named.values()),
            "transfer": tuple(known.values()),
            "storage": storage,
            "treatment": treatment,
        }
    )


async def contract_for(
    session: WriteSession,
    shipper_id: UUID,
    receiver_id: UUID,
    codes: Iterable[str],
    quantity: Mass = PLENTY,
    *,
    method: str | None = None,
    shipper: Actor | None = None,
    receiver: Actor | None = None,
    at: datetime = AT,
    **changes: Any,  # noqa: ANN401  other fields of the command
) -> Contract:
    """A contract for these codes that both sides agreed to, from 2020 to 2035."""
    values: dict[str, Any] = {
        "shipper_id": shipper_id,
        "receiver_id": receiver_id,
        "number": f"HT-{next(_numbers):05}",
        "signed_on": date(2020, 1, 1),
        "valid_from": date(2020, 1, 1),
        "valid_to": date(2035, 12, 31),
        "items": tuple(ItemOfContract(waste_code=code, quantity=quantity, method=method) for code in codes),
        "clauses_acknowledged": True,
    }
    one, other = shipper or member(shipper_id), receiver or member(receiver_id)
    async with eyes_of(session, one):
        made = await draft_contract(session, one, DraftContract(**values | changes), at=at)
    async with eyes_of(session, other):
        await confirm_contract(session, other, ConfirmContract(contract_id=made.row.id), at=at)
    return made
