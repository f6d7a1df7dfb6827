"""Which line of a plan and of a contract a transfer counts against, or why none. Pure.

令23 art. 14: a manifest rests on the filed plan. Art. 10 (1): shipper and receiver have a written contract.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from wastetrack.errors import Broken
from wastetrack.mass import ZERO, Mass
from wastetrack.plans.model import ContractState

PLAN_ARTICLE: Final = "令23 art. 10 (2), 14"
CONTRACT_ARTICLE: Final = "令23 art. 10 (1)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """A line of A.7 that names the receiver and the waste."""

    id: UUID
    method: str
    planned: Mass
    booked: Mass

    @property
    def left(self) -> Mass:
        """What manifests may still take."""
        return max(self.planned - self.booked, ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractLine:
    """A line of a contract between the two that names the waste; any method when it names none."""

    id: UUID
    number: str
    state: ContractState
    valid_from: date
    valid_to: date
    method: str | None
    quantity: Mass
    booked: Mass

    @property
    def left(self) -> Mass:
        """What manifests may still take."""
        return max(self.quantity - self.booked, ZERO)

    def holds_on(self, day: date) -> bool:
        """Whether both sides agreed and it is in force that day."""
        return self.state is ContractState.CONFIRMED and self.valid_from <= day <= self.valid_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """So much of a code by a method on a day."""

    waste_code: str
    method: str
    on: date
    mass: Mass


def plan_line(asked: Asked, lines: Sequence[PlanLine], *, filed: bool) -> tuple[PlanLine | None, Broken | None]:
    """The line of the plan, and what speaks against it. A line that has too little left is named all the same."""
    facts: dict[str, object] = {"year": asked.on.year, "method": asked.method}
    fitting = [line for line in lines if line.method == asked.method and line.planned > ZERO]
    if fitting:
        (line,) = fitting
        if line.left >= asked.mass:
            return line, None
        message = (
            "The management plan of {year} sends {planned} of {waste_code} to this receiver; {booked} are taken, "
            "{left} are left, {value} are asked for."
        )
        facts |= {"planned": line.planned.tonne_text(), "booked": line.booked.tonne_text()}
        facts |= {"left": line.left.tonne_text(), "waste_code": asked.waste_code}
        step = "Send at most what is left, or change the plan first."
        value = asked.mass.tonne_text()
        return line, Broken("quantity", "plan_exceeded", message, value, PLAN_ARTICLE, step, facts)
    step = "File a change of the plan that names it, then file this manifest."
    if not filed:
        message = "The site has no filed management plan for {year}."
        step = "File the plan first."
        return None, Broken("plan", "plan_missing", message, asked.waste_code, PLAN_ARTICLE, step, facts)
    if not any(line.planned > ZERO for line in lines):
        message = "The management plan of {year} does not send {value} to this receiver."
        return None, Broken("plan", "plan_without_line", message, asked.waste_code, PLAN_ARTICLE, step, facts)
    message = "The management plan of {year} sends {value} to this receiver, but not for method {method}."
    return None, Broken("method", "plan_without_method", message, asked.waste_code, PLAN_ARTICLE, step, facts)


def contract_line(asked: Asked, lines: Sequence[ContractLine]) -> tuple[ContractLine | None, Broken | None]:
    """The line of a contract in force with enough left, the one that ends first; or the fullest, and what is wrong."""
    facts: dict[str, object] = {"method": asked.method, "on": asked.on.isoformat()}
    fitting = [line for line in lines if line.method in {None, asked.method}]
    held = sorted((line for line in fitting if line.holds_on(asked.on)), key=lambda line: (line.valid_to, line.number))
    enough = [line for line in held if line.left >= asked.mass]
    if enough:
        return enough[0], None
    if held:
        line = max(held, key=lambda one: one.left)
        message = "Contract {number} has {left} of {waste_code} left; {value} are asked for."
        facts |= {"number": line.number, "left": line.left.tonne_text(), "waste_code": asked.waste_code}
        step = "Send at most what is left, or make a further contract."
        value = asked.mass.tonne_text()
        return line, Broken("quantity", "contract_exceeded", message, value, CONTRACT_ARTICLE, step, facts)
    if fitting:
        line = max(fitting, key=lambda one: (one.state is ContractState.CONFIRMED, one.valid_to))
        facts |= {"number": line.number, "from": line.valid_from.isoformat(), "to": line.valid_to.isoformat()}
        if line.state is ContractState.CONFIRMED:
            message = "Contract {number} holds from {from} to {to}, not on {on}."
            step = "Make a further contract, or choose another day."
            return None, Broken("contract", "contract_not_in_force", message, None, CONTRACT_ARTICLE, step, facts)
        if line.state is ContractState.DRAFT:
            message = "Contract {number} is not confirmed by the other side yet."
            step = "Ask the other side to confirm it."
            return None, Broken("contract", "contract_unconfirmed", message, None, CONTRACT_ARTICLE, step, facts)
    message = "There is no contract with this receiver for {value} by method {method}."
    step = "Enter the contract, and let the receiver confirm it."
    return None, Broken("contract", "contract_missing", message, asked.waste_code, CONTRACT_ARTICLE, step, facts)
