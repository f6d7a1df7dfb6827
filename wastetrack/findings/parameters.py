"""The numbers that a deployer sets instead of a rule's defaults, each with its reason."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import refuse_one
from wastetrack.findings.tables import CheckParameterRow


async def parameters(session: ReadSession) -> dict[str, dict[str, float]]:
    """All that are set, by rule and name."""
    found: dict[str, dict[str, float]] = {}
    for row in await set_now(session):
        found.setdefault(row.rule, {})[row.name] = row.value
    return found


async def set_now(session: ReadSession) -> list[CheckParameterRow]:
    """The same with their reasons."""
    wanted = sa.select(CheckParameterRow).order_by(col(CheckParameterRow.rule), col(CheckParameterRow.name))
    return list(await session.scalars(wanted))


async def set_parameter(
    session: WriteSession, rule: str, name: str, value: float | None, why: str, *, at: datetime
) -> None:
    """Set a number, or give the rule its default back (None). Whether the rule has it is the caller's to know."""
    if not why.strip():
        refuse_one("why", "reason_missing", "This is needed.", next_step="Say where the number comes from.")
    if value is None:
        await session.execute(
            sa.delete(CheckParameterRow).where(col(CheckParameterRow.rule) == rule, col(CheckParameterRow.name) == name)
        )
        return
    told = {"value": value, "why": why.strip(), "set_at": at}
    put = insert(CheckParameterRow).values(rule=rule, name=name, **told)
    await session.execute(put.on_conflict_do_update(index_elements=["rule", "name"], set_=told))
