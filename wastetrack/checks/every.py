"""All rules, in the order in which they are told."""

from wastetrack.checks.model import Rule
from wastetrack.checks.rules import r02_never_arrived

RULES: tuple[Rule, ...] = (r02_never_arrived.RULE,)
