"""The counties in which the demonstration plays: real codes (GB/T 2260), town centres, invented streets."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """A county. `city` is what its firms are called after, `plate` the head of its vehicles' plates."""

    region_code: str
    city: str
    address: str
    latitude: Decimal
    longitude: Decimal
    plate: str


ZHIFU = Place("370602", "烟台", "烟台市芝罘区", Decimal("37.5410"), Decimal("121.3860"), "鲁F")
WEICHENG = Place("370702", "潍坊", "潍坊市潍城区", Decimal("36.7280"), Decimal("119.0240"), "鲁G")
HANTING = Place("370703", "潍坊", "潍坊市寒亭区", Decimal("36.7610"), Decimal("119.2110"), "鲁G")
FANGZI = Place("370704", "潍坊", "潍坊市坊子区", Decimal("36.6540"), Decimal("119.1660"), "鲁G")
KUIWEN = Place("370705", "潍坊", "潍坊市奎文区", Decimal("36.7070"), Decimal("119.1320"), "鲁V")
LINQU = Place("370724", "临朐", "潍坊市临朐县", Decimal("36.5120"), Decimal("118.5430"), "鲁V")
SHOUGUANG = Place("370783", "寿光", "寿光市", Decimal("36.8810"), Decimal("118.7910"), "鲁V")
LAIXI = Place("370285", "莱西", "莱西市", Decimal("36.8890"), Decimal("120.5180"), "鲁B")
TIANQIAO = Place("370105", "济南", "济南市天桥区", Decimal("36.6930"), Decimal("116.9870"), "鲁A")
# Seats of authorities and of the platform.
LAISHAN = Place("370613", "烟台", "烟台市莱山区", Decimal("37.5110"), Decimal("121.4450"), "鲁F")
SHINAN = Place("370202", "青岛", "青岛市市南区", Decimal("36.0750"), Decimal("120.4120"), "鲁B")
XUANWU = Place("320102", "南京", "南京市玄武区", Decimal("32.0490"), Decimal("118.7980"), "苏A")
LIXIA = Place("370102", "济南", "济南市历下区", Decimal("36.6660"), Decimal("117.0760"), "鲁A")

STREETS = ("青杨路", "云帆街", "石榴巷", "渡口北路", "玉兰大道", "工匠街", "蓝鲸路", "槐荫里", "风筝路", "盐田东街")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN_NAMES = (
    *("海宁", "文静", "立新", "晓燕", "建平", "雨桐", "志远", "秀兰", "国强", "思齐", "明轩", "丽娜", "永康", "春梅"),
    *("子涵", "卫东", "佳怡", "振华", "玉珍", "浩然", "雪晴", "光明", "慧敏", "天佑", "若曦", "成功", "凤英", "一鸣"),
)
