"""What a manifest takes of plan and contract: looked at and locked when it is filed, restated on receipt, given back
on withdrawal.

Restated as measured: plan and contract are used up by what really went, as the receiver's permit is. The lines are
locked while they are looked at, plans before contracts before permits, so that two filings at once cannot both take the
last tonnes.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from wastetrack.catalogues.jurisdiction import Choice, jurisdiction
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken
from wastetrack.mass import Mass
from wastetrack.plans.line_rules import Asked, ContractLine, PlanLine, contract_line, plan_line
from wastetrack.plans.model import ContractState

REFUSE, EXPLAIN, OFF = "refuse", "explain", "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A transfer, and whether the law asks for a plan and a contract."""

    shipper_id: UUID
    shipper_site_id: UUID
    receiver_id: UUID
    method: str
    on: date
    grams_by_code: Mapping[str, int]
    needs_plan: bool = True
    needs_contract: bool = True
    reason: str = ""
    """Why it goes beyond plan or contract, where the place's rule lets it be explained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """So many grams of a code onto a line of the plan and one of a contract."""

    waste_code: str
    plan_item_id: UUID | None
    contract_item_id: UUID | None
    grams: int

    def fact(self) -> dict[str, Any]:
        """As the event states it."""
        return {
            "waste_code": self.waste_code,
            "plan_item": None if self.plan_item_id is None else str(self.plan_item_id),
            "contract_item": None if self.contract_item_id is None else str(self.contract_item_id),
            "g": self.grams,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the manifest counts against, what forbids it, and the codes of what was explained instead."""

    uses: tuple[Use, ...] = ()
    broken: tuple[Broken, ...] = ()
    explained: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A code of the transfer beside the lines that it counts against, and what speaks against each."""

    asked: Asked
    plan: PlanLine | None = None
    against_plan: Broken | None = None
    contract: ContractLine | None = None
    against_contract: Broken | None = None


_STANDING = """
with planned as materialized (
  select item.id, item.waste_code, item.method, item.planned_g as most_g, item.booked_g
  from plan_items item
  where item.site_id = $1 and item.year = $2 and item.receiver_id = $3 and item.waste_code = any ($4)
  order by item.id for update
), contracted as materialized (
  select item.id, item.waste_code, item.method, item.quantity_g as most_g, item.booked_g,
    contract.number, contract.state, contract.valid_from, contract.valid_to
  from contracts contract join contract_items item on item.contract_id = contract.id
  where contract.shipper_id = $5 and contract.receiver_id = $3 and item.waste_code = any ($4)
  order by item.id for update of item
)
select 'filed' as of, id, null as waste_code, null as method, 0::bigint as most_g, 0::bigint as booked_g,
  null as number, null as state, null::date as valid_from, null::date as valid_to
from management_plans where site_id = $1 and year = $2 and filed_at is not null
union all select 'plan', id, waste_code, method, most_g, booked_g, null, null, null, null from planned
union all select 'contract', id, waste_code, method, most_g, booked_g, number, state, valid_from, valid_to
from contracted
"""
_LOOK = _STANDING.replace(" for update of item", "").replace(" for update", "")
_TAKE = """
with more as (
  select * from unnest($2::text[], $3::uuid[], $4::uuid[], $5::bigint[]) as used (code, plan_item, contract_item, grams)
), planned as (
  update plan_items set booked_g = plan_items.booked_g + summed.grams
  from (select plan_item, sum(grams) as grams from more group by plan_item) summed where plan_items.id = plan_item
), contracted as (
  update contract_items set booked_g = contract_items.booked_g + summed.grams
  from (select contract_item, sum(grams) as grams from more group by contract_item) summed
  where contract_items.id = contract_item
)
insert into plan_uses (manifest_id, waste_code, plan_item_id, contract_item_id, booked_g)
select $1, code, plan_item, contract_item, grams from more
"""
_RESTATE = "select plan_restate($1, $2::text[], $3::bigint[])"


async def check(session: WriteSession, wanted: Wanted) -> Checked:
    """Lock the lines that the transfer counts against and judge it by the place's rules, in one statement."""
    compared = await _compared(session, wanted, _STANDING)
    if compared is None:
        return Checked()
    return _checked(compared, wanted.reason)


async def look(session: ReadSession, wanted: Wanted) -> tuple[tuple[Compared, ...], Checked]:
    """The same without taking a lock, for whoever is still planning, with the lines themselves."""
    compared = await _compared(session, wanted, _LOOK)
    if compared is None:
        return (), Checked()
    return compared, _checked(compared, wanted.reason)


async def _compared(session: ReadSession, wanted: Wanted, standing: str) -> tuple[Compared, ...] | None:
    """None where the place asks for neither plan nor contract."""
    rules = jurisdiction()
    by_plan = wanted.needs_plan and rules.plan_rule.value != OFF
    by_contract = wanted.needs_contract and rules.contract_rule.value != OFF
    if not by_plan and not by_contract:
        return None
    driver = await session.driver()
    found = await driver.fetch(
        standing,
        wanted.shipper_site_id,
        wanted.on.year,
        wanted.receiver_id,
        list(wanted.grams_by_code),
        wanted.shipper_id,
    )
    filed = any(row["of"] == "filed" for row in found)
    planned, contracted = _lines(found)
    compared: list[Compared] = []
    for code, grams in sorted(wanted.grams_by_code.items()):
        asked = Asked(waste_code=code, method=wanted.method, on=wanted.on, mass=Mass(grams))
        of_plan, against_plan = plan_line(asked, planned[code], filed=filed) if by_plan else (None, None)
        of_contract, against_contract = contract_line(asked, contracted[code]) if by_contract else (None, None)
        compared.append(
            Compared(
                asked=asked,
                plan=of_plan,
                against_plan=against_plan,
                contract=of_contract,
                against_contract=against_contract,
            )
        )
    return tuple(compared)


def _checked(compared: tuple[Compared, ...], reason: str) -> Checked:
    rules = jurisdiction()
    against: list[tuple[Choice, Broken]] = []
    for one in compared:
        against += [(rules.plan_rule, one.against_plan)] if one.against_plan else []
        against += [(rules.contract_rule, one.against_contract)] if one.against_contract else []
    uses = tuple(
        Use(
            waste_code=one.asked.waste_code,
            plan_item_id=None if one.plan is None else one.plan.id,
            contract_item_id=None if one.contract is None else one.contract.id,
            grams=one.asked.mass.grams,
        )
        for one in compared
    )
    return _judged(uses, against, reason)


def _judged(uses: tuple[Use, ...], against: list[tuple[Choice, Broken]], reason: str) -> Checked:
    broken = [wrong for rule, wrong in against if rule.value == REFUSE]
    explainable = [(rule, wrong) for rule, wrong in against if rule.value == EXPLAIN]
    if explainable and not reason.strip():
        broken += [wrong for _, wrong in explainable]
        message = "This goes beyond plan or contract; it may be filed with a reason."
        step = "Write the reason into the draft; the others on this manifest and the authority will read it."
        article = explainable[0][0].article
        broken.append(Broken("plan_reason", "plan_reason_missing", message, article=article, next_step=step))
        explainable = []
    return Checked(uses=uses, broken=tuple(broken), explained=tuple(wrong.code for _, wrong in explainable))


def _lines(found: list[Any]) -> tuple[dict[str, list[PlanLine]], dict[str, list[ContractLine]]]:
    planned: dict[str, list[PlanLine]] = defaultdict(list)
    contracted: dict[str, list[ContractLine]] = defaultdict(list)
    for row in found:
        if row["of"] == "plan":
            planned[row["waste_code"]].append(
                PlanLine(id=row["id"], method=row["method"], planned=Mass(row["most_g"]), booked=Mass(row["booked_g"]))
            )
        elif row["of"] == "contract":
            contracted[row["waste_code"]].append(
                ContractLine(
                    id=row["id"],
                    number=row["number"],
                    state=ContractState(row["state"]),
                    valid_from=row["valid_from"],
                    valid_to=row["valid_to"],
                    method=row["method"],
                    quantity=Mass(row["most_g"]),
                    booked=Mass(row["booked_g"]),
                )
            )
    return planned, contracted


async def take(session: WriteSession, manifest_id: UUID, uses: tuple[Use, ...]) -> None:
    """Write what a manifest takes; the lines are locked already."""
    if not uses:
        return
    await (await session.driver()).execute(
        _TAKE,
        manifest_id,
        [use.waste_code for use in uses],
        [use.plan_item_id for use in uses],
        [use.contract_item_id for use in uses],
        [use.grams for use in uses],
    )


async def restate(session: WriteSession, manifest_id: UUID, grams_by_code: Mapping[str, int]) -> None:
    """Let what a manifest takes be what really went; a code that is not named is given back whole."""
    driver = await session.driver()
    await driver.execute(_RESTATE, manifest_id, list(grams_by_code), list(grams_by_code.values()))
