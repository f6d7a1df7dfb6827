"""Who does which kind of long work; a room's handler is registered here under its kind."""

from collections.abc import Mapping

from wastetrack.jobs.long_work import Handler

HANDLERS: Mapping[str, Handler] = {}
"""The kind of a long task → who does it."""
