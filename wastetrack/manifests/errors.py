"""What can go wrong with manifests."""

from wastetrack.errors import Conflict, NotFound


class ManifestUnknown(NotFound):
    """No such manifest, or not one that this actor may know of."""


class OutOfOrder(Conflict):
    """The manifest is not in a state in which this can be signed."""


class Stale(Conflict):
    """The signer saw an older version than the one that stands."""
