"""The files of a case, and the ZIP that holds them: bytes that are the same each time, so that each can be made anew.

The ZIP keeps its files as they are, in one order, without times: whoever verifies it builds it again and compares.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping

import reportlab

from wastetrack import __version__
from wastetrack.i18n import translate
from wastetrack.reports.chains.cases import Case, Tables, document
from wastetrack.reports.table_pdf import table_pdf
from wastetrack.reports.tabular import Sheet, cell_text

BUNDLE, CASE, PDF, README, MANIFEST, SIGNATURE = (
    "bundle.json",
    "case.json",
    "case.pdf",
    "README.txt",
    "MANIFEST.json",
    "MANIFEST.sig",
)
CSVS = ("summary.csv", "chain.csv", "differences.csv", "events.csv")
OF_FINDING = ("finding.csv", "finding_times.csv", "finding_numbers.csv")
ORDER = (README, MANIFEST, SIGNATURE, PDF, *CSVS, CASE, BUNDLE)
ORDER_WITH_FINDING = (README, MANIFEST, SIGNATURE, PDF, *OF_FINDING, *CSVS, CASE, BUNDLE)
_TITLE = "wastetrack case pack v1"
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_README = """\
{heading}

{files}

{how}

    wastetrack audit verify {name} --key 'NAME+HASH+KEY'

{what}
"""


def derived(case: Case, tables: Tables) -> dict[str, bytes]:
    """What follows from the events and the case: the PDF and the CSV files, those of its finding where it has one."""
    files = {name: csv_of(sheet, case) for name, sheet in zip(CSVS, tables.sheets, strict=True)}
    if tables.finding:
        files |= {name: csv_of(sheet, case) for name, sheet in zip(OF_FINDING, tables.finding, strict=True)}
    return files | {PDF: table_pdf(document(case, tables), case.locale, qr=case.address)}


def csv_of(sheet: Sheet, case: Case) -> bytes:
    """A sheet as CSV with the mark by which spreadsheet programs know UTF-8; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.heading(case.locale) for column in sheet.columns])
    for row in sheet.rows:
        cells = (
            cell_text(cell, column, case.locale, case.zone) for cell, column in zip(row, sheet.columns, strict=True)
        )
        # A negative mass is a number, and the only cell that begins so by right.
        writer.writerow([_safe(text) for text in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _safe(text: str) -> str:
    is_number = text.replace(",", "").lstrip("-").replace(".", "", 1).isdigit()
    return f"'{text}" if text.startswith(_FORMULAS) and not is_number else text


def readme(case: Case, name: str) -> bytes:
    """How to verify it, in the language of the case."""
    says = case.locale
    return _README.format(
        heading=translate("Case pack: chain of {thing}", says, thing=case.title),
        files=translate(
            "case.pdf: for reading. *.csv: the same tables for calculating. bundle.json: the events with their proofs. "
            "case.json: what was asked for, and names. MANIFEST.json: the digest of each file, signed by the log.",
            says,
        ),
        how=translate(
            "To verify it on any computer, without network, with the key of the log got by another way:", says
        ),
        what=translate(
            "It looks at every digest, the signature, each event's proof, and makes the CSV files and the PDF anew "
            "from the events: one byte changed anywhere is told.",
            says,
        ),
        name=name,
    ).encode()


def manifest(files: Mapping[str, bytes]) -> bytes:
    """The digest of each file, and what made them."""
    tree = {
        "v": 1,
        "made_by": made_by(),
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in sorted(files.items())
        },
    }
    return (json.dumps(tree, indent=1, sort_keys=True) + "\n").encode()


def made_by() -> dict[str, str]:
    """The versions on which the look of the PDF depends."""
    return {"wastetrack": __version__, "reportlab": reportlab.__version__}


def signed_text(origin: str, listed: bytes) -> str:
    """What the log signs of a pack. The first line holds spaces, which no origin may: it is never a checkpoint."""
    return f"{_TITLE}\n{origin}\n{hashlib.sha256(listed).hexdigest()}\n"


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The ZIP of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as pack:
        for name in ORDER_WITH_FINDING if OF_FINDING[0] in files else ORDER:
            about = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            about.create_system = 3
            about.external_attr = 0o644 << 16
            pack.writestr(about, files[name])
    return out.getvalue()
