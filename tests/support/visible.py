"""What a page says, as somebody reads it: without its tags, entities resolved, blanks folded."""

import re
from html import unescape


def words(page: str) -> str:
    """The visible text of a page or a part of it."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    inline = re.sub(r"</?(?:a|abbr|b|code|data|em|small|span|strong|time)\b[^>]*>", "", body)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", inline)).split())
