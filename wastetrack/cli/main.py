"""The `wastetrack` command: its parts, and what an error looks like on the way out.

Each error is one line on standard error. Exit codes:

    0   done
    1   a check found something wrong, or an error of the program itself (then with its trace)
    2   wrong usage, or a value that cannot be read
    3   the rules forbid it
    4   it is not there
    5   conflict: the thing, the folder or the database is not in the state that this needs
    6   not signed in, or not allowed
    7   something outside is missing: the database, the disk, the network; trying later may help
    8   cut short: a time limit came first; what was found by then is told, with what is known of the best
    130 interrupted
"""

import importlib
import os
import sys
from typing import Annotated, Any

import pydantic
import typer
from typer.core import TyperGroup

import wastetrack
from wastetrack import errors

# Name of the command → where its Typer application is. Imported when used: `--version` must not load the database.
PARTS = {
    "attachments": "wastetrack.cli.attachments",
    "audit": "wastetrack.cli.audit",
    "bench": "wastetrack.cli.bench",
    "capacity": "wastetrack.cli.capacity",
    "checks": "wastetrack.cli.checks",
    "db": "wastetrack.cli.db",
    "demo": "wastetrack.cli.demo",
    "import": "wastetrack.cli.imports",
    "positions": "wastetrack.cli.positions",
    "zones": "wastetrack.cli.zones",
    "journey": "wastetrack.cli.journey",
    "privacy": "wastetrack.cli.privacy",
    "regulations": "wastetrack.cli.regulations",
    "security": "wastetrack.cli.security",
    "serve": "wastetrack.cli.serve",
    "simulate": "wastetrack.cli.simulate",
    "worker": "wastetrack.cli.worker",
    "surge": "wastetrack.cli.surge",
}
_EXIT_CODES: tuple[tuple[type[errors.WastetrackError], int], ...] = (
    (errors.Malformed, 2),
    (errors.RuleBroken, 3),
    (errors.NotFound, 4),
    (errors.Conflict, 5),
    (errors.Unauthenticated, 6),
    (errors.Forbidden, 6),
    (errors.Throttled, 7),
    (errors.Unavailable, 7),
)


class PartsOnDemand(TyperGroup):
    """Finds a part's commands by PARTS, and imports no more than the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002  Typer's own context
        """All names, in the order of PARTS."""
        return list(PARTS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002
        """The part of that name."""
        if cmd_name not in PARTS:
            return None
        command = typer.main.get_command(importlib.import_module(PARTS[cmd_name]).app)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="wastetrack",
    cls=PartsOnDemand,
    no_args_is_help=True,
    # A trace with local variables could show a password.
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  a flag of the command line
    if wanted:
        typer.echo(f"wastetrack {wastetrack.__version__}")
        raise typer.Exit


@app.callback()
def wastetrack_command(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Track waste from the container's label to its treatment, in books that balance and a log that can be proved."""


def main() -> None:
    """Run the command line; ends the process."""
    try:
        app()
    except errors.WastetrackError as error:
        _leave(error)
    except pydantic.ValidationError as error:
        if error.title != "Settings":
            raise
        _leave(_wrong_settings(error))
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter must not complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        plain = _about_the_outside(error)
        if plain is None:
            raise
        _leave(plain)


def exit_code(error: errors.WastetrackError) -> int:
    """The exit code of an error's family."""
    return next(code for family, code in _EXIT_CODES if isinstance(error, family))


def _leave(error: errors.WastetrackError) -> None:
    told = map(_broken, error.broken) if isinstance(error, errors.RuleBroken) else (str(error),)
    for one in told:
        typer.echo(f"wastetrack: {' '.join(one.split())}", err=True)
    sys.exit(exit_code(error))


def _broken(rule: errors.Broken) -> str:
    """One line a broken rule; a sentence that names its file needs no other place."""
    sentence = rule.sentence()
    place = "" if sentence.startswith(rule.field.partition(":")[0]) else f"{rule.field}: "
    return f"{place}{sentence} {rule.next_step} [{rule.code}]"


def _wrong_settings(error: pydantic.ValidationError) -> errors.Malformed:
    wrong = "; ".join(f"WASTETRACK_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors())
    return errors.Malformed("settings.wrong", "Wrong settings: {wrong}", wrong=wrong)


def _about_the_outside(error: Exception) -> errors.Unavailable | None:
    from wastetrack.db.connecting import explained  # noqa: PLC0415  only on the way out

    if (plain := explained(error, "in use")) is not None:
        if not isinstance(error, OSError):
            return plain
        subject = f"{error.filename}: " if error.filename else ""
        return errors.Unavailable(
            "system.refused", "The system says: {reason}", reason=f"{subject}{error.strerror or error}"
        )
    return None


if __name__ == "__main__":
    main()
