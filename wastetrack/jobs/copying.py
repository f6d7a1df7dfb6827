"""Every night: the columnar copy of the records is renewed, where a folder for it is set, and the checks run over it;
the urgent ones run each minute over the live records.

By a process of its own: a day of a province fills memory and a core for minutes, and neither requests nor other jobs
shall wait for it. It may be killed at any moment; the next night goes on where it was.
"""

import asyncio
import contextlib
import logging
import os
import sys

from wastetrack.settings import Settings

_log = logging.getLogger(__name__)
_LINES_TOLD = 5
CHECKED = "checked.parquet"
"""What the checks told last, beside the copy: without it a night looks at the whole history."""
USUAL = "usual.json"
"""What was usual in the whole history, beside it: without it each minute looks for that in all live records."""


async def pass_night(settings: Settings) -> bool:
    """Renew the copy, then run the rules over it; whether both were done."""
    return await copy_records(settings) and await check_copy(settings)


async def copy_records(settings: Settings) -> bool:
    """Renew the copy; whether that was done. What went wrong stands in the log."""
    if settings.extract_dir is None:
        return False
    return await _done(settings, "The records are copied.", "copy", "--out", str(settings.extract_dir))


async def check_copy(settings: Settings) -> bool:
    """Run the rules over the copy, from where the night before left them, and publish what they find; whether that was
    done."""
    if settings.extract_dir is None:
        return False
    folder, state = str(settings.extract_dir), str(settings.extract_dir / CHECKED)
    known = ("--state", state, "--usual", str(settings.extract_dir / USUAL))
    return await _done(settings, "The checks have run.", "run", "--publish", "--data", folder, *known)


async def check_live(settings: Settings) -> bool:
    """Run the urgent rules over the live records; whether that was done."""
    if settings.extract_dir is None:
        return False
    known = str(settings.extract_dir / USUAL)
    return await _done(settings, "The urgent checks have run.", "urgent", "--usual", known, quiet=True)


async def _done(settings: Settings, told_after: str, *command: str, quiet: bool = False) -> bool:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "wastetrack.cli.main",
        "checks",
        *command,
        env=_surroundings(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        told, _ = await process.communicate()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    lines = " ".join(told.decode(errors="replace").split("\n")[-_LINES_TOLD:]).strip()
    if process.returncode:
        _log.error("`checks %s` failed (exit code %s): %s", command[0], process.returncode, lines)
        return False
    _log.log(logging.DEBUG if quiet else logging.INFO, "%s %s", told_after, lines)
    return True


def _surroundings(settings: Settings) -> dict[str, str]:
    """What that process has to know: where the records are. It asks as their owner, who sees them all.

    What is not set here is not set there: a demonstration must not reach the database of the deployment around it.
    """
    given = {
        "WASTETRACK_DATA_DIR": str(settings.data_dir),
        "WASTETRACK_DATABASE_URL": settings.database_url,
        "WASTETRACK_OWNER_DATABASE_URL": settings.owner_database_url,
        "WASTETRACK_EXTRACT_DATABASE_URL": settings.extract_database_url,
    }
    around = {name: value for name, value in os.environ.items() if name.upper() not in given}
    return {**around, **{name: value for name, value in given.items() if value is not None}}
