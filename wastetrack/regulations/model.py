"""A clause of a regulation and our answer to it: numbers and sentences of ours, never the text of the law itself."""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What we say of a clause."""

    SHOWN = "shown"
    """The program does or carries it, and the named tests show it."""
    NOT_FOR_SOFTWARE = "not_for_software"
    """It binds walls, vehicles, people or authorities; the answer says what."""
    NO_DUTY = "no_duty"
    """It defines, delegates, penalises or commences, and asks nothing of a user."""
    MISSING = "missing"
    """Software could carry it and ours does not yet; the answer says what is missing."""


@dataclass(frozen=True, slots=True)
class Source:
    """One text. Each is a file of that name in data/, its rows in the order of the text."""

    name: str
    title: str
    title_en: str


SOURCES: tuple[Source, ...] = (
    Source("order23", "危险废物转移管理办法（令第23号）", "Measures for transfers of hazardous waste, Order 23 (2021)"),
    Source("hj1259", "HJ 1259-2022", "Management plans and ledgers of hazardous waste"),
    Source("hj1276", "HJ 1276-2022", "Identification signs of hazardous waste"),
    Source("gb18597", "GB 18597-2023", "Pollution control of hazardous waste storage"),
    Source("gb18599", "GB 18599-2020", "Storage and landfill of general industrial solid waste"),
    Source("gb39707", "GB 39707-2020", "Pollution control of medical waste treatment"),
    Source("solid_waste_law", "固体废物污染环境防治法（2020）", "Solid waste law (2020)"),
    Source("medical_waste", "医疗废物管理条例", "Regulations on medical waste"),
    Source("permits", "危险废物经营许可证管理办法", "Measures for hazardous waste operating permits"),
    Source("further", "其他规定", "Further rules: lists, HJ 2025, HJ 421, provincial practice"),
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One article or clause and our answer. `binds` says whom: shipper, carrier, receiver, medical, authority, …"""

    source: str
    number: str
    binds: str
    duty: str
    status: Standing
    answer: str
    tests: tuple[str, ...]
    """As `path::name`; needed exactly where it is shown."""

    def as_json(self) -> dict[str, object]:
        """The members of the JSON object."""
        return {
            "source": self.source,
            "clause": self.number,
            "binds": self.binds or None,
            "duty": self.duty,
            "status": self.status.value,
            "answer": self.answer or None,
            "tests": list(self.tests),
        }


def counts(clauses: tuple[Clause, ...]) -> dict[str, int]:
    """How many clauses have each status, all statuses named."""
    return {status.value: sum(clause.status is status for clause in clauses) for status in Standing}
