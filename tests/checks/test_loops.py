"""R27: circles of transfers."""

from collections.abc import Mapping

from tests.support.records import found, records, told
from wastetrack.checks.rules.r27_loop import RULE
from wastetrack.checks.running import Answer


def hop(start: str, end: str, day: str, tonnes: float = 10, **more: object) -> Mapping[str, object]:
    return {
        "shipper_site_id": start, "receiver_site_id": end, "departed_at": f"{day} 08:00", "received_at": f"{day} 16:00",
        "received_g": int(tonnes * 1_000_000), "waste_code": "900-249-08", "manifest_id": f"{start}-{end}-{day}",
    } | more  # fmt: skip


CIRCLE = [hop("a", "b", "2026-03-02"), hop("b", "c", "2026-03-12", 9), hop("c", "a", "2026-03-25", 8)]


def test_a_circle_of_three_is_found_where_it_began() -> None:
    rows = found(RULE, records(manifests=[*CIRCLE, hop("a", "d", "2026-03-03"), hop("d", "e", "2026-03-20")]))

    (first,) = [row for row in rows if row["subject_id"] == "a"]
    assert (first["path"], first["hops"], first["back_g"], first["statistic"]) == ("a → b → c → a", 3, 8_000_000, 0.8)
    assert first["category"] == "HW08"
    assert {row["subject_id"] for row in rows} == {"a"}


def test_transfers_in_another_order_are_no_circle() -> None:
    days = ("2026-03-25", "2026-03-12", "2026-03-02")
    turned = [hop(start, end, day) for (start, end), day in zip(("ab", "bc", "ca"), days, strict=True)]
    assert found(RULE, records(manifests=turned)) == []


def test_little_that_comes_back_is_no_circle() -> None:
    assert found(RULE, records(manifests=[hop("a", "b", "2026-03-02", 20), hop("b", "a", "2026-03-20", 9)])) == []


def test_what_was_rejected_and_goes_home_is_no_circle() -> None:
    home = hop("b", "a", "2026-03-20", kind="return")
    assert found(RULE, records(manifests=[hop("a", "b", "2026-03-02"), home])) == []


def test_a_circle_over_a_year_or_of_another_category_is_none() -> None:
    late = [hop("a", "b", "2026-03-02"), hop("b", "a", "2026-11-20")]
    other = [hop("a", "b", "2026-03-02"), hop("b", "a", "2026-03-20", waste_code="336-063-17")]
    assert found(RULE, records(manifests=late)) == []
    assert found(RULE, records(manifests=other)) == []


def test_without_receipts_there_is_no_answer() -> None:
    assert told(RULE, records(manifests=[{}])).answer is Answer.NO_DATA
