"""What the files of each kind look like: columns as data. Reader, template, explanation and schema all follow them."""

import dataclasses
from collections.abc import Mapping

from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.model import Form, Packaging
from wastetrack.i18n import message
from wastetrack.imports.column import CellKind, Column
from wastetrack.imports.columns_of_firms import CONTRACTS, DRIVERS, VEHICLES
from wastetrack.imports.model import ImportKind
from wastetrack.ledger.model import WeighingMethod

_PACKAGINGS = {
    Packaging.DRUM: ("桶", "Drum", "铁桶", "塑料桶", "圆桶"),
    Packaging.BAG: ("袋", "Bag", "塑料袋"),
    Packaging.BOX: ("箱", "Box", "纸箱"),
    Packaging.TANK: ("罐", "Tank", "槽车", "储罐", "罐/槽车"),
    Packaging.BIG_BAG: ("吨袋", "Big bag"),
    Packaging.SHARPS_BOX: ("利器盒", "Sharps box"),
    Packaging.TURNOVER_BOX: ("周转箱", "Turnover box"),
    Packaging.PALLET: ("托盘", "Pallet"),
    Packaging.OTHER: ("其他", "Other"),
}
_FORMS = {
    Form.SOLID: ("固态", "Solid", "固体", "S"),
    Form.SEMI_SOLID: ("半固态", "Semi-solid", "半固体", "SS"),
    Form.LIQUID: ("液态", "Liquid", "液体", "L"),
    Form.GAS: ("气态", "Gas", "气体", "G"),
}
_METHODS = {
    WeighingMethod.PLATFORM_SCALE: ("平台秤", "Platform scale", "台秤", "电子秤", "地上衡"),
    WeighingMethod.TRUCK_SCALE: ("地磅", "Truck scale", "汽车衡"),
    WeighingMethod.COUNT: ("计件", "Count", "计数"),
    WeighingMethod.ESTIMATE: ("估算", "Estimate", "估重"),
}
_BASES = {
    TransferBasis.PERMIT: ("许可证", "Permit"),
    TransferBasis.EXEMPT: ("豁免", "Exempt"),
    TransferBasis.POINT_TO_POINT: ("点对点", "Point to point"),
    TransferBasis.GROUP_INTERNAL: ("集团内", "Within a group"),
    TransferBasis.GENERAL: ("一般固废", "General waste"),
}

_CONTAINERS = (
    Column(
        field="waste_code",
        zh="废物代码",
        en="Waste code",
        aliases=("危废代码", "废物编码", "code"),
        kind=CellKind.CODE,
        required=True,
        example="900-249-08",
        note=message("Of the list of the day: 900-249-08; of general waste 900-001-S17."),
    ),
    Column(
        field="waste_name",
        zh="废物名称",
        en="Waste name",
        aliases=("危废名称", "名称"),
        required=True,
        example="废矿物油",
        note=message("As the management plan calls it."),
    ),
    Column(
        field="form",
        zh="废物形态",
        en="Form",
        aliases=("形态", "物态"),
        kind=CellKind.CHOICE,
        required=True,
        choices={one.value: words for one, words in _FORMS.items()},
        example="液态",
    ),
    Column(
        field="hazards",
        zh="危险特性",
        en="Hazards",
        aliases=("特性",),
        kind=CellKind.LETTERS,
        example="T,I",
        note=message("Letters T, C, I, R, In with commas; empty for general waste."),
    ),
    Column(
        field="packaging",
        zh="包装类型",
        en="Packaging",
        aliases=("容器类型", "包装方式", "包装", "容器/包装类型"),
        kind=CellKind.CHOICE,
        required=True,
        choices={one.value: words for one, words in _PACKAGINGS.items()},
        example="桶",
    ),
    Column(
        field="volume_l",
        zh="容积(L)",
        en="Volume (L)",
        aliases=("容积", "容器容积", "体积", "volume"),
        kind=CellKind.LITRES,
        required=True,
        example="200",
        note=message("Of the container, in whole litres."),
    ),
    Column(
        field="gross_g",
        zh="毛重",
        en="Gross",
        aliases=("总重", "gross mass", "gross weight"),
        kind=CellKind.MASS,
        required=True,
        unit="kg",
        example="200",
        note=message("With the container. The heading names the unit (kg, t or g), or each cell does: 0.2 t."),
    ),
    Column(
        field="tare_g",
        zh="皮重",
        en="Tare",
        aliases=("容器重", "tare mass", "tare weight"),
        kind=CellKind.MASS,
        required=True,
        unit="kg",
        example="20",
        note=message("Of the empty container."),
    ),
    Column(
        field="method",
        zh="称重方式",
        en="Weighed by",
        aliases=("计量方式", "weighing method"),
        kind=CellKind.CHOICE,
        required=True,
        choices={one.value: words for one, words in _METHODS.items()},
        example="平台秤",
    ),
    Column(field="scale_id", zh="秤号", en="Scale", aliases=("衡器编号", "秤编号"), kind=CellKind.CODE, example="PS-1"),
    Column(
        field="generated_on",
        zh="产生日期",
        en="Filled on",
        aliases=("产生时间", "包装日期", "generated on", "date"),
        kind=CellKind.DAY,
        required=True,
        example="2026-11-05",
        note=message("The day on which it was filled: 2026-11-05, 2026/11/5, 20261105 or 2026年11月5日."),
    ),
    Column(
        field="store_id",
        zh="贮存设施编码",
        en="Store code",
        aliases=("库区", "库位", "贮存区", "store"),
        kind=CellKind.CODE,
        note=message("The code of a store of the site; empty: it stands in none."),
    ),
    Column(field="main_components", zh="主要成分", en="Main components", kind=CellKind.PROSE, example="矿物油"),
    Column(field="harmful_components", zh="有害成分", en="Harmful components", kind=CellKind.PROSE),
    Column(field="precautions", zh="注意事项", en="Precautions", kind=CellKind.PROSE),
    Column(field="remarks", zh="备注", en="Remarks", kind=CellKind.PROSE),
    Column(
        field="trade_name",
        zh="行业俗称",
        en="Trade name",
        aliases=("内部名称", "行业俗称/单位内部名称"),
        example="废机油",
    ),
    Column(field="facility_code", zh="产生设施编码", en="Facility code", kind=CellKind.CODE, aliases=("产废设施编码",)),
    Column(field="destination", zh="去向", en="Destination"),
    Column(field="handler", zh="经办人", en="Handler", aliases=("产生部门经办人",)),
    Column(field="department", zh="产生部门", en="Department", aliases=("科室", "部门")),
    Column(
        field="layers",
        zh="包装层数",
        en="Layers",
        kind=CellKind.LAYERS,
        note=message("Of medical waste: how many bags, one in the other."),
    ),
    Column(
        field="filled_percent",
        zh="装满程度(%)",
        en="Filled (%)",
        aliases=("装满程度", "filled"),
        kind=CellKind.PERCENT,
        note=message("Of medical waste: the share of the volume that is filled."),
    ),
    Column(
        field="highly_infectious",
        zh="高度感染性",
        en="Highly infectious",
        kind=CellKind.YES_NO,
        note=message("Of medical waste: from patients isolated for an infectious disease (是 or 否)."),
    ),
)
_MANIFESTS = (
    Column(
        field="reference",
        zh="转移批次",
        en="Load",
        aliases=("批次", "车次", "reference", "联单序号"),
        required=True,
        example="1",
        note=message("Rows with the same word here become one manifest."),
    ),
    Column(
        field="container_ids",
        zh="容器数字识别码",
        en="Digital code",
        aliases=("数字识别码", "容器编码", "container"),
        kind=CellKind.CODE,
        required=True,
        note=message("The code on the container's label."),
    ),
    Column(
        field="planned_on",
        zh="计划转移日期",
        en="Planned on",
        aliases=("转移日期",),
        kind=CellKind.DAY,
        required=True,
        example="2026-11-26",
    ),
    Column(
        field="receiver_code",
        zh="接收单位统一社会信用代码",
        en="Receiver's credit code",
        aliases=("接收单位代码", "receiver"),
        kind=CellKind.CODE,
        required=True,
    ),
    Column(
        field="receiver_site_id",
        zh="接收场所",
        en="Receiver's site",
        aliases=("接收地点",),
        note=message("Its name; empty where the receiver has one site."),
    ),
    Column(
        field="method",
        zh="利用处置方式",
        en="Method",
        aliases=("处置方式", "利用/处置方式"),
        kind=CellKind.CODE,
        required=True,
        example="D10",
    ),
    Column(
        field="carrier_id",
        zh="承运单位统一社会信用代码",
        en="Carrier's credit code",
        aliases=("承运单位代码", "运输单位代码", "carrier"),
        kind=CellKind.CODE,
        required=True,
    ),
    Column(field="plate", zh="车牌号", en="Plate", aliases=("车辆号牌", "车牌"), kind=CellKind.CODE, required=True),
    Column(field="start", zh="起点", en="From", aliases=("运输起点",)),
    Column(field="end", zh="终点", en="To", aliases=("运输终点",)),
    Column(
        field="basis",
        zh="转移依据",
        en="Basis",
        kind=CellKind.CHOICE,
        choices={one.value: words for one, words in _BASES.items()},
        note=message("Empty: the receiver's permit."),
    ),
    Column(field="remarks", zh="备注", en="Remarks", kind=CellKind.PROSE),
)
_OF_NEW_CONTAINERS = frozenset(
    {
        "trade_name",
        "facility_code",
        "destination",
        "handler",
        "department",
        "layers",
        "filled_percent",
        "highly_infectious",
    }
)
"""What the ledger of generation asks, which old stock has none of."""
_SINCE_WHEN = message("The day on which it was filled, as well as it is known; its term of storage runs from then.")
_STOCK = (
    *(
        dataclasses.replace(column, note=_SINCE_WHEN) if column.field == "generated_on" else column
        for column in _CONTAINERS
        if column.field not in _OF_NEW_CONTAINERS
    ),
    Column(
        field="reason",
        zh="补录原因",
        en="Why it comes later",
        kind=CellKind.PROSE,
        note=message("Only once the opening stock of the site was declared complete: why this was left out."),
    ),
)
COLUMNS: Mapping[ImportKind, tuple[Column, ...]] = {
    ImportKind.CONTAINERS: _CONTAINERS,
    ImportKind.MANIFESTS: _MANIFESTS,
    ImportKind.STOCK: _STOCK,
    ImportKind.VEHICLES: VEHICLES,
    ImportKind.DRIVERS: DRIVERS,
    ImportKind.CONTRACTS: CONTRACTS,
}
