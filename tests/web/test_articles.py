"""An article of the law is called by each language's own words on a page."""

import pytest

from wastetrack.reports.articles import article_in, han


@pytest.mark.parametrize(
    ("article", "chinese", "english"),
    [
        ("固废法 art. 81", "固废法 第八十一条", "Solid Waste Law art. 81"),
        ("令23 art. 10 (2), 14", "令23 第十条第（二）项、第十四条", "Order 23 art. 10 (2), 14"),
        ("令23 art. 28(1)", "令23 第二十八条第（一）项", "Order 23 art. 28(1)"),
        (
            "固废法 art. 82; 令23 art. 21–28",
            "固废法 第八十二条；令23 第二十一条至第二十八条",
            "Solid Waste Law art. 82; Order 23 art. 21–28",
        ),
        ("国家危险废物名录 第六条", "国家危险废物名录 第六条", "National List art. 6"),
        (
            "固体废物污染环境防治法 第八十条；危险废物转移管理办法（部令第23号）第十条",
            "固体废物污染环境防治法 第八十条；危险废物转移管理办法（部令第23号）第十条",
            "Solid Waste Law art. 80; Order 23 art. 10",
        ),
        (
            "法释〔2023〕7号 art. 1(2), 15; 水污染防治法 art. 64-67",
            "法释〔2023〕7号 第一条第（二）项、第十五条；水污染防治法 第六十四条至第六十七条",
            "Judicial Interpretation 2023 No. 7 art. 1(2), 15; Water Pollution Law art. 64-67",
        ),
        ("转移管理办法 art. 21 to 27", "转移管理办法 第二十一条至第二十七条", "Order 23 art. 21 to 27"),
        ("名录 annex item 31", "名录附录第31项", "National List annex item 31"),
        ("GB 39707-2020, 5.3.1", "GB 39707-2020, 5.3.1", "GB 39707-2020, 5.3.1"),
    ],
)
def test_an_article_is_named_in_either_language(article: str, chinese: str, english: str) -> None:
    assert (article_in(article, "zh"), article_in(article, "en")) == (chinese, english)


def test_numbers_are_written_as_laws_write_them() -> None:
    numbers = (8, 10, 19, 20, 101, 110, 112, 126)
    assert [han(number) for number in numbers] == [
        *("八", "十", "十九", "二十", "一百零一", "一百一十", "一百一十二", "一百二十六"),
    ]
