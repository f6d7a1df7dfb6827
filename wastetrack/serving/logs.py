"""Logs: one JSON object per line on standard error, with the id of the request it belongs to.

Never in a log: passwords, tokens, cookies, bodies, query values. The access line names the path, the person's id and
the time taken, and that is enough to follow one request through all lines by `request_id`.
"""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="-")
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
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: int = logging.INFO) -> None:
    """Send everything to standard error as JSON lines; for the server and the worker, not for tests."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # uvicorn's own access line would tell each request a second time, with query values.
    logging.getLogger("uvicorn.access").disabled = True
