"""What the ledgers of HJ 1259-2022 ask beside the containers themselves: facilities, destinations, who handled it.

All of it may be left out: the handler is then whoever acted. Names of handlers are people's names, so they stand in
the erasable part of an event (containers/recording.py); codes and destinations stand in its leaf.
"""

from dataclasses import dataclass, fields
from datetime import datetime


class _Told:
    def facts(self) -> dict[str, object]:
        """As the event states it: what was not told is not there."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}  # type: ignore[arg-type]
        return {name: _word(value) for name, value in told.items() if value}


def _word(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation(_Told):
    """Beside a label (HJ 1259-2022, 6.3.1)."""

    trade_name: str = ""
    """行业俗称/单位内部名称: what the firm itself calls the waste."""
    facility_code: str = ""
    """产生危险废物设施编码, by the discharge permit or HJ 608."""
    destination: str = ""
    """去向: where it goes from the place at which it was made."""
    handler: str = ""
    """产生部门经办人."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling(_Told):
    """Beside a way into store or out of it (6.3.2, 6.3.3)."""

    handler: str = ""
    """贮存部门经办人 on the way in, 出库部门经办人 on the way out."""
    carrier_handler: str = ""
    """运送部门经办人."""
    destination: str = ""
    """去向, on the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(_Told):
    """Beside a treatment (6.3.4)."""

    facility_code: str = ""
    """自行利用/处置设施编码."""
    handler: str = ""
    """自行利用/处置部门经办人."""
    finished_at: datetime | None = None
    """自行利用/处置完毕时间; not told: the day of the treatment."""
