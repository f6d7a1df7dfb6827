"""Plans and contracts by forms, as an office fills them in."""

import io
from collections.abc import Mapping, Sequence

import pypdf
from python_calamine import CalamineWorkbook

from tests.support import parties as made
from tests.support.parties import AT
from tests.support.served import Served, Visitor
from tests.support.world import OIL
from wastetrack.db.session import writing
from wastetrack.ids import new_id
from wastetrack.parties.registering import add_site

UNIT = {
    "registered_address": "北马路1号",
    "industry": "金属表面处理",
    "industry_code": "C3360",
    "legal_person": "赵敏",
    "legal_phone": "0535-6123456",
    "technical_lead": "钱进",
    "technical_phone": "0535-6123457",
    "operating_since": "2016-05-01",
}
GENERATION = {
    "lines.0.waste_code": OIL,
    "lines.0.name": "废机油",
    "lines.0.form": "liquid",
    "lines.0.hazards": ["T", "I"],
    "lines.0.planned.value": "200",
    "lines.0.planned.unit": "l",
    "lines.0.planned.factor": "0.9",
}


async def a_new_site(served: Served) -> str:
    """A further site of the workshop, which has planned nothing."""
    async with writing(served.owner) as session:
        command = made.site_command(served.world.generator.id, name=f"分厂{new_id()}")
        site = await add_site(session, made.platform_operator(), command, at=AT)
    return str(site.id)


async def begun(served: Served, owner: Visitor, year: int = 2026) -> str:
    """The address of a plan that is begun by its form."""
    fields = {"site_id": await a_new_site(served), "year": str(year)}
    made_plan = await owner.send_form("/plans/new", fields, page="/plans/new")
    assert made_plan.status_code == 303, made_plan.text
    return str(made_plan.headers["location"])


async def kept(owner: Visitor, plan: str, table: str, fields: Mapping[str, str | Sequence[str]]) -> None:
    address = f"{plan}/tables/{table}"
    done = await owner.send_form(address, fields, page=address)
    assert done.status_code == 303, done.text


async def test_a_plan_is_filled_in_filed_changed_and_printed(served: Served) -> None:
    owner = await served.page_visitor("owner")
    plan = await begun(served, owner)
    refused = await owner.send_form(f"{plan}/file", {}, page=plan)
    assert refused.status_code == 422
    assert "计划未列出危险废物" in refused.text

    await kept(owner, plan, "unit", dict(UNIT))
    await kept(owner, plan, "generation", GENERATION)
    transfer = {
        "lines.0.kind": "within_the_province",
        "lines.0.waste_code": OIL,
        "lines.0.planned.value": "0.18",
        "lines.0.planned.unit": "t",
        "lines.0.method": "D10",
        "lines.0.receiver_kind": "permit_holder",
        "lines.0.receiver_id": str(served.world.receiver.id),
    }
    await kept(owner, plan, "transfer", transfer)
    again = (await owner.get(f"{plan}/tables/generation")).text
    assert 'value="200"' in again
    assert "废机油" in again

    filed = await owner.send_form(f"{plan}/file", {}, page=plan)
    assert (filed.status_code, filed.headers["location"]) == (303, plan)
    shown = (await owner.get(plan)).text
    assert "已备案" in shown
    assert "登记管理单位" in shown
    assert "receipt.json" in shown

    assert (await owner.send_form(f"{plan}/change", {}, page=plan)).status_code == 303
    await kept(owner, plan, "transfer", transfer | {"lines.0.planned.value": "0.5"})
    assert (await owner.send_form(f"{plan}/file", {}, page=plan)).status_code == 303
    version = (await owner.get(f"{plan}/versions/2")).text
    assert "0.18 t" in version
    assert "0.5 t" in version

    workbook = CalamineWorkbook.from_filelike(io.BytesIO((await owner.get(f"{plan}/versions/2/plan.xlsx")).content))
    assert len(workbook.sheet_names) == 7
    cells = [
        cell for name in workbook.sheet_names for row in workbook.get_sheet_by_name(name).to_python() for cell in row
    ]
    assert 0.18 in cells, "200 L of 0.9 kg/L, in tonnes"
    assert 0.5 in cells
    pdf = pypdf.PdfReader(io.BytesIO((await owner.get(f"{plan}/versions/2/plan.pdf")).content))
    assert len(pdf.pages) >= 1


async def test_what_cannot_be_read_is_asked_again_with_what_was_typed(served: Served) -> None:
    owner = await served.page_visitor("owner")
    plan = await begun(served, owner)
    address = f"{plan}/tables/generation"
    wrong = await owner.send_form(address, GENERATION | {"lines.0.planned.value": "viel"}, page=address)
    assert wrong.status_code == 422
    assert "废机油" in wrong.text
    assert (await owner.get(f"{plan}/tables/nothing")).status_code == 404


async def test_an_authority_sees_who_has_not_filed_and_sets_a_class(served: Served) -> None:
    owner, inspector = await served.page_visitor("owner"), await served.page_visitor("inspector")
    plan = await begun(served, owner)
    assert (await inspector.get(plan)).status_code == 404, "a draft is its owner's"
    site = (await owner.get(plan)).text.partition("分厂")[2][:36]
    assert site in (await inspector.get("/plans?year=2026&filed=false")).text
    assert site not in (await inspector.get("/plans?year=2026&filed=true")).text
    approver = await served.page_visitor("approver")
    async with writing(served.owner) as session:
        command = made.site_command(served.world.generator.id, name=f"分厂{new_id()}")
        place = await add_site(session, made.platform_operator(), command, at=AT)
    address = f"/sites/{place.id}/management-class"
    fields = {"management_class": "key_supervision", "reason": "沿河一公里内"}
    assert (await approver.send_form(address, fields, page=address)).status_code == 303
    assert "沿河一公里内" in (await approver.get(address)).text
    assert (await owner.get(address)).status_code == 403


async def test_the_duty_to_plan_stands_on_the_first_page(served: Served) -> None:
    owner = await served.page_visitor("owner")
    await a_new_site(served)
    assert "年度管理计划" in (await owner.get("/")).text


async def test_a_contract_is_entered_confirmed_scanned_and_ended(served: Served) -> None:
    owner, receiver = await served.page_visitor("owner"), await served.page_visitor("receiver")
    number = f"HT-{new_id().hex[-10:]}"
    fields = {
        "as_side": "shipper",
        "other_id": str(served.world.receiver.id),
        "number": number,
        "signed_on": "2026-01-05",
        "valid_from": "2026-01-05",
        "valid_to": "2026-12-31",
        "clauses_acknowledged": "true",
        "items.0.waste_code": OIL,
        "items.0.quantity": "12.5",
    }
    without = {name: value for name, value in fields.items() if name != "clauses_acknowledged"}
    refused = await owner.send_form("/contracts/new", without, page="/contracts/new")
    assert refused.status_code == 422
    assert number in refused.text
    made_contract = await owner.send_form("/contracts/new", fields, page="/contracts/new")
    assert made_contract.status_code == 303, made_contract.text
    contract = made_contract.headers["location"]
    assert number in (await receiver.get("/contracts")).text
    # Its heads are its order, and a column that is not wanted is gone until it is wanted again.
    ordered = (await receiver.get("/contracts?state=draft&sort=-valid&lang=en")).text
    assert 'aria-sort="descending"' in ordered
    assert "/contracts?state=draft&amp;lang=en" not in ordered
    assert "Save these filters" in ordered
    columns = {"page": "/contracts", "back": "/contracts", "columns": "state"}
    assert (await receiver.send_form("/searches/columns", columns, page="/contracts")).status_code == 303
    fewer = (await receiver.get("/contracts")).text
    assert number in fewer
    assert 'data-heading="Receiver"' not in fewer
    await receiver.send_form("/searches/columns", {**columns, "usual": "true"}, page="/contracts")
    assert 'data-heading="Receiver"' in (await receiver.get("/contracts")).text
    await receiver.get("/contracts?lang=zh")
    assert number in (await receiver.get("/")).text, "it waits for the other side's word"
    assert "确认合同" not in (await owner.get(contract)).text
    assert (await (await served.page_visitor("stranger")).get(contract)).status_code == 404
    inspector = await served.page_visitor("inspector")
    assert (await inspector.get(contract)).status_code == 404, "an authority sees what is agreed"
    assert (await receiver.send_form(f"{contract}/confirm", {}, page=contract)).status_code == 303
    assert "12.5 t" in (await inspector.get(contract)).text
    assert (await receiver.send_form(f"{contract}/end", {"reason": ""}, page=contract)).status_code == 422
    assert (await receiver.send_form(f"{contract}/end", {"reason": "停产"}, page=contract)).status_code == 303
    assert "停产" in (await owner.get(contract)).text


async def test_a_viewer_reads_and_does_not_file(served: Served) -> None:
    viewer = await served.page_visitor("viewer")
    assert (await viewer.get("/plans")).status_code == 200
    assert (await viewer.get("/plans/new")).status_code == 403
    assert (await viewer.get("/contracts/new")).status_code == 403
