"""Balances against postings, and containers against balances."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from wastetrack.db.session import ReadSession
from wastetrack.ledger.model import PHYSICAL, Account, AccountKind
from wastetrack.manifests.model import ON_THE_ROAD, ManifestState
from wastetrack.reports.auditing.entries import count_rest, key_of
from wastetrack.reports.auditing.findings import MOST_KEPT, Fault, Finding, Report

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

_ACCOUNTS = """
select account.id, account.kind, account.holder_id, account.detail, account.waste_code, account.balance_g,
  coalesce(posted.grams, 0) as posted_g
from (select * from accounts where $1::uuid is null or id > $1 order by id limit $2) account
  left join lateral (
    select sum(amount_g) as grams from postings where postings.account_id = account.id
  ) posted on true
order by account.id
"""
_NO_ACCOUNT = """
select count(*) over () as faults, posting.account_id, sum(posting.amount_g) as grams
from postings posting left join accounts account on account.id = posting.account_id
where account.id is null group by posting.account_id order by posting.account_id limit $1
"""
_TOTALS = """
select count(*) over () as faults, waste_code, sum(balance_g) as grams
from accounts group by waste_code having sum(balance_g) <> 0 order by waste_code limit $1
"""
_HELD = """
with held as (
  select {holder} as holder_id, waste_code, sum(net_g) as grams, count(*) as containers
  from containers where state = '{state}' group by 1, 2
), booked as (
  select holder_id, waste_code, sum(balance_g) as grams from accounts where kind = '{account}' group by 1, 2
)
select count(*) over () as faults, holder_id, waste_code,
  coalesce(held.grams, 0) as held_g, coalesce(held.containers, 0) as containers, coalesce(booked.grams, 0) as booked_g
from held full join booked using (holder_id, waste_code)
where coalesce(held.grams, 0) <> coalesce(booked.grams, 0)
order by holder_id, waste_code limit $1
"""
_STANDING = _HELD.format(holder="site_id", state="at_site", account="stored")
_TRAVELLING = _HELD.format(holder="manifest_id", state="in_transit", account="in_transit")
_LEFT_ON_ROAD = """
select count(*) over () as faults, manifest.id, manifest.number, manifest.state, account.waste_code, account.balance_g
from accounts account left join manifests manifest on manifest.id = account.holder_id
where account.kind = 'in_transit' and account.balance_g <> 0
  and (manifest.id is null or manifest.state <> all($2::text[]))
order by account.holder_id, account.waste_code limit $1
"""
_KINDS = frozenset(kind.value for kind in AccountKind)
_UNDER_WAY = sorted(
    state.value for state in (*ON_THE_ROAD, ManifestState.ARRIVED, ManifestState.RETURNING, ManifestState.RUNNING)
)


async def check_balances(session: ReadSession, report: Report, *, page: int, progress: Callable[[int], None]) -> None:
    """Each balance is the sum of its postings, none that is physical is negative, and all of a code add to zero."""
    driver = await session.driver()
    after: UUID | None = None
    while rows := await driver.fetch(_ACCOUNTS, after, page):
        after = rows[-1]["id"]
        for row in rows:
            _check_account(row, report)
        report.accounts += len(rows)
        progress(len(rows))
    rows = await driver.fetch(_NO_ACCOUNT, MOST_KEPT)
    for row in rows:
        message = "Postings of {found} g are on {row}, which does not exist."
        report.add(Finding(Fault.BALANCE_WRONG, f"account {row['account_id']}", message, None, int(row["grams"])))
    count_rest(report, Fault.BALANCE_WRONG, rows)
    rows = await driver.fetch(_TOTALS, MOST_KEPT)
    for row in rows:
        message = "All accounts of {row} together hold {found} g instead of nothing."
        report.add(Finding(Fault.TOTAL_NOT_ZERO, f"waste code {row['waste_code']}", message, 0, int(row["grams"])))
    count_rest(report, Fault.TOTAL_NOT_ZERO, rows)


def _check_account(row: "asyncpg.Record", report: Report) -> None:
    name = f"account {key_of(row, row['kind'])} of {row['waste_code']}"
    posted, balance = int(row["posted_g"]), row["balance_g"]
    if posted != balance:
        message = "{row} has a balance of {found} g; its postings add to {expected} g."
        report.add(Finding(Fault.BALANCE_WRONG, name, message, posted, balance))
    if row["kind"] in PHYSICAL and balance < 0:
        message = "{row} holds {found} g, less than nothing."
        report.add(Finding(Fault.BALANCE_NEGATIVE, name, message, "≥ 0", balance))
    if row["kind"] not in _KINDS:
        message = "{row} is of no known kind."
        report.add(Finding(Fault.ACCOUNT_MISNAMED, name, message, ", ".join(sorted(_KINDS)), row["kind"]))
        return
    expected = Account(AccountKind(row["kind"]), row["holder_id"], row["detail"]).id_for(row["waste_code"])
    if row["id"] != expected:
        message = "{row} has the id {found}; the digest of its name is {expected}."
        report.add(Finding(Fault.ACCOUNT_MISNAMED, name, message, str(expected), str(row["id"])))


async def check_masses(session: ReadSession, report: Report) -> None:
    """The containers at a site weigh what its account says; so do those on a manifest; nothing is left on the road."""
    driver = await session.driver()
    for query, fault, name, message in (
        (
            _STANDING,
            Fault.SITE_DIFFERS,
            "site {}",
            "{containers} containers of {waste_code} at {row} weigh {found} g; its account says {expected} g.",
        ),
        (
            _TRAVELLING,
            Fault.ROAD_DIFFERS,
            "manifest {}",
            "{containers} containers of {waste_code} on {row} weigh {found} g; its account says {expected} g.",
        ),
    ):
        rows = await driver.fetch(query, MOST_KEPT)
        for row in rows:
            facts = {"waste_code": row["waste_code"], "containers": row["containers"]}
            holder = name.format(row["holder_id"])
            report.add(Finding(fault, holder, message, int(row["booked_g"]), int(row["held_g"]), facts))
        count_rest(report, fault, rows)
    rows = await driver.fetch(_LEFT_ON_ROAD, MOST_KEPT, _UNDER_WAY)
    for row in rows:
        facts = {"waste_code": row["waste_code"], "state": row["state"], "number": row["number"]}
        message = "{row} ({number}) is {state}, yet {found} g of {waste_code} are in transit on it."
        report.add(Finding(Fault.ROAD_NOT_EMPTY, f"manifest {row['id']}", message, 0, row["balance_g"], facts))
    count_rest(report, Fault.ROAD_NOT_EMPTY, rows)
