"""All rules, in the order in which they are told."""

from wastetrack.checks.model import Rule
from wastetrack.checks.rules import (
    r02_never_arrived,
    r03_difference,
    r04_skim,
    r23_shell,
    r24_negative_balance,
    r27_loop,
    r35_repeats,
    r36_last_digit,
    r37_copied_weights,
    r45_ghost_chain,
)

RULES: tuple[Rule, ...] = (
    r02_never_arrived.RULE,
    r03_difference.RULE,
    r04_skim.RULE,
    r23_shell.RULE,
    r24_negative_balance.RULE,
    r27_loop.RULE,
    r35_repeats.RULE,
    r36_last_digit.RULE,
    r37_copied_weights.RULE,
    r45_ghost_chain.RULE,
)
