"""The seven tables of a plan as they are printed: what tables A.1 to A.7 of the standard ask for stands in them."""

from datetime import UTC, date, datetime

import pytest

from tests.support.plans import REDUCTION, UNIT
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.containers.model import Form
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.plans.content import (
    Content,
    FacilityLine,
    GenerationLine,
    Quantity,
    ReductionLine,
    StorageLine,
    TransferLine,
    TreatmentLine,
)
from wastetrack.plans.model import ManagementClass
from wastetrack.reports.plan_document import PlanFigures, document_of
from wastetrack.reports.tabular import cell_text

OIL = "900-249-08"
RECEIVER = new_id()
PARTICULARS = {
    "name": "烟台某电镀有限公司",
    "credit_code": "91130200699229617X",
    "site": "一厂",
    "site_address": "芝罘区北马路1号",
    "longitude": "121.391",
    "latitude": "37.539",
    "facilities": {
        "MF0001": {"kind": "production", "name": "机加工线", "process_unit": "机修", "process": "切削"},
        "TS001": {"kind": "storage", "name": "危废库", "capacity": "30 t"},
        "TS002": {"kind": "use", "name": "蒸馏釜", "parameters": "5 m³", "capacity": "20 t/a"},
    },
    "receivers": {str(RECEIVER): {"name": "烟台某焚烧有限公司", "permits": ["烟台危证001号"]}},
}
CONTENT = Content(
    unit=UNIT,
    facilities=(FacilityLine(facility_code="MF0001", final_product="齿轮", materials="切削油 3 t"),),
    generation=(
        GenerationLine(
            waste_code=OIL,
            name="机修废油",
            components="石油烃",
            form=Form.LIQUID,
            hazards=("T", "I"),
            facility_code="MF0001",
            planned=Quantity.model_validate({"value": "200", "unit": "l", "factor": "0.9"}),
            use_facility_code="TS002",
            store_facility_code="TS001",
        ),
    ),
    storage=(StorageLine(facility_code="TS001", waste_code=OIL, packaging="200 L 钢桶", remaining=Quantity(value=1)),),
    treatment=(TreatmentLine(facility_code="TS002", waste_code=OIL, method="R9", planned=Quantity(value=2)),),
    reduction=REDUCTION.model_copy(update={"lines": (ReductionLine(waste_code=OIL, reduced=Quantity(value=3)),)}),
    transfer=(TransferLine(waste_code=OIL, method="D10", planned=Quantity(value=4), receiver_id=RECEIVER),),
)
WASTE = ("机修废油", "HW08", OIL, "石油烃", "液态", "T,I")
ASKED = {
    0: (
        *(
            "烟台某电镀有限公司",
            UNIT.registered_address,
            "芝罘区北马路1号",
            "山东省烟台市芝罘区",
            UNIT.industry,
            "C3360",
        ),
        *("121.391", "37.539", "91130200699229617X", "环境重点监管单位", UNIT.legal_person, UNIT.legal_phone),
        *(UNIT.technical_lead, UNIT.technical_phone, UNIT.eia_number, UNIT.discharge_permit_number),
    ),
    1: ("机修", "切削", "机加工线", "MF0001", "齿轮", "切削油 3 t"),
    2: (*WASTE, "MF0001 机加工线 机修", "0.180", "200 L (0.9 kg)", "TS002 20 t/a", "TS001 30 t", "0.070"),
    3: ("TS001", "贮存库", *WASTE, "200 L 钢桶", "1.000"),
    4: ("TS002", *WASTE, "R9", "2.000"),
    5: ("机修废油", OIL, "0.180", "3.000", "合计"),
    6: (*WASTE, "4.000", "D10", "烟台某焚烧有限公司", "烟台危证001号"),
}
"""Table → what must stand in it, in Chinese."""


@pytest.mark.parametrize("table", ASKED)
def test_each_table_says_what_the_standard_asks(official_lists: Catalogue, table: int) -> None:
    figures = PlanFigures(
        year=2026,
        version=1,
        filing_number="370602-2026-000001",
        filed_at=None,
        management_class=ManagementClass.KEY,
        content=CONTENT,
        particulars=PARTICULARS,
        lists=official_lists,
        on=date(2026, 3, 2),
        region="山东省烟台市芝罘区",
        last_year={OIL: Mass(70_000)},
        printed_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    document = document_of(figures)
    sheet = document.sheets[table]
    assert sheet.title.zh.startswith(f"表A.{table + 1}")
    cells = [
        cell_text(cell, column, "zh", document.zone)
        for row in sheet.rows
        for cell, column in zip(row, sheet.columns, strict=True)
    ]
    assert [one for one in ASKED[table] if one not in cells] == []
    assert "370602-2026-000001" in [text for _, text in document.lines]
    if table == 5:
        told = " ".join(note.zh for note in sheet.notes)
        assert all(one in told for one in (REDUCTION.less_waste, REDUCTION.less_harm, REDUCTION.measures))
