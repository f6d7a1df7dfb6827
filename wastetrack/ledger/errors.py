"""What can go wrong in the ledger."""

from wastetrack.errors import Conflict, WastetrackError


class UnbalancedEntry(WastetrackError):  # noqa: N818  named by what it is
    """Mass would appear or vanish. Our own mistake, never the caller's."""


class WouldBeNegative(Conflict):
    """A physical account would hold less than nothing: the mass is not there to be moved."""


class AlreadyReversed(Conflict):
    """An entry can be reversed once."""
