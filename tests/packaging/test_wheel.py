"""Everything that the product needs travels in the wheel."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from wastetrack import resources

CHECKOUT = Path(__file__).resolve().parents[2]
BUNDLED = {"alembic": "wastetrack/bundled/alembic", "schemas": "wastetrack/bundled/schemas"} | {
    "templates": "wastetrack/bundled/templates"
}
FETCHED = CHECKOUT / "wastetrack" / "assets" / "vendor"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from this checkout, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    # npm is pointed at a place where nobody answers: what was fetched before is used, else the build goes on without.
    environment = os.environ | {"npm_config_registry": "http://127.0.0.1:9/"}
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    [built] = folder.glob("wastetrack-*.whl")
    return zipfile.ZipFile(built)


def files_under(folder: Path) -> set[str]:
    """Every file that belongs to the product, relative to the checkout."""
    return {
        str(file.relative_to(CHECKOUT))
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and not file.is_relative_to(FETCHED)
    }


def test_templates_schemas_and_migrations_travel(wheel: zipfile.ZipFile) -> None:
    carried = set(wheel.namelist())
    for folder, place in BUNDLED.items():
        wanted = {place + name.removeprefix(folder) for name in files_under(CHECKOUT / folder)}
        assert wanted, folder
        assert wanted <= carried


def test_every_file_of_the_package_travels(wheel: zipfile.ZipFile) -> None:
    assert files_under(CHECKOUT / "wastetrack") <= set(wheel.namelist())


@pytest.mark.parametrize(
    "place", [resources.font_path(), resources.static_dir(), resources.locale_dir(), resources.PACKAGE / "catalogues"]
)
def test_font_styles_words_and_official_lists_travel(wheel: zipfile.ZipFile, place: Path) -> None:
    inside = str(place.relative_to(CHECKOUT))
    assert [name for name in wheel.namelist() if name.startswith(inside) and not name.endswith(".py")]


def test_nothing_else_travels(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"wastetrack"}


def test_what_npm_fetched_travels_although_git_ignores_it(wheel: zipfile.ZipFile) -> None:
    fetched = {str(file.relative_to(CHECKOUT)) for file in FETCHED.rglob("*") if file.is_file()}
    if not fetched:
        pytest.skip("npm's registry was not reached when this checkout was installed")
    assert fetched <= set(wheel.namelist())


def test_the_licence_travels(wheel: zipfile.ZipFile) -> None:
    [licence] = [name for name in wheel.namelist() if name.endswith("licenses/LICENSE")]
    assert b"Apache License" in wheel.read(licence)
