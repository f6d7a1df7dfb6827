"""Pages of the chain: each way of showing it in both languages, what leads there, and the case pack taken away."""

import csv
import dataclasses
import io
import json
import re
from pathlib import Path
from uuid import UUID

import pypdf
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from tests.support.chains import Split, corrected, done, split_and_received, treated
from tests.support.packs import signed_again, unpacked
from tests.support.trade import Trade
from wastetrack.cli import audit
from wastetrack.db.session import reading
from wastetrack.reports.bundle_checks import Verdict
from wastetrack.reports.chains import case_files
from wastetrack.reports.chains.case_checks import verify_pack
from wastetrack.web.histories import TITLES

pytestmark = pytest.mark.commits


@pytest.fixture(scope="module")
async def split(trade: Trade) -> Split:
    """Received, corrected, treated."""
    found = await split_and_received(trade)
    await corrected(trade, found, 99_000)
    await treated(trade, *found.halves)
    return found


WORDS = {
    "zh": {"columns": "环节", "graph": "链条关系图", "flow": "按环节和废物代码的质量流向", "table": "链条明细表"},
    "en": {
        "columns": "Columns",
        "graph": "Graph of the chain",
        "flow": "Mass by stage",
        "table": "The chain as a table",
    },
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("view", ["columns", "graph", "flow", "table"])
async def test_each_view_shows_the_same_load_without_script(
    trade: Trade, split: Split, view: str, language: str
) -> None:
    inspector = await trade.served.page_visitor("inspector")
    page = await inspector.get(f"/audit/manifests/{split.manifest_id}?view={view}&lang={language}")
    assert page.status_code == 200
    assert WORDS[language][view] in page.text
    assert "178.5 kg" in page.text or "79.5 kg" in page.text
    if view in {"columns", "table"}:
        assert "<s>" in page.text, "what was corrected is struck, and stays"
        assert ("已更正" if language == "zh" else "orrected") in page.text
        assert ("允差" if language == "zh" else "tolerance") in page.text
    if view in {"graph", "flow"}:
        option = json.loads(re.search(r'<script type="application/json">(\{".*?)</script>', page.text)[1])  # type: ignore[index]
        assert option["series"][0]["type"] == {"graph": "graph", "flow": "sankey"}[view]


async def test_a_split_is_shown_with_its_shares_and_a_drum_with_its_fate(trade: Trade, split: Split) -> None:
    inspector = await trade.served.page_visitor("inspector")
    page = (await inspector.get(f"/audit/containers/{split.drum['id']}?lang=en")).text
    assert "Where its content is now" in page
    assert "99.4 % of it" in page or "100 % of it" in page
    half = (await inspector.get(f"/audit/containers/{split.halves[0]['id']}?lang=en")).text
    assert re.search(r"55\.\d % of it", half), "100 of 179.5 kg went into this one"


async def test_as_known_on_a_day_before_shows_nothing_and_a_wrong_day_is_told(trade: Trade, split: Split) -> None:
    inspector = await trade.served.page_visitor("inspector")
    here = f"/audit/manifests/{split.manifest_id}"
    before = (await inspector.get(f"{here}?known=2020-01-01&lang=zh")).text
    assert "日志中没有您可查看的相关内容" in before
    assert "截至" in before
    assert (await inspector.get(f"{here}?known=2020-13-01")).status_code == 422
    assert (await inspector.get(f"{here}?known=")).status_code == 200


async def test_the_search_finds_plates_firms_permits_and_batches(trade: Trade, split: Split) -> None:
    world = trade.world
    inspector = await trade.served.page_visitor("inspector")
    async with reading(trade.served.owner) as session:
        driver = await session.driver()
        number = await driver.fetchval(
            "select number from permits where organisation_id = $1 limit 1", world.receiver.id
        )
        batch = await driver.fetchval("select treatment_batch_id from containers where id = $1", split.halves[0]["id"])
    for asked, where in {
        world.plate: "/audit/chains/vehicle/",
        world.generator.credit_code: f"/audit/chains/organisation/{world.generator.id}",
        number: "/audit/chains/permit/",
        str(batch): f"/audit/chains/batch/{batch}",
    }.items():
        found = await inspector.get("/audit", params={"q": asked})
        assert found.status_code == 303, asked
        assert found.headers["location"].startswith(where), asked
        page = await inspector.get(found.headers["location"])
        assert page.status_code == 200
        assert "custody-card" in page.text, asked
    many = await inspector.get("/audit", params={"q": "公司"})
    assert many.status_code == 200
    assert "要追踪哪一个" in many.text
    assert (await inspector.get("/audit", params={"q": "没有这样的单位"})).status_code == 404


async def test_the_page_of_each_thing_leads_to_its_chain_and_its_chain_back(trade: Trade, split: Split) -> None:
    world = trade.world
    async with reading(trade.served.owner) as session:
        driver = await session.driver()
        batch = await driver.fetchval("select treatment_batch_id from containers where id = $1", split.halves[0]["id"])
        vehicle = await driver.fetchval("select id from vehicles where plate = $1", world.plate)
    half, chains = split.halves[0]["id"], "/audit/chains"
    label = "/" + trade.label_text(split.halves[0]).split("/", 3)[3]
    for login, path, chain in (
        ("inspector", f"/treatment/{batch}", f"{chains}/batch/{batch}"),
        ("receiver", f"/treatment/{batch}", f"{chains}/batch/{batch}"),
        ("inspector", f"/containers/{half}", f"/audit/containers/{half}"),
        ("inspector", f"/manifests/{split.manifest_id}", f"/audit/manifests/{split.manifest_id}"),
        ("inspector", f"/permits/{world.permit_id}", f"{chains}/permit/{world.permit_id}"),
        ("inspector", f"/sites/{world.receiver.site.id}", f"{chains}/site/{world.receiver.site.id}"),
        ("inspector", f"/organisations/{world.receiver.id}", f"{chains}/organisation/{world.receiver.id}"),
        ("inspector", f"/oversight/companies/{world.carrier.id}", f"{chains}/organisation/{world.carrier.id}"),
        ("inspector", f"/organisations/{world.carrier.id}", f"{chains}/vehicle/{vehicle}"),
        ("carrier", f"/organisations/{world.carrier.id}", f"{chains}/vehicle/{vehicle}"),
        ("inspector", label, f"/audit/containers/{half}"),
    ):
        visitor = await trade.served.page_visitor(login)
        page = await visitor.get(path)
        assert f'href="{chain}"' in page.text, (login, path, page.status_code)
        there = await visitor.get(chain)
        assert there.status_code == 200, (login, chain)
        if "vehicle" not in chain and path != label and "oversight" not in path:
            assert f'href="{path}"' in there.text, (login, chain)


async def test_what_only_meets_the_chain_in_a_batch_did_not_come_into_it(trade: Trade, split: Split) -> None:
    inspector = await trade.served.page_visitor("inspector")
    page = (await inspector.get(f"/audit/containers/{split.halves[1]['id']}?direction=forwards&lang=en")).text
    assert re.search(r"Came into the chain</dt><dd>[^<]*<[^>]*>79\.5 kg", page), "the other half met it in the furnace"


async def test_a_proof_is_given_to_those_who_see_the_event(trade: Trade, split: Split) -> None:
    inspector, stranger = await trade.served.page_visitor("inspector"), await trade.served.page_visitor("stranger")
    page = (await inspector.get(f"/audit/manifests/{split.manifest_id}")).text
    links = re.findall(r'href="(/log/events/[0-9a-f-]{36}/receipt.json)"', page)
    proof = links[0].replace("receipt", "proof")
    told = (await inspector.get(proof)).json()
    assert told.keys() == {"event_id", "leaf", "log_index", "size", "proof", "note", "verifier_key"}
    assert (await stranger.get(proof)).status_code == 404


class TestCasePack:
    async def test_a_reason_is_asked_and_recorded_with_the_look(self, trade: Trade, split: Split) -> None:
        inspector = await trade.served.page_visitor("inspector")
        path = f"/audit/chains/manifest/{split.manifest_id}/case"
        refused = await inspector.send_form(path, {"why": ""}, page=path)
        assert refused.status_code == 422
        assert '<a href="#f-why' in refused.text
        before = await self._looks(trade, split)
        begun = await inspector.send_form(path, {"why": "complaint"}, page=path)
        assert begun.status_code == 303
        assert begun.headers["location"].startswith("/tasks/")
        after = await self._looks(trade, split)
        assert len(after) == len(before) + 1
        assert after[-1] == ("bundle", "complaint")

    async def _looks(self, trade: Trade, split: Split) -> list[tuple[str, str]]:
        async with reading(trade.served.owner) as session:
            rows = await session.execute(
                text("select kind, why from looks where subject_id = :id and channel = 'bundle' order by looked_at"),
                {"id": split.manifest_id},
            )
            return [(row.kind, row.why) for row in rows]

    async def test_the_stranger_and_the_viewer_of_an_authority_take_none(self, trade: Trade, split: Split) -> None:
        path = f"/audit/chains/manifest/{split.manifest_id}/case"
        assert (await (await trade.served.page_visitor("stranger")).get(path)).status_code == 404
        assert (await (await trade.served.page_visitor("regulator")).get(path)).status_code == 403

    @pytest.mark.parametrize("language", ["zh", "en"])
    async def test_it_is_read_back_and_verifies(
        self, trade: Trade, split: Split, language: str, tmp_path: Path
    ) -> None:
        name, pack = await taken(trade, split, language)
        key = str(trade.keys.signer.verifier)
        files = unpacked(pack)
        assert tuple(files) == case_files.ORDER
        verdict = verify_pack(pack, key, TITLES)
        assert verdict.holds, [check.sentence() for check in verdict.checks if not check.holds]
        rows = list(csv.reader(io.StringIO(files["chain.csv"].decode("utf-8-sig"))))
        masses = [row[4] for row in rows[1:]]
        assert {"180", "100", "79.5", "99.5", "99", "20"} <= set(masses)
        shown = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(files["case.pdf"])).pages)
        assert all(mass in shown for mass in ("79.5", "99.5"))
        assert ("案卷包" if language == "zh" else "Case pack") in shown
        assert re.search(r"第 1 页|Page 1 of", shown)
        bundled = json.loads(files["bundle.json"])
        digests = {row[6] for row in csv.reader(io.StringIO(files["events.csv"].decode("utf-8-sig")))}
        assert len(bundled["events"]) + 1 == len(digests)
        file = tmp_path / name
        file.write_bytes(pack)
        ended = CliRunner().invoke(audit.app, ["verify", str(file), "--key", key])
        assert (ended.exit_code, "case.pdf says what follows" in ended.stdout) == (0, True), ended.stdout

    async def test_one_changed_byte_anywhere_is_refused(self, trade: Trade, split: Split) -> None:
        _, pack = await taken(trade, split, "zh")
        key = str(trade.keys.signer.verifier)
        places = {0, 1, len(pack) - 1, len(pack) // 2, *range(7, len(pack), max(1, len(pack) // 60))}
        for place in places:
            changed = bytearray(pack)
            changed[place] ^= 1
            assert not verify_pack(bytes(changed), key, TITLES).holds, place
        assert not verify_pack(pack[:-1], key, TITLES).holds
        assert not verify_pack(pack + b"\0", key, TITLES).holds

    async def test_a_figure_that_does_not_follow_is_told_though_it_is_signed(self, trade: Trade, split: Split) -> None:
        """The operator himself cannot sign a table that says something else than the events."""
        _, pack = await taken(trade, split, "zh")
        signer = trade.keys.signer
        for name, old, new in (("chain.csv", b"79.5", b"89.5"), ("case.pdf", b"%PDF", b"%pDF")):
            files = unpacked(pack)
            assert old in files[name]
            files[name] = files[name].replace(old, new, 1)
            verdict = verify_pack(signed_again(files, signer), str(signer.verifier), TITLES)
            assert [check.code for check in verdict.checks if not check.holds] == ["case.figures_differ"]

    async def test_a_pack_of_another_key_or_with_another_event_is_refused(self, trade: Trade, split: Split) -> None:
        _, pack = await taken(trade, split, "zh")
        signer = trade.keys.signer
        other = "else.example/log+" + str(signer.verifier).partition("+")[2]
        assert codes(verify_pack(pack, other, TITLES))
        files = unpacked(pack)
        files["bundle.json"] = files["bundle.json"].replace(b"99500", b"99501", 1)
        verdict = verify_pack(signed_again(files, signer), str(signer.verifier), TITLES)
        assert not verdict.holds
        assert verdict.first_wrong is not None


def codes(verdict: Verdict) -> list[str]:
    return [check.code for check in verdict.checks if check.code]


async def taken(trade: Trade, split: Split, language: str) -> tuple[str, bytes]:
    """The pack as the inspector takes it."""
    inspector = await trade.served.page_visitor("inspector")
    path = f"/audit/chains/manifest/{split.manifest_id}/case?lang={language}"
    begun = await inspector.send_form(path, {"why": "case"}, page=path)
    task_id = UUID(begun.headers["location"].rpartition("/")[2])
    async with reading(trade.served.owner) as session:
        row = (
            await session.execute(
                text("select person_id, organisation_id, viewer from long_tasks where id = :id"), {"id": task_id}
            )
        ).one()
    actor = dataclasses.replace(
        trade.world.inspector, person_id=row.person_id, organisation_id=row.organisation_id, viewer=row.viewer
    )
    return await done(trade, actor, task_id)
