"""The mass ledger: what accounts hold, and how they came to it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Shown, problems
from wastetrack.db.windows import Window
from wastetrack.errors import refuse_one
from wastetrack.ledger import queries
from wastetrack.ledger.model import Account, AccountKind
from wastetrack.reports import books
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line

router = RoomRouter(prefix="/ledger", tags=["ledger"])

SiteId = Annotated[UUID | None, Query(description="One's own site, or one in one's region")]
ManifestId = Annotated[UUID | None, Query(description="A manifest that one may see")]


class BalanceShown(Shown):
    """What an account holds of one waste code; debit positive."""

    account: str
    kind: str
    detail: str
    waste_code: str
    balance_g: int


class Balances(Shown):
    """All balances of a holder that are not zero."""

    holder_id: UUID
    balances: list[BalanceShown]


class StatementLineShown(Shown):
    """One posting, and its code's balance after it. `entry_id` is the id of the event in the log."""

    entry_id: UUID
    kind: str
    happened_at: datetime
    recorded_at: datetime
    waste_code: str
    amount_g: int
    balance_g: int


class Statement(Shown):
    """The newest postings of an account, newest first."""

    account: str
    lines: list[StatementLineShown]


@router.get("/balances", response_model=Balances, responses=problems(404, 422))
async def balances(work: Reading, site_id: SiteId = None, manifest_id: ManifestId = None) -> Response:
    """What a site or a manifest holds, by account and waste code."""
    holder_id = await _holder(work, site_id, manifest_id)
    found = await queries.balances_of(work.session, holder_id)
    shown = [
        BalanceShown(
            account=one.account.key,
            kind=one.account.kind.value,
            detail=one.account.detail,
            waste_code=one.waste_code,
            balance_g=one.balance_g,
        )
        for one in found
    ]
    return answer(Balances(holder_id=holder_id, balances=shown))


@router.get("/statement", response_model=Statement, responses=problems(404, 422))
async def statement(
    *,
    work: Reading,
    kind: AccountKind,
    site_id: SiteId = None,
    manifest_id: ManifestId = None,
    detail: Annotated[Line, Query(description="Method or kind of discrepancy, where the kind has one")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Response:
    """How one account came to what it holds."""
    account = Account(kind, await _holder(work, site_id, manifest_id), detail)
    lines = await queries.statement(work.session, account, Window(limit=limit))
    return answer(Statement(account=account.key, lines=[StatementLineShown.model_validate(line) for line in lines]))


async def _holder(work: ReadWork, site_id: UUID | None, manifest_id: UUID | None) -> UUID:
    if site_id is not None and manifest_id is None:
        return await books.site_with_books(work.session, work.actor, site_id)
    if manifest_id is not None and site_id is None:
        return await books.manifest_with_books(work.session, work.actor, manifest_id)
    message = "Name either a site or a manifest."
    return refuse_one("site_id", "one_holder_needed", message, next_step="Give site_id or manifest_id, not both.")
