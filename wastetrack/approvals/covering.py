"""Which approval covers a transfer, and if none does, why: the cases of 令23 art. 28, all at once. Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wastetrack.approvals.model import ApprovalKind, ApprovalState
from wastetrack.errors import Broken
from wastetrack.i18n import message
from wastetrack.mass import ZERO, Mass

_COPY = message("Open approval {number}, copy it as a new application, change it and submit it.")


@dataclass(frozen=True, slots=True)
class HeldItem:
    """One line of an approval."""

    id: UUID
    waste_code: str
    method: str
    quantity: Mass


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An approval as a transfer needs it."""

    id: UUID
    kind: ApprovalKind
    state: ApprovalState
    number: str
    receiver_site_id: UUID
    valid_from: date
    valid_to: date
    items: tuple[HeldItem, ...]

    def item_for(self, code: str, method: str) -> HeldItem | None:
        """The line that a transfer counts against."""
        return next((item for item in self.items if (item.waste_code, item.method) == (code, method)), None)

    def why_not(
        self, code: str, method: str, receiver_site_id: UUID, on: date, *, requested: Mass, used: Mass
    ) -> list[Broken]:
        """Every reason why this approval does not cover the transfer."""
        named: dict[str, object] = {"number": self.number or "—", "waste_code": code}
        broken = list(self._why_not_day(on, named))
        if receiver_site_id != self.receiver_site_id:
            sentence = "Approval {number} names another receiver."
            broken.append(
                _new_one("receiver_site_id", "approval_of_other_receiver", sentence, None, case=3, facts=named)
            )
        codes = [item for item in self.items if item.waste_code == code]
        item = self.item_for(code, method)
        if not codes:
            sentence = "Approval {number} does not name {value}."
            broken.append(_new_one("waste_code", "approval_without_code", sentence, code, case=1, facts=named))
        elif item is None:
            allowed = ", ".join(sorted(other.method for other in codes))
            sentence = "Approval {number} allows {allowed} for {waste_code}, not {value}."
            broken.append(
                _new_one(
                    "method",
                    "approval_of_other_method",
                    sentence,
                    method,
                    case=2,
                    facts={**named, "allowed": allowed},
                )
            )
        elif used + requested > item.quantity:
            facts: dict[str, object] = {
                **named,
                "quantity": item.quantity.tonne_text(),
                "left": max(item.quantity - used, ZERO).tonne_text(),
            }
            sentence = "Approval {number} allows {quantity} of {waste_code}; {left} are left, {value} are asked for."
            broken.append(
                _new_one(
                    "quantity", "approval_quantity_exceeded", sentence, requested.tonne_text(), case=1, facts=facts
                )
            )
        return broken

    def _why_not_day(self, on: date, named: dict[str, object]) -> Iterable[Broken]:
        facts = {**named, "valid_from": self.valid_from.isoformat(), "valid_to": self.valid_to.isoformat()}
        if self.state is ApprovalState.SUPERSEDED:
            sentence = "A later approval has taken the place of approval {number}."
            yield Broken("approval", "approval_superseded", sentence, article="令23 art. 28", facts=facts)
        elif not self.valid_from <= on <= self.valid_to:
            sentence = "Approval {number} holds from {valid_from} to {valid_to}, not on {value}."
            yield Broken(
                "planned_on",
                "approval_not_in_force",
                sentence,
                on.isoformat(),
                article="令23 art. 27",
                next_step=_COPY,
                facts=facts,
            )


def _new_one(field: str, code: str, sentence: str, value: object, *, case: int, facts: dict[str, object]) -> Broken:
    return Broken(field, code, sentence, value, article=f"令23 art. 28({case})", next_step=_COPY, facts=facts)


def covering(
    approvals: Iterable[Held],
    code: str,
    method: str,
    receiver_site_id: UUID,
    *,
    on: date,
    requested: Mass,
    used: Mapping[UUID, int],
) -> tuple[Held | None, list[Broken]]:
    """The first approval that covers it, or all reasons of the one that comes nearest; none where there is none.

    `used`: grams taken already, by line.
    """
    nearest: list[Broken] = []
    fewest = math.inf
    for held in approvals:
        item = held.item_for(code, method)
        taken = Mass(used.get(item.id, 0)) if item else ZERO
        reasons = held.why_not(code, method, receiver_site_id, on, requested=requested, used=taken)
        if not reasons:
            return held, []
        # One that does not even name the waste or the receiver says less to the reader than one that does.
        distance = len(reasons) + sum(reason.code in _FAR for reason in reasons)
        if distance < fewest:
            nearest, fewest = reasons, distance
    return None, nearest


_FAR = frozenset({"approval_without_code", "approval_of_other_receiver"})
