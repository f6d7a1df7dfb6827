"""Files of a firm's first day: good rows, and how an office's can be wrong."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from tests.support import import_files
from tests.support.import_files import Cells
from tests.support.trade import today
from wastetrack.imports.columns import COLUMNS
from wastetrack.imports.model import ImportKind
from wastetrack.parties import credit_codes

Fault = tuple[str, str, object]
"""The field at which it is told, the rule, the cell."""


def later() -> date:
    """A day until which everything good is valid."""
    return today() + timedelta(days=400)


def fields_of(kind: ImportKind) -> list[str]:
    """The columns of a kind, in their order."""
    return [column.field for column in COLUMNS[kind]]


def heading_of(kind: ImportKind) -> Cells:
    """The headings of its template."""
    return [column.title("zh") for column in COLUMNS[kind]]


def row_of(kind: ImportKind, told: Mapping[str, Any]) -> Cells:
    """A row by the names of its columns."""
    return [told.get(field) for field in fields_of(kind)]


def vehicle(number: int) -> dict[str, Any]:
    """A lorry."""
    return {
        "plate": f"鲁F{61000 + number}",
        "rated_load": 9.5,
        "licence_number": f"鲁交运管烟字{370600123456 + number}号",
        "licence_valid_to": later(),
    }


def driver(number: int) -> dict[str, Any]:
    """Somebody who drives or escorts."""
    return {
        "name": ("王建国", "李秀英")[number % 2],
        "certificate_number": f"37060019900101{number:04}",
        "certificate_valid_to": later().strftime("%Y年%-m月%-d日"),
        "phone": "138 0535 0000",
    }


def contract(number: int, receiver_code: str) -> dict[str, Any]:
    """One line of a contract of a shipper."""
    return {
        "number": f"HT-{number:03}",
        "as_side": "移出人",
        "other_code": receiver_code,
        "signed_on": today() - timedelta(days=3),
        "valid_from": today() - timedelta(days=3),
        "valid_to": later(),
        "waste_code": "900-249-08",
        "method": "D10",
        "quantity": 12.5,
        "price": "3000 元/吨",
        "clauses_acknowledged": "是",
    }


def stock(number: int) -> dict[str, Any]:
    """A drum that has stood there for years."""
    row = dict(zip(import_files.FIELDS, import_files.good_row(number), strict=True))
    return row | {"generated_on": today() - timedelta(days=900 + number % 40)}


VEHICLE_FAULTS: Mapping[str, Fault] = {
    "no plate": ("plate", "cell_empty", None),
    "a plate that is none": ("plate", "plate_unreadable", "鲁F12"),
    "load in words": ("rated_load", "mass_unreadable", "十吨"),
    "no load": ("rated_load", "cell_empty", None),
    "the load of a ship": ("rated_load", "mass_absurd", 5_000),
    "no certificate": ("licence_number", "cell_empty", None),
    "a certificate too long": ("licence_number", "field_too_long", "证" * 61),
    "31 June": ("licence_valid_to", "day_unreadable", "2027-06-31"),
    "no last day": ("licence_valid_to", "cell_empty", None),
}
DRIVER_FAULTS: Mapping[str, Fault] = {
    "no name": ("name", "cell_empty", None),
    "a name that turns the text": ("name", "character_refused", "王\u202e强"),
    "a number that the workbook has rounded": ("certificate_number", "number_rounded", 370600199001010011.0),
    "no certificate": ("certificate_number", "cell_empty", None),
    "a day in words": ("certificate_valid_to", "day_unreadable", "明年底"),
    "a telephone that is none": ("phone", "phone_unreadable", "前台"),
    "no telephone": ("phone", "cell_empty", None),
}
CONTRACT_FAULTS: Mapping[str, Fault] = {
    "no number": ("number", "cell_empty", None),
    "which side": ("as_side", "choice_unknown", "丙方"),
    "a firm that is none": ("other_code", "firm_unknown", credit_codes.make("91370602MA3NX0BDY")),
    "half a credit code": ("other_code", "credit_code_length", "91370600"),
    # Far enough off that it is still to come where a run goes past midnight.
    "signed next month": ("signed_on", "contract_signed_later", today() + timedelta(days=30)),
    "ends before it begins": ("valid_to", "days_reversed", today() - timedelta(days=30)),
    "unknown code": ("waste_code", "waste_code_unknown", "900-999-08"),
    "unknown method": ("method", "method_unknown", "D99"),
    "nothing of it": ("quantity", "mass_not_positive", 0),
    "clauses missing": ("clauses_acknowledged", "contract_clauses_missing", "否"),
    "clauses perhaps": ("clauses_acknowledged", "yes_or_no", "大概"),
}
STOCK_FAULTS: Mapping[str, Fault] = {
    "unknown code": ("waste_code", "waste_code_unknown", "900-999-08"),
    "older than all": ("generated_on", "generated_on_implausible", "1949-10-01"),
    "in the future": ("generated_on", "generated_on_implausible", "2099-01-01"),
    "unknown packaging": ("packaging", "choice_unknown", "麻袋堆"),
    "tare above gross": ("gross_g", "mass_not_positive", 15),
    "unknown store": ("store_id", "store_unknown_here", "K-404"),
    "no hazard": ("hazards", "hazards_missing", None),
}


def spoilt(
    kind: ImportKind, good: Callable[[int], dict[str, Any]], faults: Mapping[str, Fault], count: int
) -> tuple[list[Cells], set[tuple[int, str, str]]]:
    """So many rows, every third of them with a fault; where each stands: row, field, rule."""
    rows, told, names = [], set(), list(faults)
    for number in range(count):
        row = good(number)
        if number % 3 == 1:
            field, code, cell = faults[names[number // 3 % len(names)]]
            row[field] = cell
            told.add((number + 2, field, code))
        rows.append(row_of(kind, row))
    return rows, told
