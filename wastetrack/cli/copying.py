"""`wastetrack checks copy`: the product's own records as an extract, for `checks run`."""

import importlib.util
import time
from pathlib import Path
from typing import Annotated

import orjson
import typer

from wastetrack import settings
from wastetrack.db import addresses, migrating, roles
from wastetrack.db.opening import reached
from wastetrack.errors import Malformed, Unavailable

_Out = Annotated[
    Path | None, typer.Option("--out", help="Folder of the copy; default: WASTETRACK_EXTRACT_DIR, if that is set")
]


def copy(
    out: _Out = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Make every file anew, whatever stands there")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead")] = False,
) -> None:
    """Write the records of this deployment as an extract, or renew the months of it in which something changed.

    A server may run on the same database meanwhile. Who reads the folder sees one moment, before or after; a copy that
    was killed is gone on with by the next.
    """
    if importlib.util.find_spec("adbc_driver_postgresql") is None:
        raise Unavailable(
            "copy_not_installed", "The copy needs {missing}: pip install 'wastetrack[checks]'.", missing="ADBC"
        )
    from wastetrack.extracts.copying import copy as bring  # noqa: PLC0415  needs libraries that may not be installed

    given = settings.load()
    folder = out or given.extract_dir
    if folder is None:
        raise Malformed("copy_nowhere", "Say with --out into which folder to copy, or set WASTETRACK_EXTRACT_DIR.")
    began = time.perf_counter()
    with reached(given, join=True) as found:
        url = given.extract_database_url or found.owner_url
        roles.refuse_bound(url)
        migrating.ensure_current(found.owner_url, embedded=given.database_url is None)
        copied = bring(addresses.over("", url), folder, full=full)
    told = {
        "folder": str(folder),
        "as_of": copied.state.as_of,
        "log_size": copied.state.log_size,
        "rows": copied.rows,
        "files_written": copied.written,
        "files_kept": copied.kept,
        "seconds": round(time.perf_counter() - began, 3),
    }
    if as_json:
        typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo(
            f"{folder}: {copied.rows:,} rows as of {copied.state.as_of}; {copied.written} files written, "
            f"{copied.kept} still as they were; {told['seconds']:.1f} s."
        )
