"""What can go wrong with approvals."""

from wastetrack.errors import Conflict, NotFound


class ApprovalUnknown(NotFound):
    """There is no such application, or the actor does not see it."""


class OutOfTurn(Conflict):
    """The step is not one that follows upon the state of the application."""


class Changed(Conflict):
    """Somebody changed the application after the actor read it."""
