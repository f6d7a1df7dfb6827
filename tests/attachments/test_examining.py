"""What is kept and what is refused, by content; each refusal names the file and says what to do."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support import files
from wastetrack.attachments import workbooks
from wastetrack.attachments.examining import examine
from wastetrack.attachments.model import LARGEST_FILE, MediaType, Offered
from wastetrack.errors import RuleBroken


def refused(name: str, content: bytes, declared: str = "") -> str:
    """The code of the one rule that the file breaks."""
    with pytest.raises(RuleBroken) as raised:
        examine(Offered(name, declared, content))
    (broken,) = raised.value.broken
    assert broken.field == "file"
    assert broken.next_step
    assert "{" not in broken.sentence()
    return broken.code


@pytest.mark.parametrize(
    ("name", "declared", "content", "kind"),
    [
        ("车辆.jpg", "image/jpeg", files.picture("JPEG"), MediaType.JPEG),
        ("a.JPEG", "image/jpg", files.picture("JPEG"), MediaType.JPEG),
        ("a.png", "image/png", files.picture("PNG"), MediaType.PNG),
        ("a.webp", "image/webp", files.picture("WEBP"), MediaType.WEBP),
        ("permit.pdf", "application/pdf", files.document(), MediaType.PDF),
        ("台账.xlsx", MediaType.XLSX.value, files.workbook(), MediaType.XLSX),
        ("scale.csv", "application/vnd.ms-excel", files.CSV, MediaType.CSV),
        ("scale.csv", "text/csv; charset=gb18030", files.CSV.decode().encode("gb18030"), MediaType.CSV),
        ("scale.csv", "application/octet-stream", files.CSV, MediaType.CSV),
    ],
)
def test_what_people_send_is_kept_as_what_it_is(name: str, declared: str, content: bytes, kind: MediaType) -> None:
    examined = examine(Offered(name, declared, content))
    assert (examined.media_type, examined.name) == (kind, name)
    assert examined.content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_forgets_where_and_with_what_it_was_taken_and_stands_upright(kind: str) -> None:
    sent = files.located_picture(kind)
    assert b"SecretCamera" in sent
    kept = examine(Offered(f"a.{kind.lower()}", "", sent)).content
    assert b"SecretCamera" not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert not picture.getexif()
        assert picture.size == (48, 64)
        assert "exif" not in picture.info


def test_what_hides_behind_a_picture_is_gone() -> None:
    kept = examine(Offered("a.png", "", files.picture("PNG") + b"PK\x03\x04<script>alert(1)</script>")).content
    assert b"script" not in kept


def test_a_transparent_picture_stays_transparent() -> None:
    kept = examine(Offered("a.png", "", files.picture("PNG", colour=(1, 2, 3, 0)))).content
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.mode == "RGBA"


@pytest.mark.parametrize(
    ("name", "declared", "content", "code"),
    [
        ("a.pdf", "", files.picture("JPEG"), "file_not_what_it_says"),
        ("a.png", "", files.picture("JPEG"), "file_not_what_it_says"),
        ("a.jpg", "", b"\xff\xd8\xffnothing", "picture_unreadable"),
        ("a.jpg", "", files.picture("JPEG")[:200], "picture_unreadable"),
        ("a.csv", "", b"MZ\x90\x00\x03", "file_not_what_it_says"),
        ("a.csv", "", b"<html>,<script>", "file_not_what_it_says"),
        ("a.csv", "", b"<?php ,", "file_not_what_it_says"),
        ("a.jpg", "text/html", files.picture("JPEG"), "file_declared_otherwise"),
        ("a.csv", "text/html", files.CSV, "file_declared_otherwise"),
        ("a.exe", "", b"MZ", "file_kind_not_kept"),
        ("a.svg", "image/svg+xml", b"<svg/>", "file_kind_not_kept"),
        ("a.jpg.html", "", files.picture("JPEG"), "file_kind_not_kept"),
        ("jpg", "", files.picture("JPEG"), "file_name_odd"),
        ("../a.jpg", "", files.picture("JPEG"), "file_name_odd"),
        ("a\u202egpj.jpg", "", files.picture("JPEG"), "file_name_odd"),
        ("a\r\nX: y.jpg", "", files.picture("JPEG"), "file_name_odd"),
        ("x" * 200 + ".jpg", "", files.picture("JPEG"), "file_name_odd"),
        ("a.jpg", "", b"", "file_empty"),
        ("a.csv", "", b"a," * (LARGEST_FILE // 2 + 1), "file_too_large"),
        ("a.pdf", "", b"%PDF-1.7\nnothing more", "document_unreadable"),
        ("a.pdf", "", files.document(script=True), "document_active"),
        ("a.pdf", "", files.document(script=True).replace(b"/JavaScript", b"/Java#53cript").replace(b"/JS", b"/J#53"),
         "document_active"),
    ],
)  # fmt: skip
def test_what_is_not_kept_says_why(name: str, declared: str, content: bytes, code: str) -> None:
    assert refused(name, content, declared) == code


def test_a_picture_that_would_unpack_to_too_many_points_is_not_painted() -> None:
    huge = files.picture("PNG", size=(8000, 5001), colour=(0, 0, 0))
    assert len(huge) < 400_000
    assert refused("a.png", huge) == "picture_too_large"
    # Its head says so: the points themselves are never looked at.
    assert refused("a.png", huge[:1000]) == "picture_too_large"


def test_a_picture_that_moves_is_refused() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    assert refused("a.webp", out.getvalue()) == "picture_moves"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (files.workbook({"xl/sharedStrings.xml": b" " * (64 * 1024 * 1024)}), "workbook_too_large"),
        (files.lying_workbook(), "workbook_unreadable"),
        (files.workbook({f"xl/worksheets/s{n}.xml": b"" for n in range(workbooks.MOST_ENTRIES)}), "workbook_too_large"),
        (files.workbook({"xl/vbaProject.bin": b"x"}), "workbook_active"),
        (files.workbook({"xl/externalLinks/externalLink1.xml": b"x"}), "workbook_active"),
        (files.workbook({"xl/embeddings/oleObject1.bin": b"x"}), "workbook_active"),
        (files.workbook({"xl/_rels/workbook.xml.rels": b'<Relationship TargetMode="External"/>'}), "workbook_active"),
        (files.workbook({"xl/x.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]>"}), "workbook_active"),
        (files.workbook({"xl/x.xml": b" " * (64 * 1024 - 9) + b"<!DOCTYPE a>"}), "workbook_active"),
        (files.workbook({"../../etc/passwd": b"x"}), "workbook_unreadable"),
        (files.workbook()[:-30], "workbook_unreadable"),
    ],
    ids=["bomb", "lying bomb", "entries", "macros", "links", "embedded", "external", "entity", "across chunks", "path",
         "cut off"],
)  # fmt: skip
def test_a_workbook_that_bites_is_refused(content: bytes, code: str) -> None:
    assert len(content) < 200_000
    assert refused("a.xlsx", content) == code


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", "")
    assert refused("a.xlsx", out.getvalue()) == "workbook_unknown"


@settings(max_examples=200, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.sampled_from([files.picture("PNG"), files.picture("WEBP"), files.document(), files.workbook()]).flatmap(
            lambda whole: st.tuples(st.integers(0, len(whole) - 1), st.binary(min_size=1, max_size=8)).map(
                lambda cut: whole[: cut[0]] + cut[1] + whole[cut[0] + len(cut[1]) :]
            )
        ),
    ),
    ending=st.sampled_from(["pdf", "png", "jpg", "webp", "xlsx", "csv"]),
)
def test_whatever_the_bytes_are_they_are_kept_or_refused(content: bytes, ending: str) -> None:
    try:
        examined = examine(Offered(f"a.{ending}", "", content))
    except RuleBroken as refusal:
        assert all(broken.field == "file" for broken in refusal.broken)  # noqa: PT017
    else:
        assert examined.content
