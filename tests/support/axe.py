"""axe-core in a page: what in it keeps somebody out."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

_AXE = Path(__file__).resolve().parents[2] / ".build" / "dev" / "axe.min.js"
"""Fetched by lock file when the package is installed for development."""
_RUN = """async () => {
  const wanted = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const told = await axe.run(document, {resultTypes: ["violations"], runOnly: wanted});
  const why = (node) => (node.any[0] || node.all[0] || node.none[0] || {message: ""}).message;
  const nodes = (one) => one.nodes.map((node) => node.html.slice(0, 200) + " " + why(node));
  return told.violations.map((one) => ({id: one.id, impact: one.impact, nodes: nodes(one)}));
}"""
_MOST_NODES = 3


def violations(page: Page) -> list[str]:
    """What axe finds by WCAG 2.2 AA and its best practices, one line each; the page must not forbid scripts."""
    if not _AXE.is_file():
        pytest.fail(f"{_AXE} is missing: install the project for development where npm's registry can be reached")
    page.add_script_tag(path=_AXE)
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    return [f"{one['id']} ({one['impact']}): {node}" for one in found for node in one["nodes"][:_MOST_NODES]]
