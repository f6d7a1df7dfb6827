"""axe-core in a page."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_AXE = Path("/tmp/npm2-axe/axe.min.js")
_RUN = """async () => {
  const told = await axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
  return told.violations.map((one) => ({id: one.id, impact: one.impact, nodes: one.nodes.map((node) => node.html.slice(0, 200) + " " + (node.any[0] || node.all[0] || node.none[0] || {message: ""}).message)}));
}"""


def violations(page: Page) -> list[str]:
    """What axe finds, one line each."""
    page.add_script_tag(path=_AXE)
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    return [f"{one['id']} ({one['impact']}): {node}" for one in found for node in one["nodes"][:3]]
