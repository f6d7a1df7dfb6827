"""Read the files of the lists into rows ready to be copied. Pure: bytes in, rows out; columns as in tables.py.

Only here are pinyin initials made, when lists are loaded and firms registered, so that looking needs no dictionary.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from wastetrack.catalogues import hazards, treatments, waste_codes
from wastetrack.catalogues.model import ExemptionScope
from wastetrack.errors import Malformed

Row = tuple[Any, ...]
"""One row of a table without its edition; the columns are named below."""

WASTE_COLUMNS = (
    "code",
    "position",
    "category",
    "category_name",
    "industry_name",
    "description",
    "hazards",
    "initials",
    "replaced_by",
)
EXEMPTION_COLUMNS = ("position", "item", "scope", "patterns", "waste", "stage", "condition", "effect", "language")
METHOD_COLUMNS = ("code", "position", "name_zh", "name_en")
REGION_COLUMNS = ("code", "name", "level", "parent", "initials")
GENERAL_WASTE_COLUMNS = ("code", "position", "name_zh", "name_en", "certainty")
UN_COLUMNS = ("number", "name", "danger_class", "class_code", "tunnel_category", "withdrawn")

_PATTERN = re.compile(r"[0-9]{3}-[0-9]{3}-[0-9]{2}|HW[0-9]{2}")
_CLAUSE = re.compile(r"[^\w]+")
_SCOPES = {
    "生活垃圾中的危险废物": ExemptionScope.HOUSEHOLD,
    "household": ExemptionScope.HOUSEHOLD,
    "突发环境事件产生的危险废物": ExemptionScope.EMERGENCY,
    "emergency": ExemptionScope.EMERGENCY,
    "历史遗留危险废物": ExemptionScope.LEGACY,
    "legacy": ExemptionScope.LEGACY,
    "-": ExemptionScope.UNLISTED,
}


def waste_rows(files: tuple[bytes, ...]) -> list[Row]:
    """The waste list; a second file, if given, names the successors of codes that were retired after it."""
    successors = {row["code"]: row["replaced_by"] for file in files[1:] for row in _records(file)}
    rows = []
    for position, record in enumerate(_records(files[0]), start=1):
        code = waste_codes.parse(record["code"])
        if code.category != record["category"]:
            raise Malformed(
                "catalogue_row_contradicts",
                "Row {row} of the waste list puts {value} into category {category}.",
                row=position,
                value=str(code),
                category=record["category"],
            )
        rows.append(
            (
                str(code),
                position,
                code.category,
                record["category_name"],
                record["industry"],
                record["description"],
                str(hazards.parse(record["hazard"])),
                f"{initials(record['category_name'])} | {initials(record['description'])}",
                successors.get(str(code)),
            )
        )
    return rows


def exemption_rows(files: tuple[bytes, ...]) -> list[Row]:
    """The exemption list, in the Chinese wording (2021) or the English summary (2025)."""
    rows = []
    for position, record in enumerate(_records(files[0]), start=1):
        subject = record.get("code_or_category") or record["code"]
        scope = _SCOPES.get(subject, ExemptionScope.CODES)
        english = "condition_en" in record
        rows.append(
            (
                position,
                int(record["no"]),
                scope.value,
                _PATTERN.findall(subject),
                record["waste"],
                record.get("exempt_stage") or record["stage"],
                record["condition_en" if english else "condition"],
                record["effect_en" if english else "content"],
                "en" if english else "zh",
            )
        )
    return rows


def method_rows(files: tuple[bytes, ...]) -> list[Row]:
    """The method codes."""
    return [
        (treatments.parse(record["code"]), position, record["name_zh"], record["name_en"])
        for position, record in enumerate(_records(files[0]), start=1)
    ]


def region_rows(files: tuple[bytes, ...]) -> list[Row]:
    """The administrative divisions; parents stand before their parts."""
    return [
        (record["code"], record["name"], int(record["level"]), record["parent"] or None, initials(record["name"]))
        for record in sorted(_records(files[0]), key=lambda record: (int(record["level"]), record["code"]))
    ]


def un_rows(files: tuple[bytes, ...]) -> list[Row]:
    """The UN numbers. A class of "?" or with a minus sign marks a number no longer in use."""
    rows = []
    for record in _records(files[0]):
        danger_class = record["class"]
        withdrawn = danger_class.startswith(("?", "-"))
        rows.append(
            (
                record["un"],
                record["description"],
                danger_class.lstrip("?-") or None,
                record["class_code"] or None,
                record["transport_category_tunnel"] or None,
                withdrawn,
            )
        )
    return rows


def general_waste_rows(files: tuple[bytes, ...]) -> list[Row]:
    """The classes of general industrial solid waste."""
    return [
        (record["code"], position, record["name_zh"], record["name_en"], record["certainty"])
        for position, record in enumerate(_records(files[0]), start=1)
    ]


def initials(text: str) -> str:
    """First letters of the pinyin of each character, clause by clause: 废矿物油、废渣 → `fkwy fz`. Latin text stays."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  0.15 s and 20 MB that only loading needs

    clauses = (clause for clause in _CLAUSE.split(text) if clause)
    return " ".join("".join(lazy_pinyin(clause, style=Style.FIRST_LETTER)).lower() for clause in clauses)


def initials_of_name(name: str) -> str:
    """The same of a firm's or a site's name, in one piece: 烟台云杉溪表面处理有限公司 → `ytysxbmclyxgs`."""
    return initials(name).replace(" ", "")


def _records(file: bytes) -> Iterator[dict[str, str]]:
    return iter(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline="")))
