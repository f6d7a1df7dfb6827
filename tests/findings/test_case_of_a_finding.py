"""The case pack of a finding holds the finding: rule, formula with numbers, threshold, kilograms, proved events."""

import csv
import dataclasses
import io
import json
from uuid import UUID

import pypdf
import pytest

from tests.findings.test_checks_served import told
from tests.support.chains import done
from tests.support.packs import signed_again, unpacked
from tests.support.spoken import IN_EACH_LANGUAGE
from tests.support.trade import Trade
from wastetrack.db.session import writing
from wastetrack.i18n import Locale, translate
from wastetrack.reports.chains import case_checks, case_files, cases
from wastetrack.reports.chains.case_checks import verify_pack
from wastetrack.reports.finding_words import facts_of
from wastetrack.web.histories import TITLES

pytestmark = pytest.mark.commits


async def taken(trade: Trade, finding: str, locale: Locale) -> bytes:
    """The pack that one click on a finding makes."""
    inspector, here = await trade.served.page_visitor("inspector"), f"/findings/{finding}"
    begun = await inspector.send_form(f"{here}/case?lang={locale}", {}, page=f"{here}?lang={locale}")
    assert begun.status_code == 303, begun.text
    task = UUID(begun.headers["location"].partition("?")[0].rpartition("/")[2])
    async with writing(trade.served.owner) as session:
        driver = await session.driver()
        row = await driver.fetchrow("select person_id, organisation_id, viewer from long_tasks where id = $1", task)
    return (await done(trade, dataclasses.replace(trade.world.inspector, **dict(row or {})), task))[1]


@IN_EACH_LANGUAGE
async def test_the_pack_holds_the_finding_and_verifies_with_it(trade: Trade, locale: Locale) -> None:
    finding = (await told(trade))["hard"]
    pack = await taken(trade, finding, locale)
    files = unpacked(pack)
    rows = dict(csv.reader(io.StringIO(files["finding.csv"].decode("utf-8-sig"))))
    assert rows[translate("Rule", locale)].startswith("R02 ")
    assert "[24]" in rows[translate("Formula with its numbers", locale)]
    assert rows[translate("Kilograms at risk", locale)].endswith(" kg")
    assert rows[translate("Finding on record", locale)].endswith(finding)
    for heading in ("Threshold", "False alarms that are expected", "Legal ground", "What to do next"):
        assert rows[translate(heading, locale)], heading
    [events] = [value for heading, value in rows.items() if "bundle.json" in heading]
    proved = {str(one["log_index"]): one for one in json.loads(files["bundle.json"])["events"]}
    kinds = {json.loads(proved[number]["leaf"])["kind"] for number in events.split(", ")}
    assert {"manifest_filed", "finding_case_taken"} <= kinds, kinds
    shown = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(files["case.pdf"])).pages)
    assert all(translate(words, locale) in shown for words in ("Kilograms at risk", "Number in force"))
    key = str(trade.keys.signer.verifier)
    verdict = verify_pack(pack, key, TITLES)
    assert verdict.holds, [check.sentence() for check in verdict.checks if not check.holds]


async def test_what_the_pack_says_of_the_finding_is_what_its_case_holds(trade: Trade) -> None:
    files = unpacked(await taken(trade, (await told(trade))["hard"], "zh"))
    key = str(trade.keys.signer.verifier)
    without = json.dumps(json.loads(files["case.json"]) | {"finding": None}).encode()
    case, events = cases.read(without), case_checks.events_of(files["bundle.json"])
    drawn_without = case_files.derived(case, cases.tables(case, events, TITLES))
    for changed in (
        {"finding.csv": files["finding.csv"].replace(b"R02", b"R03")},
        {"finding_numbers.csv": b""},
        {"case.json": without} | drawn_without,
    ):
        pack = signed_again(files | changed, trade.keys.signer)
        assert "case.figures_differ" in {one.code for one in verify_pack(pack, key, TITLES).checks}, list(changed)


@IN_EACH_LANGUAGE
def test_the_value_of_a_fact_is_told_in_words_where_a_rule_tells_a_word(locale: Locale) -> None:
    told = {"signature": "tenfold", "reason": "no approval", "plate": "鲁F16035D", "late": True}
    facts = {one.symbol: (one.value, one.kind) for one in facts_of(told, {}, locale)}
    assert facts["signature"] == ("a factor of ten", "word")
    assert translate(str(facts["reason"][0]), "zh") == "没有批准"
    assert facts["plate"] == ("鲁F16035D", "")
    assert facts["late"] == (True, "yes")
