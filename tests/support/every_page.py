"""Every page there is, with somebody who may see it and a thing to see on it: the samples of the access matrix.

A page that comes into being is among them without being named: it is an address of the application.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.access import table
from tests.access.calling import OWN, routes_of, sample_of
from tests.access.sampling import days, fill
from wastetrack import resources

PROGRAMS = ("/api/", "/health", "/ready", "/scim/", "/.well-known/", "/static/")
FILES = re.compile(r"\.(csv|xlsx|pdf|zpl|json|png|txt|zip|js|webmanifest)$")
VISITORS = (
    "nobody",
    *("owner", "gate", "driver", "receiver", "carrier", "inspector", "approver", "operator", "regulator"),
)
"""Who is asked to show a page, the first that may; homes are everybody's own."""


@dataclass(frozen=True, slots=True)
class Visit:
    """An address with its things in it, and who goes there."""

    route: str
    address: str
    login: str


def visits(app: FastAPI, things: Mapping[str, str]) -> list[Visit]:
    """One for each page; for the first page one for each who has it."""
    expected = table.read()
    known = {
        **days(),
        **things,
        **{f"home_{name}": thing for name, thing in things.items()},
        "totp": "",
        "next_totp": "",
    }
    found = [Visit("GET /", "/", login) for login in VISITORS if login != "nobody"]
    for route in routes_of(app):
        verb, _, path = route.partition(" ")
        if verb != "GET" or path == "/" or path.startswith(PROGRAMS) or FILES.search(path):
            continue
        told = expected.get((route, OWN)) or expected.get((route, "-")) or {}
        login = next((login for login in VISITORS if told.get(login) == "200"), None)
        if login is not None:
            address = fill(sample_of(route).address(path), {**known, "login": login})
            found.append(Visit(route, address, login))
    return found


async def stored_words(engine: AsyncEngine) -> str:
    """All text that stands in the database and the official lists: what pages show of it is not theirs to translate."""
    async with engine.connect() as connection:
        tables = (
            await connection.execute(
                text("select table_name from information_schema.tables where table_schema = 'public'")
            )
        ).scalars()
        told: list[str] = []
        for name in sorted(tables):
            if name.startswith("procrastinate") or name in {"leaves", "log_leaves"}:
                continue
            rows = await connection.execute(text(f'select to_jsonb(one)::text from "{name}" one'))  # noqa: S608  of the schema
            told.extend(rows.scalars())
    lists = sorted(resources.PACKAGE.glob("catalogues/data/*.*"))
    return "\n".join([*told, *(file.read_text(encoding="utf-8") for file in lists)])


_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_ENGLISH = re.compile(r"[A-Za-z]+(?:[ '’-][A-Za-z]+)*")
_TOKENS = re.compile(
    r"""https?://\S+ | \S+@\S+ | \b[0-9A-Z]{18}\b | \b[A-Z]{2}\d\S* | \b[0-9a-f]{8,}\S*
        | \b\S*\d\S*\b | \S*[_/=+]\S* | \b\w+\.(?:pdf|json|csv|xlsx|zip)\b""",
    re.VERBOSE,
)
NAMES = frozenset(
    """
    wastetrack English zh en CSV XLSX PDF ZPL JSON API QR ID UTC kg t g m m² m³ mm h km GB HJ SCIM OpenID Connect JWKS
    JWT TLS WGS ERP HIS IP URL SHA Ed ML DSA RFC GS Digital Link EPCIS htmx CC BY OFL NCHW PIN ZIP GPS A B C D E F R S T
    I W In TOTP OAuth mg kWh kPa MPa Leaflet OpenStreetMap ECharts Noto Sans MF TS HTTP HTTPS DN L n CST
    PNG JPEG WebP kB MB MiB dpi Tab Shift Enter JWK PEM OpenSSH https localhost
    """.split()  # noqa: SIM905  words, to be read as such
)
"""What is called the same in every language."""


@cache
def _places() -> frozenset[str]:
    listed = (resources.PACKAGE / "catalogues" / "data" / "cn_admin_divisions.csv").read_text(encoding="utf-8")
    return frozenset(_CHINESE.findall(listed)) | {"中文"}


def _is_place(words: str) -> bool:
    """Whether these are names of divisions one after another: 山东省烟台市芝罘区."""
    return not words or any(words.startswith(name) and _is_place(words[len(name) :]) for name in _places())


def untranslated(seen: Iterable[str], locale: str, data: str) -> list[str]:
    """Visible pieces in the other language that are neither data nor names."""
    wrong = []
    for piece in seen:
        if locale == "en":
            parts = [part for part in _CHINESE.findall(piece) if part not in data and not _is_place(part)]
        else:
            words = _ENGLISH.findall(_TOKENS.sub(" ", piece))
            parts = [
                part for part in words if part not in data and not all(word in NAMES for word in re.split(r"\W+", part))
            ]
        if parts:
            wrong.append(f"{piece.strip()[:120]!r}: {parts}")
    return wrong
