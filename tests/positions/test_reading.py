"""Files of fixes: both forms, both coordinate systems, every fault by row and column, what is odd and kept."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.positions.coordinates import _shift, to_wgs84
from wastetrack.positions.judging import Notes, usable
from wastetrack.positions.model import Fix, Frame, PositionSource
from wastetrack.positions.reading_csv import read_csv
from wastetrack.positions.taking_in import read_file

HEAD = "plate,seen_at,latitude,longitude,frame,speed_km_h,door_open\n"
ROW = "鲁F12345,2026-03-01T14:20:00+08:00,37.46,121.44,wgs84,62.3,0\n"
AT = datetime(2026, 3, 2, tzinfo=UTC)


def report(**changes: object) -> dict[str, object]:
    """A location report in Shandong."""
    return {
        "phone": "013800138000",
        "alarm": 0,
        "status": 3,
        "latitude": 37_460_000,
        "longitude": 121_440_000,
        "altitude": 12,
        "speed": 623,
        "direction": 90,
        "time": "260301142000",
        **changes,
    }


def reports(*given: object, frame: object = "gcj02") -> bytes:
    return json.dumps({"frame": frame, "reports": list(given)}).encode()


def test_a_quote_that_is_never_closed_is_a_fault_and_no_mistake_of_ours() -> None:
    head = b"plate,seen_at,latitude,longitude,frame\n"
    read = read_csv(head + b'"' + b"x" * 140_000)
    assert [(one.row, one.broken.code) for one in read.faults] == [(2, "cell_too_long")]


def test_a_row_of_a_csv_is_a_fix() -> None:
    read = read_file((HEAD + ROW).encode())

    assert (read.source, read.rows, read.faults) == (PositionSource.CSV, 1, [])
    assert read.fixes == [
        Fix(
            row=2, vehicle="鲁F12345", by_plate=True, seen_at=datetime(2026, 3, 1, 6, 20, tzinfo=UTC),
            latitude=37.46, longitude=121.44,
            frame=Frame.WGS84, speed_km_h=62.3,
            door_open=False,
        )
    ]  # fmt: skip


def test_chinese_headings_and_gb_18030_are_read() -> None:
    text = "终端号,定位时间,纬度,经度,坐标系\n13800138000,2026-03-01T14:20:00+08:00,37.46,121.44,GCJ-02\n"

    (fix,) = read_file(text.encode("gb18030")).fixes

    assert (fix.vehicle, fix.by_plate, fix.frame) == ("13800138000", False, Frame.GCJ02)


def test_every_cell_that_is_wrong_is_told_at_once_by_line_and_column() -> None:
    wrong = "鲁F12345,2026-03-01 14:20,97.46,,mars,-3,maybe\n,2026-03-01T14:20:00+08:00,37.4,121.4,wgs84,,\n"

    read = read_file((HEAD + ROW + wrong).encode())

    assert [(one.row, one.column, one.broken.code) for one in read.faults] == [
        (3, "seen_at", "instant_unreadable"),
        (3, "latitude", "number_out_of_range"),
        (3, "longitude", "cell_empty"),
        (3, "frame", "frame_unknown"),
        (3, "speed_km_h", "number_out_of_range"),
        (3, "door_open", "flag_unreadable"),
        (4, "plate", "cell_empty"),
    ]
    assert len(read.fixes) == 1


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"", ["column_missing"] * 5),
        (b"plate,seen_at,latitude,longitude\n", ["column_missing"]),
        (b"plate,lat,latitude,lon,time,frame\n", ["column_twice"]),
        (b"\xff\xfe\x00\x00", ["file_no_text"]),
        (b'{"frame": "wgs84", "reports": [', ["file_no_json"]),
        (b'{"reports": []}', ["frame_missing"]),
        (b'{"frame": "moon", "reports": 3}', ["frame_unknown", "reports_missing"]),
        (b"[1]", ["frame_missing", "reports_missing"]),
    ],
)
def test_a_file_that_is_none_is_told(content: bytes, codes: list[str]) -> None:
    assert [one.broken.code for one in read_file(content).faults] == codes


def test_a_report_is_a_fix_in_millionths_and_in_china_s_time() -> None:
    (fix,) = read_file(reports(report(status=3 | 1 << 15))).fixes

    assert (fix.vehicle, fix.by_plate, fix.row) == ("013800138000", False, 1)
    assert fix.seen_at == datetime(2026, 3, 1, 6, 20, tzinfo=UTC)
    assert (fix.latitude, fix.longitude, fix.speed_km_h, fix.frame) == (37.46, 121.44, 62.3, Frame.GCJ02)
    assert (fix.door_open, fix.altitude_m, fix.direction) == (True, 12, 90)


def test_a_report_says_itself_that_it_has_no_position_and_on_which_half_of_the_globe() -> None:
    read = read_file(reports(report(status=1), report(status=2 | 1 << 2 | 1 << 3, time="2026-03-01 14:20:00")))

    assert [(one.code, one.first_row) for one in read.unplaced] == [("not_positioned", 1)]
    assert [(fix.latitude, fix.longitude) for fix in read.fixes] == [(-37.46, -121.44)]


def test_faults_of_reports_are_told_by_their_place_and_member() -> None:
    read = read_file(
        reports(report(latitude=37.46, speed=9000), report(phone="", plate=None), report(time="yesterday"), 7, report())
    )

    assert [(one.row, one.column, one.broken.code) for one in read.faults] == [
        (1, "latitude", "report_number"),
        (1, "speed", "report_number"),
        (2, "phone", "report_of_nobody"),
        (3, "time", "report_time_unreadable"),
        (4, "", "report_no_object"),
    ]
    assert [fix.row for fix in read.fixes] == [5]


def test_the_shift_of_chinese_maps_is_the_known_one() -> None:
    north, east = to_wgs84(39.910226, 116.403713)  # the gate of heavenly peace

    assert [north, east] == pytest.approx([39.908823, 116.397470], abs=2e-5)
    assert to_wgs84(48.8584, 2.2945) == (48.8584, 2.2945)


@given(st.floats(18, 53), st.floats(74, 135))
def test_the_shift_is_taken_back_to_a_decimetre(latitude: float, longitude: float) -> None:
    more_north, more_east = _shift(latitude, longitude)
    north, east = to_wgs84(latitude + more_north, longitude + more_east)

    assert [north, east] == pytest.approx([latitude, longitude], abs=1e-6)


def fix(minute: float, row: int = 1, **changes: object) -> Fix:
    values: dict[str, object] = {
        "row": row,
        "vehicle": "a",
        "by_plate": True,
        "seen_at": AT - timedelta(hours=2) + timedelta(minutes=minute),
        "latitude": 37.0,
        "longitude": 121.0,
        "frame": Frame.WGS84,
    }
    return Fix(**{**values, **changes})  # type: ignore[arg-type]


def test_what_is_odd_is_told_and_what_can_be_kept_is_kept_in_its_order() -> None:
    notes = Notes()
    fixes = [
        fix(10, 1),
        fix(0, 2),
        fix(10, 3),
        fix(20, 4, latitude=38.0),
        fix(300, 5),
        fix(-60 * 24 * 400, 6),
        fix(30, 7, latitude=0.0, longitude=0.0),
    ]

    kept = usable(fixes, notes, at=AT, kept_since=AT - timedelta(days=300))

    assert [one.row for one in kept] == [2, 1, 4]
    assert {(one.code, one.first_row, one.count) for one in notes.told()} == {
        ("time_backwards", 2, 1),
        ("twice", 3, 1),
        ("jump", 4, 1),
        ("from_the_future", 5, 1),
        ("too_old", 6, 1),
        ("nowhere", 7, 1),
    }
