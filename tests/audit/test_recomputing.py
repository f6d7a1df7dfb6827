"""Full recomputation: clean where nobody tampered, and naming the very row where somebody did."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from tests.audit.eventful import SIGNER, History
from wastetrack.db.session import WriteSession
from wastetrack.reports.auditing.findings import MOST_KEPT, Fault, Report
from wastetrack.reports.auditing.running import Stage, recompute
from wastetrack.transparency.auditing import Fault as LogFault


async def audited(session: WriteSession, *, page: int = 7) -> Report:
    """Recompute in small pages, so that each check turns a page."""
    return await recompute(session, SIGNER.verifier, page=page)


async def tampered(session: WriteSession, statement: str, **values: Any) -> Any:  # noqa: ANN401  one returned row
    """Change something behind everybody's back; the statement returns what names the row."""
    changed = (await session.execute(text(statement), values)).fetchall()
    assert len(changed) == 1, "exactly one row was tampered with"
    return changed[0]


def assert_named(report: Report, fault: Fault | LogFault, *names: object) -> None:
    """Exactly such a finding, whose row holds all the names."""
    findings = [finding for finding in report.findings if finding.fault == fault]
    sentences = "\n".join(finding.sentence() for finding in report.findings)
    assert any(all(str(name) in finding.row for name in names) for finding in findings), sentences or "nothing found"


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


async def test_an_edited_event_is_named_and_so_is_the_posting_it_now_contradicts(forger: WriteSession) -> None:
    row = await tampered(
        forger,
        r"""update log_leaves set bytes = forged.bytes, hash = sha256('\x00'::bytea || forged.bytes)
        from (select arrival, convert_to(replace(convert_from(bytes, 'UTF8'), '180000', '179000'), 'UTF8') as bytes
          from log_leaves where kind = 'container_labelled' order by arrival limit 1) forged
        where log_leaves.arrival = forged.arrival returning log_leaves.id""",
    )
    report = await audited(forger)
    assert_named(report, LogFault.LEAF_NOT_IN_TREE, row.id, "index 0")
    assert_named(report, Fault.POSTING_DIFFERS, row.id, "line 1")


async def test_a_removed_event_is_named_and_its_entry_stands_alone(forger: WriteSession) -> None:
    row = await tampered(
        forger, "delete from log_leaves where arrival = (select min(arrival) from log_leaves) returning id, arrival"
    )
    report = await audited(forger)
    assert_named(report, LogFault.LEAF_MISSING, "index 0")
    assert_named(report, Fault.ENTRY_WITHOUT_LEAF, row.id)


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


async def test_a_lighter_container_is_named_and_so_is_its_site(forger: WriteSession, history: History) -> None:
    row = await tampered(
        forger,
        """update containers set net_g = net_g - 1000, gross_g = gross_g - 1000 where id = :id
        returning digital_code, site_id""",
        id=history.drum,
    )
    report = await audited(forger)
    assert_named(report, Fault.CONTAINER_DIFFERS, row.digital_code, history.drum)
    assert_named(report, Fault.SITE_DIFFERS, row.site_id)


@pytest.mark.parametrize(
    "change",
    [
        "waste_code = '900-041-49'",
        "digital_code = overlay(digital_code placing '999' from 35)",
        "method = 'estimate'",
        "tare_g = tare_g - 5, gross_g = gross_g - 5",
        "made_at_site_id = made_at_site_id, state = 'treated', site_id = null",
        "state = 'in_transit', site_id = null, manifest_id = gen_random_uuid()",
    ],
)
async def test_a_container_that_says_otherwise_than_its_events_is_named(
    forger: WriteSession, history: History, change: str
) -> None:
    statement = f"update containers set {change} where id = :id returning id"  # noqa: S608
    row = await tampered(forger, statement, id=history.waiting)
    assert_named(await audited(forger), Fault.CONTAINER_DIFFERS, row.id)


async def test_containers_that_changed_places_are_named_though_the_masses_agree(
    forger: WriteSession, history: History
) -> None:
    twin = (
        await forger.execute(
            text(
                "insert into containers select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), "
                "'digital_code', overlay(digital_code placing '998' from 35)))).* from containers c where id = :id "
                "returning id"
            ),
            {"id": history.drum},
        )
    ).scalar()
    await forger.execute(text("delete from containers where id = :id"), {"id": history.drum})
    report = await audited(forger)
    assert_named(report, Fault.CONTAINER_WITHOUT_LEAF, twin)
    assert_named(report, Fault.LINE_DIFFERS, history.closed, "line 1")
    assert Fault.SITE_DIFFERS not in report.by_fault


async def test_a_manifest_put_into_another_state_is_named(forger: WriteSession, history: History) -> None:
    row = await tampered(
        forger, "update manifests set state = 'closed' where id = :id returning number", id=history.travelling
    )
    report = await audited(forger)
    assert_named(report, Fault.MANIFEST_DIFFERS, row.number, history.travelling)
    assert_named(report, Fault.ROAD_NOT_EMPTY, history.travelling)
    assert_named(report, Fault.LINE_OPEN, row.number)


async def test_a_renumbered_manifest_is_named_and_leaves_a_gap(forger: WriteSession, history: History) -> None:
    row = await tampered(
        forger,
        "update manifests set number = substr(number, 1, 8) || '000777' where id = :id returning number",
        id=history.closed,
    )
    report = await audited(forger)
    assert_named(report, Fault.MANIFEST_DIFFERS, row.number)
    assert_named(report, Fault.NUMBER_GAP, row.number[:8])
    gap = next(finding for finding in report.findings if finding.fault == Fault.NUMBER_GAP)
    assert gap.expected == "000001"


async def test_a_counter_that_ran_ahead_is_named(forger: WriteSession) -> None:
    await tampered(forger, "update manifest_numbers set last = last + 1 returning last")
    assert_named(await audited(forger), Fault.NUMBER_GAP, "20263706")


async def test_a_signature_moved_to_another_person_is_named(forger: WriteSession, history: History) -> None:
    await tampered(
        forger,
        """update manifest_signatures set person_id = (select id from people limit 1)
        where manifest_id = :id and act = 'receive' returning event_id""",
        id=history.closed,
    )
    assert_named(await audited(forger), Fault.SIGNATURE_DIFFERS, history.closed, "manifest_received")


async def test_a_removed_signature_is_named(forger: WriteSession, history: History) -> None:
    await tampered(
        forger,
        "delete from manifest_signatures where manifest_id = :id and act = 'confirm' returning event_id",
        id=history.closed,
    )
    assert_named(await audited(forger), Fault.SIGNATURE_DIFFERS, history.closed, "manifest_confirmed")


async def test_an_invented_signature_is_named(forger: WriteSession, history: History) -> None:
    await tampered(
        forger,
        """insert into manifest_signatures select manifest_id, 99, act, organisation_id, person_id, happened_at,
        recorded_at, gen_random_uuid() from manifest_signatures where manifest_id = :id and act = 'arrive'
        returning event_id""",
        id=history.closed,
    )
    assert_named(await audited(forger), Fault.SIGNATURE_DIFFERS, history.closed, "signature 99")


async def test_an_event_out_of_order_is_named(forger: WriteSession, history: History) -> None:
    """The pick-up is taken out of the manifest's history."""
    await tampered(
        forger,
        """delete from log_subjects where subject_id = :id and arrival = (
        select leaf.arrival from log_leaves leaf join log_subjects using (arrival)
        where subject_id = :id and kind = 'manifest_picked_up') returning arrival""",
        id=history.closed,
    )
    report = await audited(forger)
    assert_named(report, Fault.MANIFEST_OUT_OF_ORDER, history.closed)
    assert LogFault.LEAF_COLUMNS in report.by_fault


@pytest.mark.parametrize("change", ["declared_g = declared_g + 1", "measured_g = measured_g - 1"])
async def test_a_line_with_another_mass_is_named(forger: WriteSession, history: History, change: str) -> None:
    statement = f"update manifest_containers set {change} where manifest_id = :id and position = 2 returning position"  # noqa: S608
    await tampered(forger, statement, id=history.closed)
    assert_named(await audited(forger), Fault.LINE_DIFFERS, history.closed, "line 2")


async def test_a_container_on_two_open_manifests_is_named(forger: WriteSession, history: History) -> None:
    await forger.execute(text("drop index one_open_manifest_per_container"))
    row = await tampered(
        forger,
        """insert into manifest_containers (manifest_id, position, container_id, open, waste_code, declared_g)
        select :id, 9, container_id, true, waste_code, declared_g from manifest_containers where open
        returning container_id""",
        id=history.closed,
    )
    report = await audited(forger)
    assert_named(report, Fault.CONTAINER_ON_TWO, row.container_id)
    assert_named(report, Fault.LINE_OPEN, history.closed, "line 9")


async def test_a_travelling_container_without_an_open_line_is_named(forger: WriteSession, history: History) -> None:
    row = await tampered(
        forger,
        "update manifest_containers set open = false where manifest_id = :id returning container_id",
        id=history.travelling,
    )
    assert_named(await audited(forger), Fault.LINE_OPEN, row.container_id)


@pytest.mark.parametrize(
    ("table", "fault"), [("permit_uses", Fault.PERMIT_USE_WRONG), ("permit_bookings", Fault.BOOKING_WRONG)]
)
async def test_a_changed_quantity_of_a_permit_is_named(forger: WriteSession, table: str, fault: Fault) -> None:
    row = await tampered(
        forger,
        f"""update {table} set booked_g = booked_g + 1 where ctid = (select max(ctid) from {table})
        returning permit_item_id""",  # noqa: S608
    )
    report = await audited(forger)
    assert_named(report, Fault.PERMIT_USE_WRONG, row.permit_item_id)
    assert fault in report.by_fault


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
