"""The fixed words of the printed manifest, in both languages: a form always shows the two side by side.

They stand here and not in the message catalogue because a catalogue gives one language at a time.
"""

from typing import Final

from wastetrack.reports.figures import Words
from wastetrack.reports.form_layout import Column

TITLE: Final = Words("危险废物转移联单", "Hazardous Waste Transfer Manifest")
NUMBER: Final = Words("联单编号", "Manifest number")
NO_NUMBER: Final = Words("（未编号）", "(not numbered)")
STATE: Final = Words("状态", "State")
SCAN: Final = Words("扫码核验", "Scan to verify")
PRINTED: Final = Words("打印时间 {time}　所有时间为 {zone}", "Printed {time}. All times are {zone}")
PAGE: Final = Words("第 {page} 页 / 共 | 页", "Page {page} of |")

PART_ONE: Final = Words(
    "第一部分　危险废物移出信息（由移出人填写）", "Part 1: shipped waste (filled in by the shipper)"
)
PART_TWO: Final = Words("第二部分　危险废物运输信息（由承运人填写）", "Part 2: transport (filled in by the carrier)")
PART_THREE: Final = Words("第三部分　危险废物接受信息（由接受人填写）", "Part 3: receipt (filled in by the receiver)")
CONTAINERS: Final = Words("容器明细", "Containers, declared and measured")
SIGNATURES: Final = Words("电子签署记录", "Electronic signatures")

UNIT_NAME: Final = Words("单位名称", "Organisation")
UNIT_ADDRESS: Final = Words("单位地址", "Address")
CREDIT_CODE: Final = Words("统一社会信用代码", "Credit code")
EMERGENCY_PHONE: Final = Words("应急联系电话", "Emergency phone")
HANDLER: Final = Words("经办人", "Handled by")
PHONE: Final = Words("联系电话", "Phone")
HANDED_OVER_AT: Final = Words("交付时间", "Handed over at")
LICENCE: Final = Words("营运证件号", "Transport licence")
DRIVER: Final = Words("驾驶员", "Driver")
VEHICLE: Final = Words("运输工具", "Vehicle")
PLATE: Final = Words("牌号", "Plate")
START: Final = Words("运输起点", "From")
DEPARTED_AT: Final = Words("实际起运时间", "Departed at")
VIA: Final = Words("经由地", "Via")
END: Final = Words("运输终点", "To")
ARRIVED_AT: Final = Words("实际到达时间", "Arrived at")
PERMIT: Final = Words("危险废物经营许可证编号", "Permit number")
RECEIVED_AT: Final = Words("接受时间", "Received at")
LEG: Final = Words("【第 {number} 段】", "[Leg {number}]")

DECLARED_TOTAL: Final = Words("移出量合计", "Total shipped")
RECEIVED_TOTAL: Final = Words("接受量合计", "Total received")
TOTAL: Final = Words("合计", "Total")
DIFFERENCE: Final = Words("差异（接受减移出）", "Difference (received less shipped)")
DIFFERENCE_REASON: Final = Words("差异说明", "Reason of the difference")
LIST_SIGN: Final = Words("、", ", ")
COLON: Final = Words("：", ": ")
YES: Final = Words("是", "Yes")
NO: Final = Words("否", "No")
ESTIMATED: Final = Words("（估）", " (est.)")
PENDING: Final = Words("待入账", "pending")
WASTE: Final = Words("废物代码", "Waste code")
MEASURES: Final = Words("突发环境事件防范措施", "Measures against an accident")
HAPPENED: Final = Words("情况", "What happened")
MISMATCH: Final = Words("不符情况", "Mismatch")
REDIRECTED: Final = Words("改运", "Other receiver")
CORRECTION: Final = Words("更正", "Correction")
CORRECTION_TEXT: Final = Words("更正内容", "What was corrected")
REMARKS: Final = Words("备注", "Remarks")
EDITION: Final = Words("适用名录", "Waste list in force")
SIGNATURE_NOTE: Final = Words(
    "日志序号是该签署事件在防篡改日志中的位置；事件摘要可与审计包对照，无需信任本系统即可核验。",
    "The log number is the place of the signed event in the tamper-evident log; its digest can be compared with the "
    "audit bundle, which is verified without trusting this system.",
)
MISSING: Final = Words(
    "下列字符无法印出，以 □ 代替：{characters}", "These characters cannot be printed and are shown as □: {characters}"
)

_SERIAL: Final = Column(Words("序号", "No."), 8, "centre")
_NAME: Final = Column(Words("废物名称", "Waste"), 34)
_CODE: Final = Column(Words("废物代码", "Code"), 20, "centre")

SHIPPED_COLUMNS: Final = (
    _SERIAL,
    _NAME,
    _CODE,
    Column(Words("危险特性", "Hazards"), 14, "centre"),
    Column(Words("形态", "Form"), 11, "centre"),
    Column(Words("有害成分名称", "Harmful components"), 34),
    Column(Words("包装方式", "Packing"), 18, "centre"),
    Column(Words("包装数量", "Count"), 11, "right"),
    Column(Words("移出量（吨）", "Shipped (t)"), 18, "right"),
)
RECEIVED_COLUMNS: Final = (
    _SERIAL,
    _NAME,
    _CODE,
    Column(Words("是否存在重大差异", "Major difference"), 38),
    Column(Words("接受人处理意见", "Receiver's decision"), 24),
    Column(Words("拟利用处置方式", "Method"), 30),
    Column(Words("接受量（吨）", "Received (t)"), 18, "right"),
)
CONTAINER_COLUMNS: Final = (
    _SERIAL,
    Column(Words("数字识别码", "Digital code"), 38),
    Column(Words("废物名称", "Waste"), 32),
    Column(Words("包装", "Packing"), 16, "centre"),
    Column(Words("申报（kg）", "Declared (kg)"), 17, "right"),
    Column(Words("实测（kg）", "Measured (kg)"), 17, "right"),
    Column(Words("差值（kg）", "Diff. (kg)"), 15, "right"),
    Column(Words("结果", "Outcome"), 18, "centre"),
    Column(Words("称重时间", "Weighed at"), 21, "centre"),
)
SIGNATURE_COLUMNS: Final = (
    Column(Words("签署事项", "Signed as"), 36),
    Column(Words("签署人", "Person"), 22),
    Column(Words("单位", "Organisation"), 48),
    Column(Words("签署时间", "Signed at"), 34, "centre"),
    Column(Words("日志序号", "Log number"), 18, "right"),
    Column(Words("事件摘要", "Event digest"), 32, "centre"),
)
