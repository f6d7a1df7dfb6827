"""What can go wrong with containers."""

from wastetrack.errors import Conflict, NotFound


class ContainerUnknown(NotFound):
    """No such container, or not one that this actor may know of."""


class ContainerElsewhere(Conflict):
    """The container is not, or no longer, where the request supposes it."""


class StockTakeOpen(Conflict):
    """The place is being counted already."""


class StockTakeEnded(Conflict):
    """The count is finished or dropped."""


class LabelReplaced(Conflict):
    """The label that is to be drawn was replaced by another one meanwhile, and is void."""


class BatchUnknown(NotFound):
    """No such treatment batch, or not one that this actor may know of."""


class BatchOver(Conflict):
    """The batch does not run any more."""
