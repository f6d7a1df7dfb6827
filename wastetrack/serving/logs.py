"""Logs: one JSON object per line on standard error, with the id of the request it belongs to.

Never in a log: passwords, tokens, cookies, bodies, query values. The access line names the path, the person's id and
the time taken, and that is enough to follow one request through all lines by `request_id`.
"""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

from wastetrack.serving.scrubbing import scrubbed_line

request_id: ContextVar[str] = ContextVar("request_id", default="-")
names: ContextVar[tuple[str, ...]] = ContextVar("names", default=())
"""Names of persons that belong to this request: whoever acts. No line of its log holds them."""
access_log = logging.getLogger("wastetrack.access")

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """A record as one line; whatever is given as `extra` becomes a member of the object."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "log": record.name,
            "request_id": request_id.get(),
            "message": record.getMessage(),
        }
        line.update((name, value) for name, value in vars(record).items() if name not in _OWN)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return scrubbed_line(line, names.get())


def configure(level: int = logging.INFO) -> None:
    """Send everything to standard error as JSON lines; for the server and the worker, not for tests."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # uvicorn's own access line would tell each request a second time, with query values.
    logging.getLogger("uvicorn.access").disabled = True
