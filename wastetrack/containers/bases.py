"""On what ground a receiver takes waste, and which checks that asks for: one table."""

from dataclasses import dataclass
from enum import StrEnum


class TransferBasis(StrEnum):
    """On what ground the receiver may take the waste; it decides which checks apply."""

    PERMIT = "permit"  # an operating permit of the receiver (固废法 art. 80)
    EXEMPT = "exempt"  # an item of the exemption list (名录 annex), under its conditions
    POINT_TO_POINT = "point_to_point"  # “点对点” use, approved for two firms with a cap
    GROUP_INTERNAL = "group_internal"  # facilities shared within a group of firms, approved with a cap
    GENERAL = "general"  # general industrial solid waste, which is not hazardous (固废法 art. 36, 37)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What a basis asks of a transfer."""

    permit: bool
    """Lines of the receiver's operating permit cover each code, and its yearly quantity (固废法 art. 80)."""
    licence: bool
    """The carrier is licensed for dangerous goods (令23 art. 13)."""
    approval: bool
    """An approval of its own, with a cap, covers each code."""
    exemption: bool
    """Items of the exemption list are named, whose conditions the shipper declares to hold."""
    hazardous: bool
    """The codes are those of hazardous wastes; otherwise those of general industrial solid wastes."""


CHECKS: dict[TransferBasis, Checks] = {
    TransferBasis.PERMIT: Checks(permit=True, licence=True, approval=False, exemption=False, hazardous=True),
    # Permit and licence stay for the links that the named items do not exempt.
    TransferBasis.EXEMPT: Checks(permit=True, licence=True, approval=False, exemption=True, hazardous=True),
    TransferBasis.POINT_TO_POINT: Checks(permit=False, licence=True, approval=True, exemption=False, hazardous=True),
    TransferBasis.GROUP_INTERNAL: Checks(permit=False, licence=True, approval=True, exemption=False, hazardous=True),
    TransferBasis.GENERAL: Checks(permit=False, licence=False, approval=False, exemption=False, hazardous=False),
}
