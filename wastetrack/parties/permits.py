"""What a permit allows its holder to take: codes, methods, yearly quantity, days. Pure.

固废法 art. 80 forbids to give waste to somebody without a permit or outside of it; 令23 art. 10 bids the shipper to
check before the waste leaves. All reasons are gathered, so that one look says everything.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from wastetrack.catalogues.waste_codes import WasteCode
from wastetrack.errors import Broken
from wastetrack.mass import ZERO, Mass

LAW: Final = "固体废物污染环境防治法 第八十条"
SHIPPER: Final = "危险废物转移管理办法（部令第23号）第十条"
RECEIVER: Final = "危险废物转移管理办法（部令第23号）第十二条"
CONTENTS: Final = "危险废物经营许可证管理办法 第十条"
SCALE: Final = "危险废物经营许可证管理办法 第十二条"
VALIDITY: Final = "危险废物经营许可证管理办法 第十三条"
SUSPENSION: Final = "危险废物经营许可证管理办法 第二十八条"


class PermitKind(StrEnum):
    """经营许可证管理办法 art. 3 and 7."""

    COMPREHENSIVE = "comprehensive"
    """综合经营许可证: collect, store, use, dispose."""
    COLLECTION = "collection"
    """收集经营许可证: gather from small makers and pass on."""
    MEDICAL = "medical"
    """医疗废物集中处置: a comprehensive permit that the prefecture grants."""


# Art. 13. Days of validity are counted from the first day, to the day before the anniversary.
LONGEST_YEARS: Final = {PermitKind.COMPREHENSIVE: 5, PermitKind.COLLECTION: 3, PermitKind.MEDICAL: 5}


@dataclass(frozen=True, slots=True)
class PermitItem:
    """One line of a permit: a code (`900-249-08`) or a category (`HW08`), methods, and the quantity of a year."""

    id: UUID
    pattern: str
    methods: frozenset[str]
    yearly: Mass

    def names(self, code: WasteCode) -> bool:
        """Whether the line speaks of this code, by itself or by its category."""
        return self.pattern in {str(code), code.category}


@dataclass(frozen=True, slots=True)
class Suspension:
    """Days on which a permit is taken away (暂扣); open until lifted when `to_on` is None. Both days included."""

    id: UUID
    from_on: date
    to_on: date | None
    reason: str

    def holds_on(self, day: date) -> bool:
        """Whether the permit is suspended that day."""
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


@dataclass(frozen=True, slots=True)
class Permit:
    """经营许可证. Valid from `valid_from` to `valid_to`, both included, except on suspended days."""

    id: UUID
    organisation_id: UUID
    site_id: UUID | None
    number: str
    kind: PermitKind
    valid_from: date
    valid_to: date
    items: tuple[PermitItem, ...]
    suspensions: tuple[Suspension, ...]

    def item_for(self, code: WasteCode, method: str) -> PermitItem | None:
        """The line that a delivery counts against: the code's own before its category's."""
        lines = [item for item in self.items if item.names(code) and method in item.methods]
        return min(lines, key=lambda item: item.pattern != str(code), default=None)

    def covers(self, code: WasteCode, method: str, on: date, requested: Mass, used: Mass) -> tuple[Broken, ...]:
        """Every reason why the holder may not take this; none when it may.

        `used` is what was already taken in the calendar year of `on` against the line `item_for(code, method)`.
        """
        reasons = [*self._why_not_day(on), *self._why_not_code(code, method)]
        item = self.item_for(code, method)
        if item is not None and used + requested > item.yearly:
            reasons.append(self._over_quantity(item, on, requested, used))
        return tuple(reasons)

    def _why_not_day(self, on: date) -> Iterable[Broken]:
        facts: dict[str, object] = {"number": self.number, "on": on.isoformat()}
        if on < self.valid_from:
            yield Broken(
                "permit",
                "permit_not_yet_valid",
                "Permit {number} is valid only from {valid_from}, not on {on}.",
                value=self.number,
                article=f"{LAW}；{VALIDITY}",
                next_step="Choose a later day or another receiver.",
                facts=facts | {"valid_from": self.valid_from.isoformat()},
            )
        if on > self.valid_to:
            yield Broken(
                "permit",
                "permit_expired",
                "Permit {number} expired on {valid_to}; the day is {on}.",
                value=self.number,
                article=f"{LAW}；{VALIDITY}",
                next_step="Choose another receiver, or wait until the permit is renewed.",
                facts=facts | {"valid_to": self.valid_to.isoformat()},
            )
        for suspension in self.suspensions:
            if suspension.holds_on(on):
                yield Broken(
                    "permit",
                    "permit_suspended",
                    "Permit {number} is suspended since {from_on}: {reason}",
                    value=self.number,
                    article=f"{LAW}；{SUSPENSION}",
                    next_step="Choose another receiver until the suspension is lifted.",
                    facts=facts | {"from_on": suspension.from_on.isoformat(), "reason": suspension.reason},
                )

    def _why_not_code(self, code: WasteCode, method: str) -> Iterable[Broken]:
        lines = [item for item in self.items if item.names(code)]
        if not lines:
            yield Broken(
                "waste_code",
                "permit_without_code",
                "Permit {number} names neither {value} nor its category {category}.",
                value=str(code),
                article=f"{LAW}；{SHIPPER}",
                next_step="Choose a receiver whose permit names this code or category.",
                facts={"number": self.number, "category": code.category},
            )
        elif not any(method in item.methods for item in lines):
            yield Broken(
                "method",
                "permit_without_method",
                "Permit {number} allows {allowed} for {waste_code}, not {value}.",
                value=method,
                article=f"{LAW}；{RECEIVER}",
                next_step="Choose one of the allowed methods or another receiver.",
                facts={
                    "number": self.number,
                    "waste_code": str(code),
                    "allowed": ", ".join(sorted({method for item in lines for method in item.methods})),
                },
            )

    def _over_quantity(self, item: PermitItem, on: date, requested: Mass, used: Mass) -> Broken:
        left = max(item.yearly - used, ZERO)
        return Broken(
            "quantity",
            "permit_quantity_exceeded",
            "Permit {number} allows {yearly} of {pattern} in {year}; {used} are taken, {left} are left, "
            "{requested} are asked for.",
            value=requested.tonne_text(),
            article=f"{LAW}；{SCALE}",
            next_step="Send at most what is left, or choose another receiver. "
            "Over 120 % of the yearly quantity the holder must apply for a new permit.",
            facts={
                "number": self.number,
                "pattern": item.pattern,
                "year": on.year,
                "yearly": item.yearly.tonne_text(),
                "used": used.tonne_text(),
                "left": left.tonne_text(),
                "requested": requested.tonne_text(),
            },
        )


def covering(
    permits: Iterable[Permit],
    code: WasteCode,
    method: str,
    on: date,
    *,
    requested: Mass,
    used: Callable[[Permit, PermitItem], Mass],
) -> tuple[Permit | None, tuple[Broken, ...]]:
    """The first of a receiver's permits that covers a delivery, or all reasons of the one that comes nearest.

    `used` tells what was taken this year against a line.
    """
    nearest: tuple[Broken, ...] = ()
    fewest = math.inf
    for permit in permits:
        item = permit.item_for(code, method)
        reasons = permit.covers(code, method, on, requested, used(permit, item) if item else ZERO)
        if not reasons:
            return permit, ()
        # A permit that does not even name the waste says less to the reader than one that does.
        distance = len(reasons) + any(reason.code == "permit_without_code" for reason in reasons)
        if distance < fewest:
            nearest, fewest = reasons, distance
    return None, nearest or (_NO_PERMIT,)


_NO_PERMIT: Final = Broken(
    "permit",
    "permit_missing",
    "The receiver holds no permit.",
    article=f"{LAW}；{SHIPPER}",
    next_step="Choose a receiver with a permit for this waste.",
)
