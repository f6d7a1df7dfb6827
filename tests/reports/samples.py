"""Figures to print in tests: one drum of waste oil, one bag of a hospital, one manifest."""

from datetime import UTC, date, datetime
from typing import Any

from pypdf import PageObject

from wastetrack.containers.labels import DigitalCode, make_label_text
from wastetrack.mass import Mass
from wastetrack.reports.figures import (
    ContainerFigures,
    LabelFigures,
    LegFigures,
    ManifestFigures,
    PartyFigures,
    SignatureFigures,
    WasteLineFigures,
    Words,
)

HERE = "https://waste.example.cn"
KEY = b"a key of at least sixteen bytes"


def drum_label(serial: int = 1, **changes: Any) -> LabelFigures:  # noqa: ANN401  any figure may be changed
    code = DigitalCode.make(
        credit_code="91130200699229617X", waste_code="900-249-08", generated_on=date(2026, 11, 1), serial=serial
    )
    figures: dict[str, Any] = {
        "label_text": make_label_text(HERE, code, KEY),
        "digital_code": str(code),
        "waste_name": "废矿物油（设备检修更换的液压油）",
        "category": "HW08 废矿物油与含矿物油废物",
        "waste_code": "900-249-08",
        "form": "液态",
        "hazards": ("T", "I"),
        "main_components": "烷烃、环烷烃、芳香烃",
        "harmful_components": "多环芳烃、重金属（铅、锌）",
        "precautions": "远离火源，密闭存放，防止泄漏；搬运时戴防护手套",
        "generator_name": "烟台芝罘滨海机械制造有限公司",
        "contact_name": "王建国",
        "contact_phone": "13800000000",
        "generated_on": date(2026, 11, 1),
        "mass": Mass.parse("182.4 kg"),
    }
    return LabelFigures(**{**figures, **changes})


def fonts_of(page: PageObject) -> list[Any]:
    """The font dictionaries that a page of a PDF names."""
    resources: Any = page["/Resources"]
    return [entry.get_object() for entry in resources["/Font"].values()]


LONG_WINDED: dict[str, Any] = {
    "waste_name": "含有机氯化物的废有机溶剂与清洗零部件产生的混合废液（含二氯甲烷、三氯乙烯、四氯乙烯等卤代烃）",
    "category": "HW06 废有机溶剂与含有机溶剂废物",
    "hazards": ("T", "C", "I", "R"),
    "main_components": "二氯甲烷、三氯乙烯、四氯乙烯、1,1,1-三氯乙烷、甲苯、二甲苯、乙酸乙酯及少量水和金属屑",
    "harmful_components": "二氯甲烷、三氯乙烯、六价铬、苯系物以及清洗过程中溶入的铅、镉、镍等重金属",
    "precautions": "易燃有毒，远离火种热源；操作人员佩戴防毒面具和耐溶剂手套；泄漏时用砂土吸附，不得冲入下水道",
    "generator_name": "中国石油化工股份有限公司齐鲁分公司第二化肥厂检维修中心（临淄区）",
    "contact_name": "欧阳娜仁托娅",
    "remarks": "2号库C区，与氧化性废物隔离存放，先进先出",
}


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 3, hour, minute, tzinfo=UTC)


SHIPPER = PartyFigures(
    name="烟台芝罘滨海机械制造有限公司",
    credit_code="91130200699229617X",
    address="山东省烟台市芝罘区幸福中路188号",
    contact_name="王建国",
    contact_phone="13800000000",
    emergency_phone="0535-6000000",
    name_en="Yantai Binhai Machinery Co., Ltd.",
)
CARRIER = PartyFigures(name="鲁东危运物流有限公司", credit_code="", address="山东省潍坊市奎文区物流大道66号")
RECEIVER = PartyFigures(
    name="潍坊绿源环保处置有限公司",
    credit_code="",
    address="山东省潍坊市滨海区临港工业园",
    contact_name="赵敏",
    permit_number="鲁危证3707-045号",
)


def manifest(containers: int = 3, legs: int = 1, **changes: Any) -> ManifestFigures:  # noqa: ANN401
    declared, measured = Mass.parse("182.4 kg"), Mass.parse("181.95 kg")
    leg = LegFigures(
        carrier=CARRIER,
        licence_number="鲁交运管许可潍字370700001234号",
        driver_name="孙志远",
        driver_phone="13600000003",
        plate="鲁G12345",
        trailer_plate="鲁G0021挂",
        start=SHIPPER.address,
        end=RECEIVER.address,
        departed_at=at(1),
        arrived_at=at(4),
    )
    line = WasteLineFigures(
        waste_name="废矿物油",
        waste_code="900-249-08",
        hazards=("T", "I"),
        form="液态",
        harmful_components="多环芳烃",
        packing="铁桶",
        container_count=containers,
        declared=Mass(declared.grams * containers),
        received=Mass(measured.grams * containers),
        method="R9 废油再提炼",
        opinion=Words("接受", "Accepted"),
        major_difference=False,
        measures="远离火种；泄漏时用砂土吸附",
    )
    figures: dict[str, Any] = {
        "number": "20263706000123",
        "state": Words("已接受（有差异）", "Received with difference"),
        "shipper": SHIPPER,
        "lines": (line,),
        "legs": (leg,) * legs,
        "receiver": RECEIVER,
        "containers": tuple(
            ContainerFigures(
                digital_code=f"91130200699229617X9002490820261101{i:03d}",
                waste_name="废矿物油",
                packing="铁桶",
                declared=declared,
                measured=measured,
                estimated=i == 1,
                outcome=Words("接受", "Accepted"),
                measured_at=at(5, i % 60),
            )
            for i in range(1, containers + 1)
        ),
        "signatures": (
            SignatureFigures(
                Words("移出人签署", "Shipper"), "王建国", SHIPPER.name, at(0, 30), 10421, "9f86d081884c7d65"
            ),
            SignatureFigures(Words("接受人确认", "Receiver"), "赵敏", RECEIVER.name, at(6)),
        ),
        "verification_url": f"{HERE}/verify/20263706000123",
        "catalogue_edition": "国家危险废物名录（2025年版）",
        "printed_at": at(8),
        "handed_over_at": at(1),
        "received_at": at(6),
        "discrepancy_reason": "称重误差",
    }
    return ManifestFigures(**{**figures, **changes})
