"""How an article of the law is called in the language of a page. Rules name them in one way: law, `art.`, number."""

import re
from typing import Final

from wastetrack.i18n import Locale

_ENGLISH: Final = {
    "固体废物分类与代码目录": "Catalogue of Solid Waste Codes",
    "道路交通安全法": "Road Traffic Safety Law",
    "道路危险货物运输管理规定": "Dangerous Goods Road Transport Provisions",
    "水污染防治法": "Water Pollution Law",
    "电子签名法": "Electronic Signature Law",
    "刑法": "Criminal Law",
    "法释": "Judicial Interpretation ",
    "表A.": "table A.",
    "固体废物污染环境防治法": "Solid Waste Law",
    "危险废物转移管理办法（部令第23号）": "Order 23 ",
    "转移管理办法": "Order 23",
    "医疗卫生机构医疗废物管理办法": "Measures on Medical Waste of Health Institutions",
    "危险废物经营许可证管理办法": "Permit Measures",
    "经营许可证管理办法": "Permit Measures",
    "许可证管理办法": "Permit Measures",
    "医疗废物管理条例": "Medical Waste Regulations",
    "国家危险废物名录": "National List",
    "行政处罚法": "Administrative Penalty Law",
    "国办函": "State Council Office Letter ",
    "固废法": "Solid Waste Law",
    "计量法": "Metrology Law",
    "令23": "Order 23",
    "名录": "National List",
}
_ONE: Final = r"\d+(?:(?:–|-| to )\d+)?(?: ?\(\d+\))?"
_ARTICLES: Final = re.compile(rf" ?art\. ({_ONE}(?:, {_ONE})*)")
_PART: Final = re.compile(r"(\d+)(?:(?:–|-| to )(\d+))?(?: ?\((\d+)\))?")
_LETTER: Final = re.compile(r"〔(\d{4})〕(\d+)号")
_IN_CHINESE: Final = re.compile(r" ?第([一二三四五六七八九十百]+)条")
_DIGITS: Final = "零一二三四五六七八九"


def article_in(article: str, locale: Locale) -> str:
    """An article as it is called in a language; what has no such form, such as a clause of a standard, stays."""
    if locale == "zh":
        told = re.sub(r" annex item (\d+)", r"附录第\1项", article.replace("; ", "；"))
        return _ARTICLES.sub(_chinese, told)
    told = _IN_CHINESE.sub(lambda found: f" art. {_value(found[1])}", article)
    for chinese, english in _ENGLISH.items():
        told = told.replace(chinese, english)
    return _LETTER.sub(r"\1 No. \2", told).replace("；", "; ").replace("、", ", ").replace("  ", " ")


def _chinese(found: re.Match[str]) -> str:
    return " " + "、".join(_one(part) for part in _PART.finditer(found[1]))


def _one(part: re.Match[str]) -> str:
    first, last, item = part.groups()
    words = f"第{han(int(first))}条"
    if last:
        words += f"至第{han(int(last))}条"
    return f"{words}第（{han(int(item))}）项" if item else words


def han(number: int) -> str:
    """A number below two hundred, as laws write it."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    told = "一百" if hundreds else ""
    if tens:
        told += ("一" if hundreds else "") * (tens == 1) + (_DIGITS[tens] if tens > 1 else "") + "十"
    elif hundreds and ones:
        told += "零"
    return told + (_DIGITS[ones] if ones else "")


def _value(words: str) -> int:
    """The number that such words say."""
    return next(number for number in range(1, 200) if han(number) == words)
