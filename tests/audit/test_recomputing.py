"""Full recomputation: clean where nobody tampered, and naming the very row where somebody did."""

import json

import pytest
from sqlalchemy import text

from tests.audit.eventful import SIGNER
from tests.audit.tampering import assert_named, audited, tampered
from wastetrack.db.session import WriteSession
from wastetrack.reports.auditing.findings import MOST_KEPT, Fault
from wastetrack.reports.auditing.running import Stage, recompute
from wastetrack.transparency.auditing import Fault as LogFault


async def test_a_history_nobody_touched_is_consistent(forger: WriteSession) -> None:
    told: list[tuple[Stage, int, int]] = []
    report = await recompute(
        forger, SIGNER.verifier, progress=lambda stage, more, total: told.append((stage, more, total)), page=7
    )
    assert [finding.sentence() for finding in report.findings] == []
    assert report.consistent
    tables = {
        "entries": "entries",
        "postings": "postings",
        "accounts": "accounts",
        "containers": "containers",
        "manifests": "manifests",
        "leaves": "log_leaves",
        "signatures": "manifest_signatures",
    }
    counts = ", ".join(f"(select count(*) from {table}) as {name}" for name, table in tables.items())  # noqa: S608  our tables
    counted = (await forger.execute(text(f"select {counts}"))).one()._asdict()
    assert {name: getattr(report, name) for name in counted} == counted
    assert report.waiting == 1
    assert report.checkpoints == 2
    for stage in Stage:
        steps = [(more, total) for at, more, total in told if at is stage]
        assert sum(more for more, _ in steps) == steps[0][1] > 0, stage


async def test_another_key_did_not_sign_the_checkpoints(forger: WriteSession) -> None:
    stranger = type(SIGNER)(SIGNER.name, bytes(32))
    report = await recompute(forger, stranger.verifier)
    assert_named(report, LogFault.CHECKPOINT_SIGNATURE, "log")


_BEFORE_THE_FIRST_LABEL = text(
    "select count(*) from log_leaves "
    "where arrival < (select min(arrival) from log_leaves where kind = 'container_labelled')"
)
"""How many events stand before it: the plans and the contract of the small world."""


async def test_an_edited_event_is_named_and_so_is_the_posting_it_now_contradicts(forger: WriteSession) -> None:
    row = await tampered(
        forger,
        r"""update log_leaves set bytes = forged.bytes, hash = sha256('\x00'::bytea || forged.bytes)
        from (select arrival, convert_to(replace(convert_from(bytes, 'UTF8'), '180000', '179000'), 'UTF8') as bytes
          from log_leaves where kind = 'container_labelled' order by arrival limit 1) forged
        where log_leaves.arrival = forged.arrival returning log_leaves.id""",
    )
    index = await forger.scalar(_BEFORE_THE_FIRST_LABEL)
    report = await audited(forger)
    assert_named(report, LogFault.LEAF_NOT_IN_TREE, row.id, f"index {index}")
    assert_named(report, Fault.POSTING_DIFFERS, row.id, "line 1")


async def test_a_removed_event_is_named_and_its_entry_stands_alone(forger: WriteSession) -> None:
    index = await forger.scalar(_BEFORE_THE_FIRST_LABEL)
    row = await tampered(
        forger,
        "delete from log_leaves where arrival = "
        "(select min(arrival) from log_leaves where kind = 'container_labelled') returning id, arrival",
    )
    report = await audited(forger)
    assert_named(report, LogFault.LEAF_MISSING, f"index {index}")
    assert_named(report, Fault.ENTRY_WITHOUT_LEAF, row.id)


_REWRITE = r"""
update log_leaves set bytes = forged.bytes, hash = sha256('\x00'::bytea || forged.bytes)
from (select arrival, convert_to(replace(convert_from(bytes, 'UTF8'), :old, :new), 'UTF8') as bytes
  from log_leaves where kind = :kind order by arrival limit 1) forged
where log_leaves.arrival = forged.arrival returning log_leaves.id
"""


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("manifest_filed", '"kind":"manifest_filed"', '"kind":"container_weighed"'),
        ("manifest_filed", '"containers":[', '"containers":[7,'),
        ("manifest_filed", '"state":"filed"', '"state":{"a":[]}'),
        ("container_labelled", '"net_g":180000', '"net_g":"180000"'),
        ("containers_repacked", '"from":[', '"from":[null,'),
        ("container_scanned", '"outcome":"accepted"', '"outcome":[]'),
        ("container_labelled", '"postings":[', '"postings":[{},'),
        ("container_labelled", "{", "["),
    ],
)
async def test_whatever_an_event_was_changed_into_it_is_named_and_the_rest_is_still_checked(
    forger: WriteSession, kind: str, old: str, new: str
) -> None:
    row = await tampered(forger, _REWRITE, kind=kind, old=old, new=new)
    report = await audited(forger)
    assert_named(report, LogFault.LEAF_NOT_IN_TREE, row.id)
    json.dumps(report.as_json())
    assert report.manifests > 5


async def test_a_wrong_node_is_named(forger: WriteSession) -> None:
    await tampered(
        forger, "update log_nodes set hash = sha256('no') where level = 1 and position = 3 returning position"
    )
    report = await audited(forger)
    assert_named(report, LogFault.NODE_WRONG, "log")
    assert "level 1, position 3" in report.findings[0].sentence()


async def test_an_account_of_no_known_kind_is_named(forger: WriteSession) -> None:
    await forger.execute(text("alter table accounts drop constraint ck_accounts_kind"))
    row = await tampered(
        forger,
        "update accounts set kind = 'mislaid' where id = (select id from accounts where kind = 'stored' limit 1) "
        "returning holder_id",
    )
    report = await audited(forger)
    assert_named(report, Fault.ACCOUNT_MISNAMED, "mislaid", row.holder_id)
    assert Fault.POSTING_DIFFERS in report.by_fault


async def test_an_edited_posting_is_named_with_both_values(forger: WriteSession) -> None:
    row = await tampered(
        forger,
        """update postings set amount_g = amount_g + 1 where line = 1 and entry_id = (
        select id from entries where kind = 'picked_up' order by id limit 1) returning entry_id, amount_g""",
    )
    report = await audited(forger)
    assert_named(report, Fault.POSTING_DIFFERS, row.entry_id, "line 1")
    assert_named(report, Fault.ENTRY_UNBALANCED, row.entry_id)
    assert_named(report, Fault.BALANCE_WRONG, "in_transit@")
    finding = next(finding for finding in report.findings if finding.fault == Fault.POSTING_DIFFERS)
    assert f"{row.amount_g} g" in str(finding.found)
    assert f"{row.amount_g - 1} g" in str(finding.expected)


async def test_a_pair_of_postings_changed_so_that_all_sums_still_hold_is_named(forger: WriteSession) -> None:
    entry_id = (
        await forger.execute(text("select id from entries where kind = 'generated' order by id limit 1"))
    ).scalar()
    await forger.execute(
        text(
            "with changed as (update postings set amount_g = amount_g + sign(amount_g) * 500 where entry_id = :id "
            "returning account_id, sign(amount_g) * 500 as more) "
            "update accounts set balance_g = balance_g + more from changed where id = account_id"
        ),
        {"id": entry_id},
    )
    report = await audited(forger)
    assert_named(report, Fault.POSTING_DIFFERS, entry_id, "line 1")
    assert_named(report, Fault.POSTING_DIFFERS, entry_id, "line 2")
    assert_named(report, Fault.SITE_DIFFERS, "site")
    assert Fault.BALANCE_WRONG not in report.by_fault


async def test_a_deleted_posting_is_named(forger: WriteSession) -> None:
    row = await tampered(
        forger,
        """delete from postings where line = 2 and entry_id = (
        select id from entries where kind = 'treated') returning entry_id""",
    )
    assert_named(await audited(forger), Fault.POSTING_MISSING, row.entry_id, "line 2")


async def test_an_added_posting_is_named(forger: WriteSession) -> None:
    row = await tampered(
        forger,
        """insert into postings (entry_id, line, account_id, waste_code, amount_g)
        select entry_id, 9, account_id, waste_code, 5 from postings limit 1 returning entry_id""",
    )
    assert_named(await audited(forger), Fault.POSTING_ADDED, row.entry_id, "line 9")


async def test_an_entry_taken_away_whole_is_named(forger: WriteSession) -> None:
    row = await tampered(
        forger,
        "delete from entries where id = (select max(id::text)::uuid from entries where kind = 'missing') returning id",
    )
    assert_named(await audited(forger), Fault.LEAF_WITHOUT_ENTRY, row.id)
    await forger.execute(text("delete from postings where entry_id = :id"), {"id": row.id})
    assert_named(await audited(forger), Fault.LEAF_WITHOUT_ENTRY, row.id)


@pytest.mark.parametrize(
    "change", ["kind = 'sent_back'", "happened_at = happened_at - interval '1 day'", "reverses_id = null"]
)
async def test_an_entry_with_another_head_is_named(forger: WriteSession, change: str) -> None:
    row = await tampered(forger, f"update entries set {change} where kind = 'reversed' returning id")  # noqa: S608
    assert_named(await audited(forger), Fault.ENTRY_DIFFERS, row.id)


async def test_a_weighing_said_to_be_better_than_it_was_is_named(forger: WriteSession) -> None:
    row = await tampered(
        forger,
        """update postings set uncertainty_g = 1 where line = 1 and entry_id = (
        select id from entries where kind = 'reweighed') returning entry_id""",
    )
    assert_named(await audited(forger), Fault.MEASUREMENT_DIFFERS, row.entry_id, "line 1")


async def test_a_reversal_that_names_another_entry_is_no_mirror(forger: WriteSession) -> None:
    row = await tampered(
        forger,
        """update entries set reverses_id = (select min(id::text)::uuid from entries where kind = 'generated')
        where kind = 'reversed' returning id""",
    )
    assert_named(await audited(forger), Fault.REVERSAL_NO_MIRROR, row.id)


@pytest.mark.parametrize(("kind", "grams"), [("stored", 1), ("discrepancy", -700)])
async def test_a_changed_balance_is_named(forger: WriteSession, kind: str, grams: int) -> None:
    row = await tampered(
        forger,
        """update accounts set balance_g = balance_g + :grams where id = (
        select id from accounts where kind = :kind order by balance_g desc limit 1)
        returning holder_id, waste_code, balance_g""",
        grams=grams,
        kind=kind,
    )
    report = await audited(forger)
    assert_named(report, Fault.BALANCE_WRONG, kind, row.holder_id, row.waste_code)
    assert_named(report, Fault.TOTAL_NOT_ZERO, row.waste_code)
    finding = next(finding for finding in report.findings if finding.fault == Fault.BALANCE_WRONG)
    assert (finding.found, finding.expected) == (row.balance_g, row.balance_g - grams)


async def test_less_than_nothing_is_named(forger: WriteSession) -> None:
    await forger.execute(text("alter table accounts drop constraint ck_accounts_never_negative"))
    row = await tampered(
        forger,
        "update accounts set balance_g = -1 where id = (select id from accounts where kind = 'treated' limit 1) "
        "returning holder_id",
    )
    assert_named(await audited(forger), Fault.BALANCE_NEGATIVE, "treated", row.holder_id)


async def test_an_account_given_to_another_site_is_named(forger: WriteSession) -> None:
    row = await tampered(
        forger,
        """update accounts set holder_id = gen_random_uuid() where id = (
        select id from accounts where kind = 'stored' order by balance_g desc limit 1) returning holder_id""",
    )
    report = await audited(forger)
    assert_named(report, Fault.ACCOUNT_MISNAMED, row.holder_id)
    assert_named(report, Fault.POSTING_DIFFERS, "line")
    assert_named(report, Fault.SITE_DIFFERS, row.holder_id)


async def test_findings_are_bounded_but_all_are_counted(forger: WriteSession) -> None:
    await forger.execute(
        text(
            "insert into postings (entry_id, line, account_id, waste_code, amount_g) select entry_id, 1000 + serial, "
            "account_id, waste_code, 1 from (select * from postings limit 1) one, generate_series(1, 150) serial"
        )
    )
    report = await audited(forger)
    assert report.by_fault[Fault.POSTING_ADDED] == 150
    assert sum(finding.fault == Fault.POSTING_ADDED for finding in report.findings) == MOST_KEPT
    assert report.faults > 150
    told = json.loads(json.dumps(report.as_json()))
    assert told["consistent"] is False
    assert told["findings"][0]["row"].startswith("entry ")
