"""The wastes of the demonstration: what the label says of them, what they come in, where they may go.

Codes are those of 国家危险废物名录 (2025); compositions and masses are typical of the trade and invented.
"""

from dataclasses import dataclass

from wastetrack.containers.model import UNREMARKABLE, Form, Packaging, Packed

_SPILL = "泄漏时用吸附棉围堵，禁止排入下水道"
_FIRE = "远离火源，防静电，通风存放"
_SKIN = "穿戴防酸碱手套和护目镜"
_GERMS = "密闭运输，轻拿轻放，防止渗漏和刺伤"


@dataclass(frozen=True, slots=True)
class Vessel:
    """A kind of container as it is bought: volume in litres, its own mass in grams."""

    packaging: Packaging
    volume_l: int
    tare_g: int


DRUM = Vessel(Packaging.DRUM, 208, 18_500)
SMALL_DRUM = Vessel(Packaging.DRUM, 60, 4_200)
CAN = Vessel(Packaging.DRUM, 25, 1_200)
CAGE = Vessel(Packaging.TANK, 1_000, 58_000)
BIG_BAG = Vessel(Packaging.BIG_BAG, 1_000, 2_400)
TANK_CONTAINER = Vessel(Packaging.TANK, 34_000, 1_900_000)
CRATE = Vessel(Packaging.BOX, 600, 36_000)
TURNOVER_BOX = Vessel(Packaging.TURNOVER_BOX, 240, 14_000)
SHARPS_BOX = Vessel(Packaging.SHARPS_BOX, 12, 350)
MEDICAL_BAG = Vessel(Packaging.BAG, 60, 120)
BOTTLE_BOX = Vessel(Packaging.BOX, 40, 1_600)


@dataclass(frozen=True, slots=True)
class Waste:
    """One waste: its label, its usual container, and between which net masses a full one lies."""

    code: str
    name: str
    form: Form
    vessel: Vessel
    kilograms: tuple[int, int]
    components: str
    harmful: str
    precautions: str
    hazards: tuple[str, ...] = ()
    """Which of the letters that its code may have are those of this waste; empty: all that the list names."""

    @property
    def packed(self) -> Packed:
        """How it is packed; bags and sharps boxes of medical waste are closed before they are full."""
        if self.vessel.packaging in {Packaging.BAG, Packaging.SHARPS_BOX}:
            return Packed(filled_percent=70)
        return UNREMARKABLE

    @property
    def lightest_g(self) -> int:
        """The least that a full one holds."""
        return 1_000 * self.kilograms[0]

    @property
    def heaviest_g(self) -> int:
        """The most."""
        return 1_000 * self.kilograms[1]


WASTES = {
    waste.code: waste
    for waste in (
        Waste("841-001-01", "感染性废物", Form.SOLID, TURNOVER_BOX, (12, 34), "敷料、一次性器械", "病原微生物", _GERMS),
        Waste("841-002-01", "损伤性废物", Form.SOLID, SHARPS_BOX, (2, 5), "针头、刀片", "病原微生物", _GERMS),
        Waste("841-003-01", "病理性废物", Form.SOLID, MEDICAL_BAG, (8, 22), "手术切除组织", "病原微生物", _GERMS),
        Waste("841-004-01", "化学性废物", Form.LIQUID, CAN, (8, 21), "废消毒剂、固定液", "甲醛、戊二醛", _SPILL),
        Waste("841-005-01", "药物性废物", Form.SOLID, BOTTLE_BOX, (3, 12), "过期药品", "细胞毒性药物", _GERMS),
        Waste(
            "900-047-49",
            "实验室废液",
            Form.LIQUID,
            CAN,
            (12, 23),
            "有机溶剂、重金属盐溶液",
            "铬、汞",
            _SPILL,
            ("T", "I"),
        ),
        Waste("900-023-29", "废荧光灯管", Form.SOLID, BOTTLE_BOX, (4, 11), "玻璃、荧光粉", "汞", "轻拿轻放，防破碎"),
        Waste("900-214-08", "废发动机油", Form.LIQUID, DRUM, (140, 182), "矿物油", "多环芳烃", _FIRE),
        Waste("900-249-08", "废机油滤芯", Form.SOLID, DRUM, (60, 110), "滤芯、残油", "矿物油", _FIRE),
        Waste("900-218-08", "废液压油", Form.LIQUID, DRUM, (150, 183), "矿物油", "多环芳烃", _FIRE),
        Waste("900-213-08", "废油过滤残渣", Form.SEMI_SOLID, DRUM, (150, 230), "油泥、白土", "矿物油", _FIRE),
        Waste("900-052-31", "废铅蓄电池", Form.SOLID, CRATE, (320, 760), "铅板、稀硫酸、塑料壳", "铅、硫酸", _SKIN),
        Waste(
            "321-029-48", "铅再生集尘", Form.SOLID, BIG_BAG, (500, 900), "氧化铅粉尘", "铅、砷", "防扬尘，戴防尘口罩"
        ),
        Waste(
            "900-041-49", "沾染性废包装桶", Form.SOLID, CRATE, (40, 120), "塑料桶、铁桶", "残留化学品", _SPILL, ("T",)
        ),
        Waste("900-039-49", "废活性炭", Form.SOLID, BIG_BAG, (320, 520), "活性炭", "苯系物", _FIRE),
        Waste("900-006-09", "废切削液", Form.LIQUID, CAGE, (820, 985), "水、矿物油、乳化剂", "石油烃", _SPILL),
        Waste("336-054-17", "镀镍槽渣和污泥", Form.SEMI_SOLID, BIG_BAG, (560, 940), "氢氧化镍、水", "镍", _SKIN),
        Waste("336-063-17", "电镀废水处理污泥", Form.SEMI_SOLID, BIG_BAG, (600, 960), "金属氢氧化物", "铜、锌", _SKIN),
        Waste("336-064-17", "酸洗除锈槽渣", Form.SEMI_SOLID, DRUM, (180, 270), "铁盐、残酸", "铬、锌", _SKIN),
        Waste("900-300-34", "清洗废酸", Form.LIQUID, CAGE, (930, 1_150), "硫酸、盐酸、水", "酸、重金属", _SKIN),
        Waste("900-352-35", "清洗废碱液", Form.LIQUID, CAGE, (930, 1_120), "氢氧化钠、水", "碱", _SKIN),
        Waste("900-402-06", "废有机溶剂", Form.LIQUID, DRUM, (145, 178), "甲苯、二甲苯、醇类", "苯系物", _FIRE),
        Waste("900-404-06", "废清洗溶剂", Form.LIQUID, DRUM, (150, 176), "酯类、酮类", "有机溶剂", _FIRE),
        Waste("900-013-11", "精馏残渣", Form.SEMI_SOLID, DRUM, (190, 245), "高沸物、焦油", "多环芳烃", _FIRE),
        Waste("271-001-02", "蒸馏及反应残余物", Form.SEMI_SOLID, DRUM, (170, 235), "有机中间体", "卤代烃", _FIRE),
        Waste("271-002-02", "废母液及反应基废物", Form.LIQUID, CAGE, (860, 1_020), "有机溶剂、盐", "卤代烃", _SPILL),
        Waste("272-001-02", "制剂提纯残余物", Form.SOLID, DRUM, (70, 130), "药物粉末、助剂", "药物活性成分", _FIRE),
        Waste("900-252-12", "漆渣", Form.SEMI_SOLID, DRUM, (150, 240), "树脂、颜料、溶剂", "苯系物、铬", _FIRE),
        Waste("264-013-12", "含墨废有机溶剂", Form.LIQUID, DRUM, (150, 185), "油墨、溶剂", "苯系物", _FIRE),
        Waste("900-253-12", "废油墨渣", Form.SEMI_SOLID, SMALL_DRUM, (30, 62), "油墨、抹布", "有机溶剂", _FIRE),
        Waste(
            "772-003-18",
            "焚烧飞灰和底渣",
            Form.SOLID,
            BIG_BAG,
            (640, 1_050),
            "硅铝酸盐、氯盐",
            "铅、镉",
            "防扬尘，防雨",
        ),
        Waste(
            "772-002-18",
            "生活垃圾焚烧飞灰",
            Form.SOLID,
            TANK_CONTAINER,
            (25_000, 27_400),
            "氯化钙、硅铝酸盐",
            "二噁英类、铅、镉",
            "防扬尘，防雨",
        ),
        Waste(
            "772-006-49",
            "物化处理污泥",
            Form.SEMI_SOLID,
            BIG_BAG,
            (600, 940),
            "金属氢氧化物、水",
            "镍、铬",
            _SKIN,
            ("T",),
        ),
    )
}
