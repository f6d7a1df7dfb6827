"""A rule on a terminal, told whole: `wastetrack checks rules`."""

from typing import TYPE_CHECKING

from wastetrack.reports.articles import article_in
from wastetrack.reports.rule_words import in_force, source_in

if TYPE_CHECKING:  # its libraries may not be installed
    from wastetrack.checks.model import Rule


def sheet_of(rule: "Rule") -> str:
    """A rule for a reader: what it looks for, by which numbers, what it sees, and how often it errs."""
    numbers = [
        f"  {one.name} = {in_force(one.default, one.unit, 'en')}: {one.meaning} ({source_in(one.source, 'en')})"
        for one in rule.parameters
    ]
    lines = [
        f"{rule.id}  {rule.title} [{rule.queue.value}, {rule.severity.name.lower()}]",
        f"  formula: {rule.formula}",
        *numbers,
        f"  sees: {rule.detectable}",
        f"  false alarms: {rule.false_alarms}",
    ]
    return "\n".join([*lines, f"  article: {article_in(rule.article, 'en')}", ""] if rule.article else [*lines, ""])
