"""Containers, manifests, numbers and permits that say otherwise than their events are named."""

import pytest
from sqlalchemy import text

from tests.audit.eventful import History
from tests.audit.tampering import assert_named, audited, tampered
from wastetrack.db.session import WriteSession
from wastetrack.reports.auditing.findings import Fault
from wastetrack.transparency.auditing import Fault as LogFault


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


async def test_a_changed_quantity_that_is_set_aside_is_named(forger: WriteSession) -> None:
    statement = "update permit_uses set held_g = held_g + 1 where ctid = (select max(ctid) from permit_uses)"
    row = await tampered(forger, f"{statement} returning permit_item_id")
    report = await audited(forger)
    assert_named(report, Fault.PERMIT_USE_WRONG, row.permit_item_id)
    assert any("holds 1 g for reservations; they add to 0 g" in finding.sentence() for finding in report.findings)


async def test_evidence_that_does_not_hold_is_named(forger: WriteSession, history: History) -> None:
    statement = """
    with forged as (
      select arrival, convert_to(replace(convert_from(bytes, 'UTF8'), '"password"', '"stamp"'), 'UTF8') as bytes
      from log_leaves join log_subjects using (arrival)
      where kind = 'manifest_picked_up' and subject_id = :id
    )
    update log_leaves set bytes = forged.bytes, hash = sha256('\\x00'::bytea || forged.bytes)
    from forged where forged.arrival = log_leaves.arrival returning log_leaves.id
    """
    await tampered(forger, statement, id=history.closed)
    assert_named(await audited(forger), Fault.EVIDENCE_WRONG, history.closed, "manifest_picked_up")
