"""R39 to R42: when, by whom and where it was signed, and what was changed after an alarm."""

import pytest

from tests.support.records import at, found, records, told
from wastetrack.checks.rules.r39_back_dated import CLOCK, HABIT, ORDER
from wastetrack.checks.rules.r39_back_dated import RULE as BACK_DATED
from wastetrack.checks.rules.r40_one_signer import RULE as ONE_SIGNER
from wastetrack.checks.rules.r41_absent import BUNCH
from wastetrack.checks.rules.r41_absent import RULE as ABSENT
from wastetrack.checks.rules.r42_after_alarm import RULE as AFTER_ALARM
from wastetrack.checks.running import Answer

Row = dict[str, object]


def signature(side: str, clock: str, **more: object) -> Row:
    """A signature of the manifest."""
    moment = f"2026-03-02 {clock}"
    return {"manifest_id": "m", "side": side, "signed_at": moment, "recorded_at": moment} | more


def test_an_act_that_is_entered_hours_later_is_found_when_it_is() -> None:
    late = signature("shipper", "08:00", recorded_at="2026-03-02 11:00", organisation_id="firm")
    honest: list[Row] = [
        signature("shipper", "08:00", recorded_at="2026-03-02 09:59", manifest_id="soon"),
        signature("shipper", "08:00", recorded_at="2026-03-03 09:00", manifest_id="offline", offline=True),
        signature("shipper", "08:00", recorded_at="2026-03-03 09:00", manifest_id="paper", on_paper=True),
    ]

    (finding,) = found(BACK_DATED, records(signatures=[late, *honest]))

    assert (finding["subject_id"], finding["party_id"], finding["statistic"]) == ("m", "firm", 3)
    assert finding["found_at"] == at("2026-03-02 11:00")


def test_a_desk_that_enters_late_as_a_habit_is_one_finding() -> None:
    def acts(desk: str, late: int, prompt: int) -> list[Row]:
        return [
            signature("receiver", "08:00", act="receive", manifest_id=f"{desk}-{number}", organisation_id=desk)
            | {"signature_id": f"{desk}-{number:03}"}
            | ({"recorded_at": f"2026-03-02 {11 + number // 60}:{number % 60:02}"} if number < late else {})
            for number in range(late + prompt)
        ]

    extract = records(signatures=[*acts("slow", 20, 100), *acts("odd", 19, 0), *acts("busy", 20, 2000)])

    (habit,) = found(HABIT, extract)
    assert (habit["subject_kind"], habit["subject_id"], habit["late"], habit["signatures"]) == (
        "organisation",
        "slow",
        20,
        120,
    )
    assert habit["found_at"] == at("2026-03-02 11:19")
    assert {row["party_id"] for row in found(BACK_DATED, extract)} == {"odd", "busy"}
    assert len(found(BACK_DATED, extract)) == 39


def test_a_device_of_another_zone_is_one_finding_and_its_lag_is_taken_off() -> None:
    def act(device: str, number: int, hour: int, minute: int = 0) -> Row:
        entered = f"2026-03-02 {hour:02}:{minute + number:02}"
        ids: Row = {"signature_id": f"{device}-{number}", "manifest_id": f"{device}-{number}", "device_id": device}
        return signature("carrier", "08:00", recorded_at=entered, organisation_id="cart") | ids

    zone = [act("zone", number, 11) for number in range(6)]
    prompt = [act("zone", 10 + number, 8) for number in range(9)]
    later = act("zone", 30, 14)  # three and a half hours beyond the lag
    ahead = [act("ahead", number, 5) for number in range(5)]
    few = [act("few", number, 11) for number in range(4)]
    spread = [act("spread", number, 11 + number) for number in range(6)]
    extract = records(signatures=[*zone, *prompt, later, *ahead, *few, *spread])

    wrong_ahead, wrong = found(CLOCK, extract)
    assert (wrong["subject_kind"], wrong["subject_id"], wrong["party_id"]) == ("device", "zone", "cart")
    assert (wrong["acts"], wrong["lag_hours"], wrong["found_at"]) == (6, 3.05, at("2026-03-02 11:04"))
    assert (wrong_ahead["subject_id"], wrong_ahead["lag_hours"]) == ("ahead", -2.97)
    late = {row["subject_id"].rpartition("-")[0] for row in found(BACK_DATED, extract)}
    assert late == {"zone", "few", "spread"}
    assert len(found(BACK_DATED, extract)) == 1 + 4 + 6


def test_a_receipt_before_the_departure_is_out_of_order() -> None:
    times: Row = {"filed_at": "2026-03-02 07:00", "departed_at": "2026-03-02 08:00", "received_at": "2026-03-02 12:00"}
    manifests: list[Row] = [
        times | {"manifest_id": "fine"},
        times | {"manifest_id": "clocks", "received_at": "2026-03-02 07:55"},
        times | {"manifest_id": "received", "received_at": "2026-03-02 06:00", "receiver_site_id": "plant"},
        times | {"manifest_id": "filed", "filed_at": "2026-03-02 09:00", "shipper_site_id": "shop"},
    ]

    filed, received = found(ORDER, records(manifests=manifests))

    assert (filed["subject_id"], filed["party_id"], filed["order"]) == ("filed", "shop", "left before it was filed")
    assert (received["subject_id"], received["party_id"], received["statistic"]) == ("received", "plant", 2)


@pytest.mark.parametrize("what", ["person", "device"])
def test_one_who_signs_for_two_sides_is_found_at_the_second(what: str) -> None:
    same = {f"{what}_id": "x"}
    signatures = [
        signature("shipper", "08:00", organisation_id="firm", **same),
        signature("carrier", "08:01", organisation_id="cart", **same),
        signature("receiver", "12:00", organisation_id="plant", **{f"{what}_id": "y"}),
    ]

    (finding,) = found(ONE_SIGNER, records(manifests=[{"manifest_id": "m"}], signatures=signatures))

    assert (finding["subject_id"], finding["what"], finding["who"]) == ("m", what, "x")
    assert (finding["found_at"], finding["severity"], finding["at_risk_g"]) == (at("2026-03-02 08:01"), 3, 1_000_000)


def test_one_who_signs_for_all_three_is_known_at_the_second() -> None:
    signatures = [
        signature(side, clock, person_id="x")
        for side, clock in (("receiver", "12:00"), ("shipper", "08:00"), ("carrier", "09:00"))
    ]

    (finding,) = found(ONE_SIGNER, records(signatures=signatures))

    assert (finding["statistic"], finding["found_at"]) == (3, at("2026-03-02 09:00"))


def test_a_device_that_is_shared_in_the_open_and_acts_of_one_side_are_fine() -> None:
    signatures = [
        signature("shipper", "08:00", person_id="a", device_id="telephone", shared_device=True),
        signature("carrier", "08:01", person_id="b", device_id="telephone", shared_device=True),
        signature("receiver", "12:00", person_id="c", device_id="desk"),
        signature("receiver", "13:00", person_id="c", device_id="desk", act="confirm"),
    ]

    assert found(ONE_SIGNER, records(signatures=signatures)) == []


def test_one_clerk_of_one_firm_is_asked_and_not_inspected() -> None:
    signatures = [signature(side, "08:00", person_id="x", organisation_id="plant") for side in ("carrier", "receiver")]

    (finding,) = found(ONE_SIGNER, records(signatures=signatures))

    assert (finding["severity"], finding["same_firm"]) == (2, True)


SITES: list[Row] = [
    {"site_id": "shipper", "latitude": 36.0, "longitude": 117.0},
    {"site_id": "receiver", "latitude": 36.0, "longitude": 118.0},
]


def test_who_signs_a_receipt_from_afar_was_not_there() -> None:
    """A degree is 90 km; 0.01 of it 0.9 km."""
    signatures = [
        signature("carrier", "08:00", act="pick_up", latitude=36.0, longitude=117.01),
        # From one carrier to the next, half way.
        signature("carrier", "09:00", act="hand_over", latitude=36.0, longitude=117.5, manifest_id="two legs"),
        signature("receiver", "12:00", act="receive", latitude=36.0, longitude=117.0, organisation_id="plant"),
        signature("receiver", "13:00", act="confirm", latitude=30.0, longitude=110.0),
        signature("shipper", "07:00", act="file", latitude=30.0, longitude=110.0),
    ]

    manifests: list[Row] = [{"manifest_id": "m"}, {"manifest_id": "two legs"}]
    (finding,) = found(ABSENT, records(sites=SITES, manifests=manifests, signatures=signatures))

    assert (finding["act"], finding["party_id"], finding["severity"]) == ("receive", "plant", 2)
    assert finding["statistic"] == pytest.approx(90, abs=0.5)


def test_ten_receipts_in_five_minutes_were_not_looked_at() -> None:
    def bunch(person: str, seconds: int, act: str = "receive") -> list[Row]:
        return [
            signature(
                "receiver", f"12:{seconds * number // 60:02}:{seconds * number % 60:02}", act=act, person_id=person,
                manifest_id=f"{person}-{number}", organisation_id="plant",
            )
            for number in range(10)
        ]  # fmt: skip

    extract = records(
        signatures=[*bunch("hasty", 33), *bunch("busy", 34), *bunch("desk", 1, act="confirm"), *bunch("few", 10)[:9]]
    )

    (finding,) = found(BUNCH, extract)

    assert (finding["subject_kind"], finding["subject_id"], finding["party_id"]) == ("person", "hasty", "plant")
    assert (finding["found_at"], finding["statistic"]) == (at("2026-03-02 12:04:57"), 10)


def change(manifest: str, kind: str, day: int, **more: object) -> Row:
    """A change of a manifest."""
    return {"manifest_id": manifest, "kind": kind, "amended_at": f"2026-03-{day:02}"} | more


def test_a_manifest_that_is_cancelled_after_its_alarm_is_found_then() -> None:
    alarms = [{"alarm_id": "alarm", "subject_kind": "manifest", "subject_id": "m", "told_at": "2026-03-05"}]
    before = [change("m", "correction", 4), change("other", "cancellation", 7), change("m", "redirection", 6)]
    manifests = [{"manifest_id": name} for name in ("m", "other")]

    assert found(AFTER_ALARM, records(manifests=manifests, alarms=alarms, amendments=before)) == []
    extract = records(
        manifests=manifests, alarms=alarms, amendments=[*before, change("m", "cancellation", 8), change("m", "void", 9)]
    )
    (finding,) = found(AFTER_ALARM, extract)
    assert (finding["severity"], finding["what"], finding["at_risk_g"]) == (3, "cancellation", 1_000_000)
    assert (finding["found_at"], finding["alarm_id"]) == (at("2026-03-08"), "alarm")


def test_an_alarm_of_a_firm_covers_what_it_changes_within_three_days() -> None:
    alarms = [{"subject_kind": "organisation", "subject_id": "firm", "told_at": "2026-03-05"}]
    amendments = [
        change("soon", "correction", 7, organisation_id="firm", old_g=1_000_000, new_g=400_000),
        change("long after", "correction", 9, organisation_id="firm"),
        change("by another", "correction", 7, organisation_id="another"),
    ]
    manifests = [{"manifest_id": name} for name in ("soon", "long after", "by another")]

    (finding,) = found(AFTER_ALARM, records(manifests=manifests, alarms=alarms, amendments=amendments))

    assert (finding["subject_id"], finding["severity"], finding["at_risk_g"]) == ("soon", 2, 600_000)


def test_without_alarms_there_is_no_answer() -> None:
    assert told(AFTER_ALARM, records(manifests=[{}], amendments=[{}])).answer is Answer.NO_DATA
