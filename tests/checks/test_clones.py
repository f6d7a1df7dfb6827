"""R07: labels that stand twice, travel twice, or are read after their end."""

from tests.support.records import at, found, records, told
from wastetrack.checks.rules.r07_clones import COUNTER, ENDED, FALSE, RULE
from wastetrack.checks.running import Answer

DRUM = {"container_id": "drum", "net_g": 200_000}
FIRST = {"manifest_id": "first", "filed_at": "2026-03-02 08:00", "received_at": "2026-03-02 12:00"}
LOAD = {"container_id": "drum", "named": True}


def load(manifest: str, **more: object) -> dict[str, object]:
    """The drum on a manifest."""
    return LOAD | {"manifest_id": manifest} | more


def test_two_containers_with_one_serial_are_clones() -> None:
    containers: list[dict[str, object]] = [
        {"container_id": "a", "serial": "S1", "made_at": "2026-03-02"},
        {"container_id": "b", "serial": "S1", "made_at": "2026-03-05", "site_id": "shop", "net_g": 50_000},
        {"container_id": "c", "serial": "S2", "made_at": "2026-03-05"},
        {"container_id": "d"},
        {"container_id": "e"},
    ]

    (finding,) = found(RULE, records(containers=containers, manifests=[{}], loads=[{}]))

    assert (finding["subject_id"], finding["way"], finding["earlier_id"], finding["party_id"]) == (
        "b",
        "serial",
        "a",
        "shop",
    )
    assert (finding["found_at"], finding["at_risk_g"]) == (at("2026-03-05"), 50_000)


def test_a_manifest_that_names_what_another_has_is_found_when_it_is_filed() -> None:
    second = {"manifest_id": "second", "filed_at": "2026-03-02 10:00", "shipper_site_id": "shop"}

    (finding,) = found(
        RULE, records(containers=[DRUM], manifests=[FIRST, second], loads=[load("first"), load("second")])
    )

    assert (finding["subject_id"], finding["way"], finding["manifest_id"]) == ("drum", "open_twice", "second")
    assert (finding["found_at"], finding["party_id"], finding["at_risk_g"]) == (at("2026-03-02 10:00"), "shop", 200_000)


def test_what_goes_on_after_receipt_or_was_cancelled_or_returns_is_no_clone() -> None:
    after = {"manifest_id": "after", "filed_at": "2026-03-03 08:00", "cancelled_at": "2026-03-03 09:00"}
    anew = {"manifest_id": "anew", "filed_at": "2026-03-03 10:00", "received_at": "2026-03-03 15:00"}
    anew |= {"shipper_site_id": "receiver"}
    home = {"manifest_id": "home", "filed_at": "2026-03-03 14:00", "kind": "return"}
    loads = [load("first"), load("after"), load("anew"), load("home")]

    assert found(RULE, records(containers=[DRUM], manifests=[FIRST, after, anew, home], loads=loads)) == []


def test_a_label_that_arrives_twice_without_a_return_between_is_a_clone() -> None:
    first = FIRST | {"shipper_site_id": "shop", "receiver_site_id": "plant"}
    again = first | {
        "manifest_id": "again",
        "filed_at": "2026-03-09 08:00",
        "arrived_at": "2026-03-09 12:00",
        "received_at": None,
    }
    loads = [load("first", outcome="accepted"), load("again", outcome="accepted")]

    (finding,) = found(RULE, records(containers=[DRUM], manifests=[first, again], loads=loads))
    assert (finding["subject_id"], finding["way"], finding["manifest_id"]) == ("drum", "carried_twice", "again")
    assert (finding["found_at"], finding["party_id"], finding["at_risk_g"]) == (at("2026-03-09 12:00"), "shop", 200_000)

    back = first | {"manifest_id": "back", "kind": "return", "filed_at": "2026-03-05 08:00"}
    back |= {"shipper_site_id": "plant", "receiver_site_id": "shop", "received_at": "2026-03-05 12:00"}
    sites = [{"site_id": name, "organisation_id": "firm"} for name in ("shop", "plant")]
    rejected = [load("first", outcome="rejected"), load("again")]
    honest = [
        records(containers=[DRUM], manifests=[first, again, back], loads=loads),
        records(containers=[DRUM], manifests=[first, again, back], loads=[*loads, load("back")]),
        records(containers=[DRUM], manifests=[first, again | {"shipper_site_id": "plant"}], loads=loads),
        records(containers=[DRUM], manifests=[first, again | {"arrived_at": None}], loads=loads),
        records(containers=[DRUM], manifests=[first, again], loads=rejected),
        records(containers=[DRUM], manifests=[first, again], loads=loads, sites=sites),
    ]
    assert [found(RULE, extract) for extract in honest] == [[]] * 6


def test_a_piece_that_only_the_gate_found_is_not_named() -> None:
    second = {"manifest_id": "second", "filed_at": "2026-03-02 10:00"}
    loads = [load("first"), load("second", named=False, outcome="extra")]

    assert found(RULE, records(containers=[DRUM], manifests=[FIRST, second], loads=loads)) == []


def test_a_label_read_after_its_container_was_destroyed_is_referred() -> None:
    ended = DRUM | {"ended_at": "2026-03-10 08:00", "site_id": "shop"}
    scans: list[dict[str, object]] = [
        {"scan_id": "burnt", "container_id": "drum", "act": "destroyed", "scanned_at": "2026-03-10 10:00"},
        {"scan_id": "late", "container_id": "drum", "act": "stored", "scanned_at": "2026-03-10 08:50"},
        {"scan_id": "look", "container_id": "drum", "act": "looked_at", "scanned_at": "2026-03-12 08:00"},
        {
            "scan_id": "again",
            "container_id": "drum",
            "act": "loaded",
            "scanned_at": "2026-03-13 08:00",
            "site_id": "yard",
        },
        {"scan_id": "and again", "container_id": "drum", "act": "gate", "scanned_at": "2026-03-13 12:00"},
    ]

    (finding,) = found(ENDED, records(containers=[ended], scans=scans))

    assert (finding["scan_id"], finding["severity"], finding["party_id"]) == ("again", 4, "yard")
    assert (finding["statistic"], finding["at_risk_g"]) == (72, 200_000)


def test_a_label_with_a_wrong_check_is_found_once() -> None:
    scans: list[dict[str, object]] = [
        {"container_id": "drum", "authentic": False, "scanned_at": "2026-03-02 08:00"},
        {"container_id": "drum", "authentic": False, "scanned_at": "2026-03-02 09:00"},
        {"container_id": "fine", "authentic": True},
        {"container_id": "old"},
    ]

    (finding,) = found(FALSE, records(containers=[DRUM], scans=scans))

    assert (finding["subject_id"], finding["found_at"], finding["statistic"]) == ("drum", at("2026-03-02 08:00"), 2)


def test_no_keyed_checks_are_no_clean_labels() -> None:
    assert told(FALSE, records(scans=[{"container_id": "old"}])).answer is Answer.NO_DATA


def test_a_counter_that_goes_back_is_a_device_that_was_copied() -> None:
    def scan(device: str, clock: str, counter: int) -> dict[str, object]:
        return {
            "scan_id": f"{device}{clock}",
            "device_id": device,
            "scanned_at": f"2026-03-02 {clock}",
            "counter": counter,
        }

    scans: list[dict[str, object]] = [
        *(scan("honest", f"0{hour}:00", hour) for hour in range(1, 5)),
        scan("honest", "04:01", 4),  # within the minutes by which a clock is set
        scan("copied", "01:00", 10),
        scan("copied", "02:00", 11),
        scan("copied", "03:00", 11),
        scan("copied", "04:00", 12),
    ]

    (finding,) = found(COUNTER, records(scans=scans))

    assert (finding["subject_kind"], finding["subject_id"], finding["scan_id"]) == ("device", "copied", "copied03:00")
