"""What a device decides without network is what the server decides: many generated cases, each judged by both.

The server's own rules judge in Python (the table, tolerances, weighings, stores, labels), the device's in Chromium.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.support.browser import chromium_path
from wastetrack import resources
from wastetrack.catalogues.compatibility import Content
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.expected import Expected
from wastetrack.containers.labels import DigitalCode, deployment_base, make_label_text, read_label_text
from wastetrack.containers.model import (
    Form,
    Weighing,
    check_weighing,
)
from wastetrack.containers.standing import Standing, why_not_here
from wastetrack.errors import Broken, Malformed
from wastetrack.gates.packing import figures_document, line_document, paper_document, stores_document
from wastetrack.ids import new_id
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import deciding
from wastetrack.manifests.deciding import Fact
from wastetrack.manifests.expecting import Coming, ComingLine, Spell
from wastetrack.manifests.model import ManifestKind, ManifestState, Outcome
from wastetrack.manifests.tolerance import agrees, tolerance
from wastetrack.mass import Mass
from wastetrack.parties import credit_codes
from wastetrack.parties.model import Store
from wastetrack.parties.storerooms import Room, StoreKind

pytestmark = pytest.mark.browser

BASE, KEY = "https://waste.example", b"a-label-key-of-tests"
UNIT = credit_codes.make("91370602MA0000012")
TODAY = date(2026, 11, 25)
CODES = ("900-249-08", "900-300-34", "900-352-35", "336-064-17", "900-039-49")
CASES = 700
LABELS = 400
SITE = new_id()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page that holds the device's rules."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.route("http://localhost/**", lambda route: route.fulfill(**_served(Path(route.request.url).name)))
        page.goto("http://localhost/empty")
        page.evaluate(
            """async () => {
                 Object.assign(window, await import("/gate_rules.js"), await import("/gate_labels.js"));
               }"""
        )
        yield page
        browser.close()


def _served(name: str) -> dict[str, Any]:
    if name == "empty":
        return {"body": "<!doctype html>", "content_type": "text/html"}
    return {"body": (resources.static_dir() / name).read_text(), "content_type": "text/javascript"}


@dataclass(frozen=True)
class Case:
    """One scan in a small world of its own."""

    line: ComingLine
    container: Expected
    paper: Coming
    spells: tuple[Spell, ...]
    scanned: bool
    revision: int | None
    listed: bool
    reason: str
    gross: int | None
    uncertainty: int | None
    at: datetime
    store: Store | None
    facility: Store
    stores: list[Store]
    standing: list[Standing]


def _store(chance: random.Random, kind: StoreKind, parent: UUID | None, code: str) -> Store:
    room = Room(kind=kind, parent_id=parent, containment_l=chance.choice([None, 40, 300, 5_000]))
    return Store(new_id(), SITE, code, code, Mass(chance.choice([50_000, 300_000, 900_000, 5_000_000])), room)


def _some_stores(chance: random.Random) -> list[Store]:
    kind = chance.choice([StoreKind.WAREHOUSE, StoreKind.SPOT, StoreKind.POOL, StoreKind.TANK_FARM])
    facility = _store(chance, kind, None, "A")
    zones = [_store(chance, StoreKind.ZONE, facility.id, f"A-{number}") for number in range(chance.choice([0, 2]))]
    return [facility, *zones]


def _content(chance: random.Random) -> Content:
    code = chance.choice(CODES)
    stated = chance.choice([None, None, None, "acid", "alkali", "oxidiser", "flammable", "cyanide"])
    return Content(code, chance.choice([("T",), ("T", "I"), ("C",)]), stated)


def _standing(chance: random.Random, stores: list[Store]) -> list[Standing]:
    places = stores[1:] or stores
    return [
        Standing(
            store_id=chance.choice(places).id,
            content=_content(chance),
            form=chance.choice([Form.LIQUID.value, Form.SOLID.value]),
            net=Mass(chance.choice([10_000, 200_000, 2_900_000])),
            volume_l=chance.choice([60, 200, 1_000]),
            largest_l=60,
            digital_code="x",
        )
        for _ in range(chance.randrange(4))
    ]


def _case(chance: random.Random, number: int) -> Case:
    content, manifest_id, container_id = _content(chance), new_id(), new_id()
    code = DigitalCode.make(
        credit_code=UNIT, waste_code=content.waste_code, generated_on=TODAY, serial=number % 999 + 1
    )
    comes_back = chance.random() < 0.15
    revision = chance.choice([1, 1, 2, 3])
    declared, tare = chance.choice([400, 25_000, 180_000, 900_000]), chance.choice([0, 20_000])
    stores = _some_stores(chance)
    usable = stores[1:] or stores
    refused = Broken("permit", "permit_expired", "The permit {value} has expired.", "烟台危证1号")
    return Case(
        line=ComingLine(
            manifest_id,
            container_id,
            content.waste_code,
            declared,
            chance.choice([None, 100, 4_000]),
            chance.choice([None, None, None, None, Outcome.ACCEPTED, Outcome.REJECTED]),
            chance.random() < 0.1,
        ),
        container=Expected(
            manifest_id,
            container_id,
            str(code),
            "废物",
            tare,
            chance.choice([60, 200, 1_000]),
            list(content.hazards),
            chance.choice([Form.LIQUID.value, Form.SOLID.value]),
            content.stated,
            revision,
        ),
        paper=Coming(
            manifest_id,
            "1",
            ManifestKind.RETURN if comes_back else ManifestKind.ROAD,
            ManifestState.ARRIVED,
            TransferBasis.PERMIT,
            "D10",
            "厂",
            TODAY,
            None,
            ("鲁F1",),
            frozenset(),
        ),
        spells=(
            Spell(TODAY - timedelta(days=1), TODAY, ()),
            Spell(TODAY + timedelta(days=1), TODAY + timedelta(days=7), (refused,)),
        ),
        scanned=chance.random() < 0.1,
        revision=chance.choice([None, revision, revision, revision, 1]),
        listed=chance.random() > 0.05,
        reason=chance.choice(["", "", "", "", "渗漏", "  "]),
        gross=chance.choice([None, None, tare, 0, declared + tare, declared + tare + 700, declared * 2 + tare, 10**9]),
        uncertainty=chance.choice([None, 50, 3_000, 5_000_000]),
        at=datetime(2026, 11, 25, 3, tzinfo=UTC) + timedelta(hours=chance.choice([0, 0, 0, 0, 12, 13, 14, 30, 24 * 9])),
        store=chance.choice([None, chance.choice(usable)]),
        facility=stores[0],
        stores=stores,
        standing=_standing(chance, stores),
    )


def _on_the_server(case: Case) -> tuple[str | None, list[str]]:
    """Outcome and codes of the reasons, by the server's own rules."""
    if not case.listed:
        return Outcome.UNEXPECTED.value, ["unexpected"]
    gross = case.gross if case.gross is not None else case.line.declared_g + case.container.tare_g
    weighing = Weighing(
        gross=Mass(gross),
        tare=Mass(case.container.tare_g),
        method=WeighingMethod.PLATFORM_SCALE if case.gross is not None else WeighingMethod.DECLARED,
        uncertainty=Mass(case.uncertainty) if case.uncertainty is not None and case.gross is not None else None,
        confirmed=True,
    )
    figures, line = jurisdiction(), case.line
    content = Content(line.waste_code, tuple(case.container.hazards), case.container.compatibility)
    volume = case.container.volume_l
    coming = Standing(
        content=content, form=case.container.form, net=weighing.net, volume_l=volume, largest_l=volume, digital_code="y"
    )
    refused = why_not_here(case.store, case.facility, case.standing, [coming], figures) if case.store else []
    impossible = check_weighing(weighing, volume)
    declared_u = None if line.declared_uncertainty_g is None else Mass(line.declared_uncertainty_g)
    within = tolerance(
        Mass(line.declared_g),
        per_mille=figures.weight_tolerance.value,
        floor_g=figures.weight_tolerance_floor.value,
        declared_u=declared_u,
        measured_u=weighing.uncertainty,
    )
    day = legal_day(case.at)
    spell = next((one for one in case.spells if one.from_on <= day <= one.to_on), None)
    forbidden = [rule.code for rule in spell.broken] if spell else ["list_too_old"]
    back = case.paper.comes_back
    known = {
        Fact.DECIDED: (line.outcome is not None or case.scanned, ["already_here"]),
        Fact.REJECTING: (bool(case.reason.strip()), []),
        Fact.COMES_BACK: (back, []),
        Fact.LABEL_VOID: (case.revision not in {None, case.container.label_revision}, ["label_void"]),
        Fact.NOT_PERMITTED: (bool(forbidden) and not back, forbidden),
        Fact.MISMATCH_OPEN: (line.mismatch, ["mismatch_undecided"]),
        Fact.WEIGHT_IMPOSSIBLE: (bool(impossible), [rule.code for rule in impossible]),
        Fact.STORE_REFUSES: (bool(refused), [rule.code for rule in refused]),
        Fact.BEYOND_TOLERANCE: (not agrees(Mass(line.declared_g), weighing.net, within), []),
    }
    ruling = deciding.decide(fact for fact, (holds, _) in known.items() if holds)
    if ruling.code == "return_rejected":
        return None, ["return_rejected"]
    why = [code for fact in sorted(ruling.when) for code in known[fact][1]]
    return None if ruling.outcome is None else ruling.outcome.value, sorted(why)


def _pack(case: Case) -> dict[str, Any]:
    figures = jurisdiction()
    kinds = [
        (case.line.waste_code, tuple(case.container.hazards), case.container.compatibility, case.container.form),
    ]
    return {
        "legal_offset_minutes": 480,
        "rulings": deciding.as_data(),
        "figures": figures_document(figures),
        "manifests": [paper_document(case.paper, {case.line.waste_code: case.spells})],
        "lines": [line_document(case.line, case.container, kinds, (BASE, KEY))] if case.listed else [],
        **stores_document(case.stores, case.standing, kinds, figures),
    }


_JUDGE = """(cases) => cases.map(({ pack, scan, scanned }) => {
  const lines = new Map(pack.lines.map((line) => [line.code, line]));
  const found = judge({ ...scan, at: new Date(scan.at) }, pack, { lines, scanned: () => scanned });
  return [found.outcome, found.why.map((one) => one.code).sort()];
})"""


def test_the_device_decides_as_the_server_does(page: Page) -> None:
    chance = random.Random(20261125)  # noqa: S311  cases, no secrets
    cases = [_case(chance, number) for number in range(CASES)]
    given = [
        {
            "pack": _pack(case),
            "scanned": case.scanned,
            "scan": {
                "label": {"code": case.container.digital_code, "revision": case.revision},
                "reject_reason": case.reason,
                "gross_g": case.gross,
                "uncertainty_g": case.uncertainty,
                "store_id": None if case.store is None else str(case.store.id),
                "at": case.at.isoformat(),
            },
        }
        for case in cases
    ]
    decided = [(outcome, why) for outcome, why in page.evaluate(_JUDGE, given)]
    expected = [_on_the_server(case) for case in cases]
    assert [pair for pair in zip(decided, expected, cases, strict=True) if pair[0] != pair[1]] == []
    # Every line of the table was met, or this would prove little.
    met = {outcome for outcome, _ in expected} | {code for _, why in expected for code in why}
    assert {ruling.outcome.value for ruling in deciding.RULINGS if ruling.outcome} <= met
    assert met >= {
        "return_rejected", "mismatch_undecided", "mass_not_positive", "mass_absurd", "uncertainty_absurd",
        "store_full", "storage_spot_full", "incompatible", "pool_of_one", "containment_too_small", "list_too_old",
        "permit_expired",
    }  # fmt: skip


_READ = """async ({ texts, base, key, codes }) => {
  const bytes = new TextEncoder().encode(key);
  const made = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const lines = new Map(codes);
  const read = (text, holds) => readLabel(text, { base, lines, key: holds ? made : null });
  return Promise.all(texts.map(async (text) => [await read(text, true), await read(text, false)]));
}"""


def _texts(chance: random.Random, codes: list[DigitalCode]) -> list[str]:
    """True labels, and what rain, mistakes and forgers make of them."""
    texts = []
    for _ in range(LABELS):
        code, revision = chance.choice(codes), chance.choice([1, 1, 2])
        text = make_label_text(BASE, code, chance.choice([KEY, KEY, KEY, b"another-key-of-someone"]), revision)
        spoilt = chance.randrange(9)
        place = chance.randrange(len(text))
        match spoilt:
            case 0:
                text = text[:place]
            case 1:
                text = text[:place] + chance.choice("0123ABCXYZ/") + text[place + 1 :]
            case 2:
                text = text.lower()
            case 3:
                text = "\uff28" + text[1:]  # full width
            case 4:
                text = " ".join(code.groups).lower()
            case 5:
                text = str(code)[:place]
            case 6:
                text = make_label_text("https://other.example", code, KEY)
            case 7:
                text = f" {text}/ "
        texts.append(text)
    return [*texts, "", "https://example.org/", "hello", "9" * 37, f"{UNIT}90024908202613320{'01'}1"]


def test_the_device_reads_labels_as_the_server_does(page: Page) -> None:
    chance = random.Random(7)  # noqa: S311  the same
    codes = [
        DigitalCode.make(credit_code=UNIT, waste_code=chance.choice(CODES), generated_on=TODAY, serial=serial)
        for serial in range(1, 40)
    ]
    texts = _texts(chance, codes)
    lines = [[str(code), line_document(*_expected_line(code), (BASE, KEY))] for code in codes]
    given = {"texts": texts, "base": deployment_base(BASE), "key": KEY.decode(), "codes": lines}
    read = page.evaluate(_READ, given)
    differing = []
    kinds = set()
    for text, (with_key, without) in zip(texts, read, strict=True):
        expected = _read(text)
        kinds.add(expected if isinstance(expected, str) else "read")
        # Without the key a strange label is not told from a forged one: it is on no list, and stops all the same.
        unknown = expected == "label_forged" and without.get("code") not in {str(code) for code in codes}
        for told in (with_key,) if unknown else (with_key, without):
            found = told.get("problem") or (told["code"], told["revision"], told["typed"])
            if found != expected:
                differing.append((text, found, expected))
    assert differing == []
    assert kinds == {"read", "label_unreadable", "label_damaged", "label_forged", "label_other_deployment"}


def _read(text: str) -> object:
    try:
        code = read_label_text(text, BASE, KEY)
    except Malformed as wrong:
        return wrong.code
    return (str(code), code.revision, code.typed)


def _expected_line(code: DigitalCode) -> tuple[ComingLine, Expected, list[Any]]:
    manifest_id, container_id = new_id(), new_id()
    line = ComingLine(manifest_id, container_id, code.waste_code, 1_000, None, None, mismatch=False)
    container = Expected(
        manifest_id, container_id, str(code), "废物", 0, 200, ["T"], Form.SOLID.value, None, label_revision=2
    )
    return line, container, [(code.waste_code, ("T",), None, Form.SOLID.value)]
