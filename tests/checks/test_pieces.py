"""R05: what the gate scanned against what the manifest names."""

from collections.abc import Mapping

from tests.support.records import at, found, records
from wastetrack.checks.rules.r05_pieces import RULE

MANIFEST = {
    "manifest_id": "m",
    "carrier_id": "carrier",
    "receiver_site_id": "plant",
    "departed_at": "2026-03-02 08:00",
    "received_at": "2026-03-02 12:00",
}
DRUMS = [{"container_id": f"drum-{number}", "net_g": 200_000} for number in range(4)]
SCANNED = {"manifest_id": "m", "named": True, "outcome": "accepted", "scanned_at": "2026-03-02 11:50"}


def loads(*changes: Mapping[str, object]) -> list[dict[str, object]]:
    """One load for each drum, as the gate should see it, with changes."""
    return [{**SCANNED, "container_id": f"drum-{number}", **change} for number, change in enumerate(changes)]


def test_a_manifest_with_all_its_pieces_is_fine() -> None:
    assert (
        found(RULE, records(manifests=[MANIFEST], containers=DRUMS, loads=loads({}, {}, {}, {"outcome": "rejected"})))
        == []
    )


def test_a_piece_that_the_gate_calls_missing_is_the_carriers_to_explain() -> None:
    missing = {"outcome": "missing", "scanned_at": None}

    (finding,) = found(RULE, records(manifests=[MANIFEST], containers=DRUMS, loads=loads({}, missing, missing)))

    assert (finding["subject_id"], finding["party_id"], finding["severity"]) == ("m", "carrier", 3)
    assert (finding["missing"], finding["extra"], finding["at_risk_g"]) == (2, 0, 400_000)
    assert finding["found_at"] == at("2026-03-02 12:00")


def test_a_piece_that_no_scan_shows_is_missing_after_half_an_hour() -> None:
    unseen = {"outcome": None, "scanned_at": None}
    extract = records(manifests=[MANIFEST], containers=DRUMS, loads=loads({}, unseen))

    assert found(RULE, extract, "2026-03-02 12:29") == []
    (finding,) = found(RULE, extract, "2026-03-02 12:31")
    assert (finding["missing"], finding["container_id"]) == (1, "drum-1")


def test_a_gate_that_scans_nothing_misses_nothing() -> None:
    unseen = {"outcome": None, "scanned_at": None}

    assert found(RULE, records(manifests=[MANIFEST], containers=DRUMS, loads=loads(unseen, unseen))) == []


def test_a_piece_that_nobody_named_is_extra() -> None:
    (finding,) = found(
        RULE, records(manifests=[MANIFEST], containers=DRUMS, loads=loads({}, {"named": False, "outcome": None}))
    )

    assert (finding["missing"], finding["extra"], finding["party_id"]) == (0, 1, "plant")
    assert finding["found_at"] == at("2026-03-02 11:50")


def test_three_tonnes_missing_are_referred() -> None:
    heavy = [{"container_id": "drum-0", "net_g": 3_000_000}]

    (finding,) = found(RULE, records(manifests=[MANIFEST], containers=heavy, loads=loads({"outcome": "missing"})))

    assert finding["severity"] == 4
