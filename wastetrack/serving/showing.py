"""What an address may show of somebody's data; serving/shown.py says which address shows what."""

import dataclasses

from wastetrack.looks.model import LookKind


@dataclasses.dataclass(frozen=True, slots=True)
class Showing:
    """What an address shows, and which place or parameter of it (the first that is given) names the thing."""

    kind: LookKind
    named_by: tuple[str, ...] = ()
    personal: bool = False
    """Whether `?personal=true` adds the names of who acted."""
