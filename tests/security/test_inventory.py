"""What the program says of itself is so: each figure, default and complete list is compared with the code."""

import ast
import importlib
import json
import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest
from pydantic import SecretStr
from sqlmodel import SQLModel

from tests.cli.test_main import run
from wastetrack import resources
from wastetrack.attachments.model import MediaType
from wastetrack.auth.model import FactorKind
from wastetrack.db.migrating import import_all_tables
from wastetrack.security.reading import inventory
from wastetrack.serving.rates import RequestClass
from wastetrack.serving.security_events import SecurityEvent
from wastetrack.settings import IdentityProvider, Settings

ENTRIES = {entry.topic: entry for entry in inventory()}
SOURCES = [file for file in resources.PACKAGE.rglob("*.py") if "cli" not in file.relative_to(resources.PACKAGE).parts]
# Libraries with which a program asks another over the network; the database has its own.
ASKING = {"httpx", "httpx2", "httpcore", "httpcore2", "smtplib", "requests", "aiohttp", "urllib3", "ftplib"}
ASKING_OF_URLLIB = {"urllib.request", "http.client"}


@pytest.mark.parametrize("topic", ENTRIES)
def test_every_figure_and_default_is_the_code_s(topic: str) -> None:
    entry = ENTRIES[topic]
    for place, told in entry.figures.items():
        module, _, name = place.partition(":")
        found = getattr(importlib.import_module(f"wastetrack.{module}"), name)
        assert told == (found.total_seconds() if isinstance(found, timedelta) else found), place
    for name, told in entry.settings.items():
        field = Settings.model_fields[name]
        default = field.get_default(call_default_factory=True)
        assert told == (list(default) if isinstance(default, tuple) else default), name


@pytest.mark.parametrize(
    ("topic", "kinds"),
    [
        ("ways in", FactorKind),
        ("files that are taken", MediaType),
        ("slow work", RequestClass),
        ("security events", SecurityEvent),
    ],
)
def test_every_kind_is_named(topic: str, kinds: type[StrEnum]) -> None:
    assert sorted(ENTRIES[topic].names) == sorted(kind.value for kind in kinds)


def test_every_table_has_its_level_once() -> None:
    import_all_tables()
    named = [table for topic, entry in ENTRIES.items() if topic.startswith("data: ") for table in entry.names]
    assert len(named) == len(set(named))
    assert set(named) == {table for table in SQLModel.metadata.tables if not table.startswith("trial_")}


def test_every_secret_of_the_settings_is_named() -> None:
    secret = {
        name
        for model in (Settings, IdentityProvider)
        for name, field in model.model_fields.items()
        if SecretStr in (field.annotation, *get_args(field.annotation))
        or re.search(r"secret|key|password|database_url", name)
    }
    assert set(ENTRIES["keys and secrets"].names) == secret | {"identity_providers"}
    assert all(name in ENTRIES["keys and secrets"].says for name in secret)


def imported(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_nothing_else_speaks_to_the_outside() -> None:
    asking = set()
    for file in SOURCES:
        modules = imported(file)
        if modules & ASKING_OF_URLLIB or {module.split(".")[0] for module in modules} & ASKING:
            asking.add(str(file.relative_to(resources.PACKAGE)))
    assert asking == set(ENTRIES["whom the program speaks to"].names)


def test_lines_go_where_it_is_said_and_nowhere_else() -> None:
    named, handlers = set(), []
    for file in resources.PACKAGE.rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        named |= set(re.findall(r"getLogger\(\"(wastetrack[\w.]*)\"\)", source))
        handlers += re.findall(r"\b\w*Handler\(sys\.stderr\)|\b(?:File|Socket|SysLog|HTTP|SMTP)Handler\(", source)
        assert "addHandler" not in source, file
    assert named == set(ENTRIES["logs"].names)
    assert handlers == ["StreamHandler(sys.stderr)"]


def test_the_times_to_mend_are_said() -> None:
    assert [int(days) for days in re.findall(r"(\d+) days", ENTRIES["updates of libraries"].says)] == [7, 30, 90, 180]


def test_the_command_tells_it() -> None:
    told = run("security", "inventory", "--json", port="not a port")
    assert told.returncode == 0, told.stderr
    assert [entry["topic"] for entry in json.loads(told.stdout)] == list(ENTRIES)
    printed = run("security", "inventory")
    assert printed.returncode == 0, printed.stderr
    assert "auth.throttling:PER_ACCOUNT = 20" in printed.stdout
