"""All rules, in the order in which they are told."""

from wastetrack.checks.model import Rule
from wastetrack.checks.rules import (
    r02_never_arrived,
    r18_over_licence,
    r19_over_physics,
    r20_residues,
    r21_no_ash,
    r22_consumption,
    r26_code_laundering,
    r28_drop,
    r29_silence,
    r30_peers,
    r31_medical,
    r32_plan,
    r33_bunching,
    r34_inputs,
    r43_price,
    r46_under_declared,
)

RULES: tuple[Rule, ...] = (
    r02_never_arrived.RULE,
    r18_over_licence.RULE,
    r19_over_physics.RULE,
    r20_residues.RULE,
    r21_no_ash.RULE,
    r22_consumption.RULE,
    r26_code_laundering.RULE,
    r28_drop.RULE,
    r29_silence.RULE,
    r30_peers.RULE,
    r31_medical.RULE,
    r32_plan.RULE,
    r33_bunching.RULE,
    r34_inputs.RULE,
    r43_price.RULE,
    r46_under_declared.RULE,
)
