"""What a use case refuses, and what the books say after it, in the words of the ledger."""

import json
from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from wastetrack.containers.queries import standing_mass
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken, RuleBroken
from wastetrack.ledger import queries as ledger
from wastetrack.ledger.model import AccountKind


async def rules_broken(work: Awaitable[object]) -> tuple[Broken, ...]:
    """All the rules for which the work was refused."""
    with pytest.raises(RuleBroken) as refused:
        await work
    return refused.value.broken


async def codes_broken(work: Awaitable[object]) -> list[str]:
    """The codes of these rules, sorted."""
    return sorted(rule.code for rule in await rules_broken(work))


async def balances(session: ReadSession, *holders: UUID) -> dict[str, int]:
    """What the holders' accounts hold, by kind and detail, in grams."""
    held: dict[str, int] = {}
    for line in await ledger.balances_of(session, *holders):
        name = f"{line.account.kind.value}:{line.account.detail}".rstrip(":")
        held[name] = held.get(name, 0) + line.balance_g
    return held


async def books_and_containers_agree(session: ReadSession, *sites: UUID) -> bool:
    """Whether the containers that stand at each site hold just what its `stored` accounts say."""
    for site_id in sites:
        stored = await ledger.balances_of(session, site_id, kind=AccountKind.STORED)
        if {line.waste_code: line.balance_g for line in stored} != await standing_mass(session, site_id):
            return False
    return True


async def events_about(session: ReadSession, subject_id: UUID) -> list[dict[str, Any]]:
    """What the log says of a subject, in the order of arrival."""
    rows = await session.execute(
        text(
            "select convert_from(bytes, 'utf8') from log_leaves join log_subjects using (arrival) "
            "where subject_id = :subject order by arrival"
        ),
        {"subject": subject_id},
    )
    return [json.loads(content) for (content,) in rows]
