"""What was usual in the whole history when it was last looked at: speeds of lanes, hours of gates, how many lack a
licence. A run over all records leaves it in a file; an urgent run, which sees a few days, holds these against it.

The file is replaced whole. What rests in a run stays as its last look told it; what nobody has asked for in two months
is forgotten.
"""

import dataclasses
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from wastetrack.errors import Malformed
from wastetrack.extracts.reading import Records

_KEPT = timedelta(days=62)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """A small table, as JSON has it."""

    as_of: datetime
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]


def read_usual(path: Path) -> Mapping[str, Usual]:
    """By name; nothing where there is no file yet. Raises Malformed when it is none of ours."""
    try:
        told = json.loads(path.read_bytes())
        return {
            name: Usual(
                as_of=datetime.fromisoformat(one["as_of"]), columns=tuple(one["columns"]), rows=tuple(one["rows"])
            )
            for name, one in told.items()
        }
    except FileNotFoundError:
        return {}
    except (AttributeError, KeyError, TypeError, ValueError, OSError) as error:
        message = "{path} does not say what is usual ({error}); remove it, and the next night writes it anew."
        raise Malformed("usual_unreadable", message, path=str(path), error=str(error)[:200]) from error


def write_usual(path: Path, records: Records, as_of: datetime) -> None:
    """Put what the rules have asked of these records, which are all there are, beside what was known before."""
    kept = {name: one for name, one in read_usual(path).items() if one.as_of > as_of - _KEPT}
    kept |= usual_of(records, as_of)
    told = {name: {**dataclasses.asdict(one), "as_of": one.as_of.isoformat()} for name, one in kept.items()}
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(told, ensure_ascii=False, default=_plain))
    new.replace(path)


def usual_of(records: Records, as_of: datetime) -> dict[str, Usual]:
    """What the rules have asked of these records."""
    found = {}
    for name, table in records.usuals.items():
        rows = table.to_pyarrow()
        found[name] = Usual(as_of=as_of, columns=tuple(rows.column_names), rows=tuple(rows.to_pylist()))
    return found


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is nothing that is usual")
