"""The last line of defence for logs: what must never stand in one is taken out of every line before it is written.

The first line is that nobody logs it (logs.py). What gets here comes from libraries: a driver that quotes a row, an
exception that carries a header.
"""

import json
import re
from collections.abc import Iterable, Mapping

from wastetrack.characters import unseen_character

GONE = "[…]"
_TELLING = (
    r"authorization|proxy-authorization|set-cookie|cookie|password|passwd|passcode|pwd|passphrase|secret|client_secret|"
    r"csrf_token|access_token|refresh_token|id_token|token|api[_-]?key|assertion|code_verifier|otp|present|wanted"
)
_TELLING_NAME = re.compile(rf"(?i){_TELLING}")
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE\sKEY-----.*?(-----END [A-Z ]*PRIVATE\sKEY-----|$)", re.DOTALL), GONE),
    # A row quoted by PostgreSQL, the parameters quoted by SQLAlchemy.
    (re.compile(r"(DETAIL:\s+)[^\n]*"), rf"\1{GONE}"),
    (re.compile(r"(\[parameters: ).*?\](?=\n|$)", re.DOTALL), rf"\1{GONE}]"),
    (re.compile(r"(?i)\b(cookie|set-cookie)(['\"]?\s*[:=]\s*['\"]?)[^\n\"']+"), rf"\1\2{GONE}"),
    (re.compile(r"(?i)\b(bearer|basic|digest|dpop)\s+[A-Za-z0-9._~+/=-]{4,}"), rf"\1 {GONE}"),
    (
        re.compile(rf"(?i)(?<![a-z])({_TELLING})(b?['\"]?\s*[:=]\s*)(b?'[^']*'|b?\"[^\"]*\"|[^\s,;&)}}\]'\"]+)"),
        rf"\1\2{GONE}",
    ),
    (re.compile(r"\b(wt|ws|wc|wr)_[A-Za-z0-9_-]{8,}"), rf"\1_{GONE}"),
    (re.compile(r"(?i)\b((?:__Host-)?wastetrack(?:_\w+)?)=[^\s;,\"']+"), rf"\1={GONE}"),
    # The link of a driver without an account is an address.
    (re.compile(r"(?<![A-Za-z0-9_/-])(/d/)[A-Za-z0-9_-]{16,}"), rf"\1{GONE}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*)?"), GONE),
    (re.compile(r"(://[^\s:/@]*):[^\s/@]+@"), rf"\1:{GONE}@"),
    # Identity numbers (GB 11643), mobile and fixed telephones of China. A hash or a container's code is no such number.
    (re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}[01]\d[0-3]\d{4}[\dXx](?![0-9A-Za-z])"), GONE),
    (re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?![0-9A-Za-z])"), GONE),
    (re.compile(r"(?<![0-9A-Za-z-])0\d{2,3}-\d{7,8}(?![0-9A-Za-z])"), GONE),
)
_UNSEEN = re.compile(r"[^\x20-\x7e\u00a1-\u00ac\u3000-\u312f\u3400-\u9fff\uff01-\uff9f]")
_SHORTEST_NAME = 2


def scrubbed(text: str, names: Iterable[str] = ()) -> str:
    """The text without secrets, numbers of persons and these names."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    for name in names:
        if len(name) >= _SHORTEST_NAME:
            text = text.replace(name, GONE)
    return text


def scrubbed_line(line: Mapping[str, object], names: Iterable[str] = ()) -> str:
    """A log line as JSON in one line, whatever its members hold."""
    known = tuple(names)
    clean = {scrubbed(name): _scrubbed_value(name, value, known) for name, value in line.items()}
    return _UNSEEN.sub(_escaped, json.dumps(clean, ensure_ascii=False, default=str))


def _scrubbed_value(name: str, value: object, names: tuple[str, ...]) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _TELLING_NAME.fullmatch(name):
        return GONE
    if isinstance(value, Mapping):
        return {scrubbed(str(key)): _scrubbed_value(str(key), each, names) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_scrubbed_value("", each, names) for each in value]
    return scrubbed(str(value), names)


def _escaped(found: re.Match[str]) -> str:
    """Line ends that JSON leaves alone and characters that turn text around, as JSON writes them: `\\u2028`."""
    return json.dumps(found.group())[1:-1] if unseen_character(found.group()) else found.group()
