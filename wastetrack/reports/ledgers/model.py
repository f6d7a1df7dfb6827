"""The five ledgers of HJ 1259-2022 as frozen figures: kinds, batch codes, lines, totals and their check."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.mass import Mass
from wastetrack.parties.storerooms import StoreKind

ARTICLE: Final = "HJ 1259-2022 6.3"


class LedgerKind(StrEnum):
    """A link of the chain, with a ledger of its own (6.3.1 to 6.3.5, tables B.1 to B.5)."""

    GENERATED = "generated"  # 产生
    STORED = "stored"  # 入库
    TAKEN_OUT = "taken_out"  # 出库
    TREATED = "treated"  # 自行利用/处置
    CONTRACTED_OUT = "contracted_out"  # 委外利用/处置


class ReceiverType(StrEnum):
    """接收单位类型 (5.5.5 f)."""

    PERMIT_HOLDER = "permit_holder"  # 危险废物经营许可证持有单位
    EXEMPT_USER = "exempt_user"  # 危险废物利用处置环节豁免管理单位
    ABROAD = "abroad"  # 中华人民共和国境外的危险废物利用处置单位


class Whereto(StrEnum):
    """What became of a container next, where nobody wrote down its destination."""

    STORE = "store"  # into a store
    RECEIVER = "receiver"  # to a receiver outside
    TREATMENT = "treatment"  # into the site's own treatment
    REPACKING = "repacking"  # into other containers
    RECODING = "recoding"  # the same content, under another code
    MISSING = "missing"  # not found when stock was taken


# HJ 1033 annex F counts R as use and D as disposal; of the other groups these are uses by their words (building
# material, washing of packagings; iron and cement from chromium slag).
USES: Final = "^(R|(C2|C3|G23|G24)$)"
"""Method codes that are use (利用) and not disposal (处置), as a regular expression of PostgreSQL and of Python."""


def is_landfill(method: str) -> bool:
    """Whether waste stays where it is put; records of that are kept for ever."""
    return method == "D1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One container in one ledger. `mass` is negative, or a difference, where `corrects` says that it changes what an
    earlier line of the same batch stated: a container that came back, a second weighing."""

    kind: LedgerKind
    batch: str | None
    """None for the second until the log has placed its event."""
    event_id: UUID
    day: date
    happened_at: datetime
    container_id: UUID | None
    digital_code: str
    packaging: str
    waste_code: str
    waste_name: str
    own_name: str
    mass: Mass
    corrects: bool
    store_code: str
    store_kind: StoreKind | None
    facility_code: str
    handler: str
    carrier_handler: str
    destination: str
    whereto: Whereto | None
    method: str
    finished_at: datetime | None
    receiver: str
    receiver_type: ReceiverType | None
    receiver_region: str
    permit_number: str
    manifest_number: str
    links: tuple[str, ...]
    """Batches that this one follows from: of generation for what is stored, of storing for what is taken out, of
    taking out (or of generation, for what was never in store) for what is treated or sent."""

    @property
    def is_of_its_moment(self) -> bool:
        """Whether the act was recorded on the day on which it happened, so that its hour is known too."""
        return legal_day(self.happened_at) == self.day

    @property
    def category(self) -> str:
        """危险废物类别: HW and the last two digits of the code."""
        return f"{'SW' if self.waste_code[-3] == 'S' else 'HW'}{self.waste_code[-2:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movements:
    """What stood there, what came and went, what stands there."""

    start: Mass
    generated: Mass
    received: Mass
    treated: Mass
    contracted_out: Mass
    differences: Mass
    """Stock-takes, repackings and opening stock: what changed the stock and is none of the others."""

    @property
    def end(self) -> Mass:
        """Stock at the end of the period."""
        came = self.start + self.generated + self.received + self.differences
        return came - self.treated - self.contracted_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One waste code over a period, as the ledgers tell it and as the mass ledger tells it."""

    waste_code: str
    told: Movements
    booked: Movements
    standing: Mass
    """The balance of the stored account at the end."""

    @property
    def agrees(self) -> bool:
        """Whether both say the same to the gram, and the stock that follows is the one that stands."""
        return self.told == self.booked and self.told.end == self.standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from `since` to `until`, both counted."""

    since: date
    until: date
