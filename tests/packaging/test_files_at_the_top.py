"""Files that nothing imports, so nothing else would notice when they rot."""

import re
from pathlib import Path
from typing import Any

import yaml

from wastetrack.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[2]
ALLOWED_AT_THE_TOP = {"wastetrack", "alembic", "schemas", "templates", "tests"} | {
    "docker-compose.yml",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "constraints.txt",
}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
    return loaded


def test_compose_runs_application_worker_and_database_each_with_a_health_check() -> None:
    services = compose()["services"]
    assert {"app", "worker", "postgres"} <= set(services)
    for name in ("app", "worker", "postgres"):
        assert services[name]["healthcheck"]["test"], name
    assert services["postgres"]["image"] == "postgres:18"


def test_compose_keeps_data_in_named_volumes() -> None:
    given = compose()
    used = [volume.split(":")[0] for service in given["services"].values() for volume in service["volumes"]]
    assert set(used) == set(given["volumes"]) == {"database", "keys"}


def test_compose_has_no_default_for_a_secret() -> None:
    text = (CHECKOUT / "docker-compose.yml").read_text()
    secrets = re.findall(r"\$\{([A-Z_]*(?:PASSWORD|KEY|SECRET|TOKEN)[A-Z_]*)([^}]*)\}", text)
    assert {name for name, _ in secrets} == {"POSTGRES_PASSWORD", "WASTETRACK_APP_PASSWORD", "WASTETRACK_LABEL_KEY"}
    assert all(rest.startswith(":?") for _, rest in secrets), "missing ones are refused"
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", (CHECKOUT / ".env.example").read_text(), re.MULTILINE))
    assert all(example[name] == "" for name, _ in secrets)


def test_compose_and_its_example_name_only_settings_that_exist() -> None:
    known = {f"WASTETRACK_{name.upper()}" for name in Settings.model_fields}
    known |= {"WASTETRACK_PUBLISH", "WASTETRACK_APP_PASSWORD"}  # compose's own
    for name in ("docker-compose.yml", ".env.example"):
        assert set(re.findall(r"WASTETRACK_[A-Z_]+", (CHECKOUT / name).read_text())) <= known, name


def test_compose_takes_every_variable_of_the_example() -> None:
    taken = set(re.findall(r"\$\{([A-Z_]+)", (CHECKOUT / "docker-compose.yml").read_text()))
    offered = set(re.findall(r"^([A-Z_]+)=", (CHECKOUT / ".env.example").read_text(), re.MULTILINE))
    assert offered == taken


def test_constraints_pin_exactly_and_name_no_place() -> None:
    lines = [line for line in (CHECKOUT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.match(r"[a-z0-9-]+==[0-9][^\s;]*( ; .+)?$", line) for line in lines)


def test_every_dependency_is_constrained() -> None:
    project = (
        (CHECKOUT / "pyproject.toml").read_text().partition("[project.scripts]")[0].partition("dependencies = ")[2]
    )
    named = {name.lower().replace("_", "-") for name in re.findall(r'^  "([A-Za-z0-9_-]+)', project, re.MULTILINE)}
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (CHECKOUT / "constraints.txt").read_text(), re.MULTILINE))
    named -= {"wastetrack"}  # an extra that takes in another
    assert named
    assert named - pinned == set()


def test_the_top_level_stays_as_it_was_asked_for() -> None:
    left_by_builds = {"build", "dist", "htmlcov", "node_modules"}
    seen = {path.name for path in CHECKOUT.iterdir() if not path.name.startswith(".")}
    assert seen - ALLOWED_AT_THE_TOP - left_by_builds == set()
