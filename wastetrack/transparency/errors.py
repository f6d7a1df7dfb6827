"""What can be wrong with a leaf, a proof, a signed note or the log itself; each error carries its evidence as facts."""

from wastetrack.errors import Conflict, Malformed, NotFound, Unavailable


class LeafRefused(Malformed):
    """These bytes, or this event, are not a leaf of any version we know."""


class ProofRefused(Malformed):
    """A proof does not prove what it claims; the facts hold the claim and what was computed."""


class NoteRefused(Malformed):
    """A signed note (checkpoint, receipt, key) cannot be read, or its signature does not hold."""


class LeafExists(Conflict):
    """An event of this identifier is in the log already."""


class LeafUnknown(NotFound):
    """No such event in the log."""


class NotYetSequenced(Conflict):
    """The event is committed and its receipt given, but no checkpoint covers it yet."""


class SizeUnknown(NotFound):
    """The log has not published a tree of this size."""


class LogInconsistent(Conflict):
    """Stored leaves, nodes and checkpoints disagree; nothing is signed on top of that."""


class SigningKeyUnusable(Unavailable):
    """The file with the log's signing key is missing, of the wrong size or open to others."""


class EvidenceRefused(Malformed):
    """The evidence of a signed event does not show what it claims."""
