"""The firms of the demonstration. All of them are invented; their credit codes carry an organisation body (`DEM0…`)
that no register issues, under a valid check character.
"""

from dataclasses import dataclass
from enum import StrEnum

from wastetrack.cli.demonstration import places
from wastetrack.cli.demonstration.places import Place
from wastetrack.parties.model import SiteKind
from wastetrack.parties.permits import PermitKind


class Trade(StrEnum):
    """What a shipper does."""

    HOSPITAL = "hospital"
    CLINIC = "clinic"
    GARAGE = "garage"
    ELECTROPLATER = "electroplater"
    CHEMICAL = "chemical"
    PHARMA = "pharma"
    PAINTER = "painter"
    MACHINERY = "machinery"
    LABORATORY = "laboratory"


@dataclass(frozen=True, slots=True)
class TradeFacts:
    """How a trade's firms are called, what they throw away (first comes most), and how much they may store (tonnes)."""

    name: str
    name_en: str
    codes: tuple[str, ...]
    store_t: int
    medical: bool = False
    second_store: str = ""
    """For what must not stand beside the rest."""

    @property
    def rooms(self) -> tuple[tuple[str, int], ...]:
        """Its stores with their tonnes."""
        first = ("危废暂存间", self.store_t)
        return (first, (self.second_store, self.store_t // 2)) if self.second_store else (first,)


TRADES = {
    Trade.HOSPITAL: TradeFacts(
        "医院", "Hospital", ("841-001-01", "841-002-01", "841-003-01", "841-004-01", "841-005-01"), 3, medical=True
    ),
    Trade.CLINIC: TradeFacts("诊所", "Clinic", ("841-001-01", "841-002-01"), 1, medical=True),
    Trade.GARAGE: TradeFacts("汽车维修有限公司", "Garage", ("900-214-08", "900-052-31", "900-249-08", "900-041-49"), 6),
    Trade.ELECTROPLATER: TradeFacts(
        "表面处理有限公司", "Electroplating", ("336-054-17", "336-063-17", "336-064-17", "900-300-34"), 40
    ),
    Trade.CHEMICAL: TradeFacts(
        "化工有限公司",
        "Chemicals",
        ("900-013-11", "900-402-06", "900-039-49", "900-041-49", "900-352-35"),
        50,
        second_store="废碱液间",
    ),
    Trade.PHARMA: TradeFacts(
        "制药有限公司", "Pharmaceuticals", ("271-002-02", "271-001-02", "272-001-02", "900-402-06"), 40
    ),
    Trade.PAINTER: TradeFacts("涂装有限公司", "Painting", ("900-252-12", "900-404-06", "900-039-49"), 20),
    Trade.MACHINERY: TradeFacts("机械有限公司", "Machinery", ("900-006-09", "900-218-08", "900-041-49"), 25),
    Trade.LABORATORY: TradeFacts("检测技术有限公司", "Testing", ("900-047-49", "900-023-29"), 2),
}

_Z, _W, _H, _F, _K = places.ZHIFU, places.WEICHENG, places.HANTING, places.FANGZI, places.KUIWEN
_S, _L, _T = places.SHOUGUANG, places.LAIXI, places.TIANQIAO
# The first electroplater is the shipper whose people have printed accounts.
SHIPPERS: tuple[tuple[Trade, Place, str], ...] = (
    (Trade.ELECTROPLATER, _Z, "云杉溪"),
    *zip(
        (Trade.HOSPITAL,) * 6,
        (_Z, _K, _S, _L, _T, _W),
        ["白鹭汀", "晚枫", "芦花荡", "雁归台", "松涛里", "杏林坞"],
        strict=True,
    ),
    *zip(
        (Trade.CLINIC,) * 8,
        (_Z, _Z, _K, _F, _S, _L, _T, _T),
        ["桐花巷", "海棠桥", "青禾", "竹影堂", "麦浪", "星渚", "柳絮里", "石榴园"],
        strict=True,
    ),
    *zip(
        (Trade.GARAGE,) * 9,
        (_Z, _Z, _W, _K, _F, _S, _L, _L, _T),
        ["飞鸢", "快马驿", "蓝鲸", "北辰桥", "小轮子", "盐角", "丘陵", "大雁", "古渡"],
        strict=True,
    ),
    *zip((Trade.ELECTROPLATER,) * 4, (_Z, _W, _L, _T), ["镜湖湾", "银潮", "亮山", "清泉石"], strict=True),
    *zip((Trade.CHEMICAL,) * 5, (_H, _H, _S, _L, _T), ["潮间带", "盐蒿", "碱蓬", "琥珀丘", "柏亭"], strict=True),
    *zip((Trade.PHARMA,) * 4, (_Z, _S, _K, _T), ["苍术", "忍冬", "半夏坡", "白芷岸"], strict=True),
    *zip((Trade.PAINTER,) * 4, (_Z, _F, _L, _T), ["彩虹滩", "赭石", "橙光", "靛青"], strict=True),
    *zip((Trade.MACHINERY,) * 3, (_Z, _W, _T), ["齿轮坊", "铁匠营", "曲轴"], strict=True),
    *zip((Trade.LABORATORY,) * 2, (_Z, _T), ["微光", "烧杯"], strict=True),
)


@dataclass(frozen=True, slots=True)
class FleetFacts:
    """A carrier: its vehicles as (rest of the plate, rated load in kilograms), its drivers' count."""

    place: Place
    stem: str
    vehicles: tuple[tuple[str, int], ...]
    drivers: int
    medical: bool = False


# The first is the carrier whose driver has a printed account. Plates: ordinary, new-energy small and large, trailers.
FLEETS = (
    FleetFacts(_Z, "海燕", (("A7K21", 9_900), ("D52871", 1_490), ("16035D", 12_000), ("8K62挂", 30_000)), 4),
    FleetFacts(_K, "风筝", (("B3M90", 9_900), ("27604F", 14_000), ("5T17挂", 30_000)), 3),
    FleetFacts(_H, "盐路", (("C8N06", 14_800), ("9H23挂", 31_000)), 3),
    FleetFacts(_L, "丘陵驿", (("E2P63", 9_900), ("F60218", 1_490)), 2),
    FleetFacts(_T, "泉城渡", (("K5Q18", 12_500), ("80317D", 12_000), ("3W49挂", 30_000)), 3),
    FleetFacts(_F, "白鸽医废", (("D30652", 1_900), ("D30658", 1_900), ("R1U77", 3_500)), 3, medical=True),
)


@dataclass(frozen=True, slots=True)
class PlantFacts:
    """A receiver: what its permit says (category or code → method, tonnes a year), what treatment leaves
    (residue code → share of the input in per mille), stores in tonnes, how often it treats in days."""

    key: str
    place: Place
    name: str
    name_en: str
    kind: PermitKind
    site_kind: SiteKind
    items: tuple[tuple[str, str, int], ...]
    residues: tuple[tuple[str, int], ...]
    stores: tuple[tuple[str, int], ...]
    every_days: int


_COMPREHENSIVE, _TREATMENT = PermitKind.COMPREHENSIVE, SiteKind.TREATMENT
FLY_ASH = "772-002-18"
"""Of burning refuse. More of it arises in the region than any permit names, though landfills have room."""
PLANTS = (
    PlantFacts(
        *(
            "physico",
            _T,
            "济南澄渊物化处理有限公司",
            "Chengyuan Physico-chemical Treatment",
            _COMPREHENSIVE,
            _TREATMENT,
        ),
        items=(("HW09", "D9", 800), ("HW17", "D9", 1_200), ("HW34", "D9", 1_500), ("HW35", "D9", 600)),
        residues=(("772-006-49", 160),),
        stores=(("酸碱废液罐区", 300), ("表面处理废物库", 200), ("污泥暂存库", 120)),
        every_days=4,
    ),
    PlantFacts(
        *("incinerator", _H, "潍坊赤焰湾焚烧处置有限公司", "Chiyanwan Incineration", _COMPREHENSIVE, _TREATMENT),
        items=(
            *(("HW02", "D10", 600), ("HW06", "D10", 800), ("HW08", "D10", 300), ("HW11", "D10", 900)),
            *(("HW12", "D10", 500), ("HW49", "D10", 1_000), ("HW29", "D10", 50)),
        ),
        residues=(("772-003-18", 210),),
        stores=(("甲类仓库", 150), ("散料仓库", 400), ("灰渣库", 250)),
        every_days=3,
    ),
    PlantFacts(
        *("landfill", _L, "莱西固垒刚性填埋有限公司", "Gulei Secure Landfill", _COMPREHENSIVE, _TREATMENT),
        # Of the class there is room for twice what arises; of the fly ash of refuse incineration there is not.
        items=(
            *(("772-003-18", "D1", 1_400), (FLY_ASH, "D1", 600), ("HW48", "D1", 400)),
            *(("HW17", "D1", 600), ("772-006-49", "D1", 1_000)),
        ),
        residues=(),
        stores=(("稳定化车间暂存库", 500),),
        every_days=7,
    ),
    PlantFacts(
        *("oil", _S, "寿光回流再生油有限公司", "Huiliu Oil Recovery", _COMPREHENSIVE, _TREATMENT),
        items=(("HW08", "R9", 2_000),),
        residues=(("900-213-08", 60),),
        stores=(("原料油罐区", 800), ("残渣库", 60)),
        every_days=5,
    ),
    PlantFacts(
        *("lead", _F, "潍坊重元再生铅有限公司", "Chongyuan Lead Recycling", _COMPREHENSIVE, _TREATMENT),
        items=(("HW31", "R4", 6_000),),
        residues=(("321-029-48", 35),),
        stores=(("废电池库", 900), ("集尘库", 80)),
        every_days=6,
    ),
    PlantFacts(
        *("medical", _F, "潍坊净舟医疗废物处置有限公司", "Jingzhou Medical Waste", PermitKind.MEDICAL, _TREATMENT),
        items=(
            *(("841-001-01", "Y11", 700), ("841-002-01", "Y11", 150), ("841-003-01", "Y10", 30)),
            *(("841-004-01", "Y10", 20), ("841-005-01", "Y10", 20)),
        ),
        residues=(),
        stores=(("医疗废物冷库", 30),),
        every_days=1,
    ),
    PlantFacts(
        *("kiln", places.LINQU, "临朐云窑水泥协同处置有限公司", "Yunyao Cement Kiln", _COMPREHENSIVE, _TREATMENT),
        items=(("HW12", "C1", 1_500), ("HW17", "C1", 2_000), ("HW11", "C1", 600), ("HW49", "C1", 1_200)),
        residues=(),
        stores=(("预处理车间", 350), ("飞灰及污泥库", 300)),
        every_days=5,
    ),
    PlantFacts(
        *("station", _L, "莱西拾穗危险废物收集有限公司", "Shisui Collection Station"),
        *(PermitKind.COLLECTION, SiteKind.COLLECTION),
        items=(("HW08", "R15", 300), ("HW31", "R15", 500), ("900-041-49", "R15", 100), ("HW29", "R15", 30)),
        residues=(),
        stores=(("废矿物油区", 40), ("废电池区", 60), ("其他危废区", 15)),
        every_days=0,
    ),
)
# Where a category goes: plant and the chance (per cent) with which a shipper chooses it.
ROUTES: dict[str, tuple[tuple[str, int], ...]] = {
    "HW01": (("medical", 100),),
    "HW02": (("incinerator", 100),),
    "HW06": (("incinerator", 100),),
    "HW08": (("oil", 80), ("station", 20)),
    "HW09": (("physico", 100),),
    "HW11": (("incinerator", 70), ("kiln", 30)),
    "HW12": (("kiln", 60), ("incinerator", 40)),
    "HW17": (("physico", 60), ("kiln", 30), ("landfill", 10)),
    "HW18": (("landfill", 100),),
    "HW29": (("incinerator", 100),),
    "HW31": (("lead", 75), ("station", 25)),
    "HW34": (("physico", 100),),
    "HW35": (("physico", 100),),
    "HW48": (("landfill", 100),),
    "HW49": (("incinerator", 75), ("kiln", 25)),
}
# Sorted waste of a plant goes on by these, before the routes above are asked.
ONWARD: dict[tuple[str, str], str] = {
    ("physico", "772-006-49"): "landfill",
    ("oil", "900-213-08"): "incinerator",
    ("station", "900-214-08"): "oil",
    ("station", "900-249-08"): "oil",
    ("station", "900-052-31"): "lead",
    ("station", "900-041-49"): "incinerator",
}

# Jurisdiction, seat, name. Whoever has a printed account sits in Yantai's, the approver in the province's.
AUTHORITIES = (
    ("37", places.LIXIA, "山东省生态环境厅（演示）", "Shandong Ecology and Environment (demonstration)"),
    ("3706", places.LAISHAN, "烟台市生态环境局（演示）", "Yantai Ecology and Environment (demonstration)"),
    ("3707", places.KUIWEN, "潍坊市生态环境局（演示）", "Weifang Ecology and Environment (demonstration)"),
    ("3702", places.SHINAN, "青岛市生态环境局（演示）", "Qingdao Ecology and Environment (demonstration)"),
    ("3701", places.LIXIA, "济南市生态环境局（演示）", "Jinan Ecology and Environment (demonstration)"),
)
