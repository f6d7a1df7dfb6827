"""All rules, in the order in which they are told."""

from wastetrack.checks.model import Rule
from wastetrack.checks.rules import (
    f01_unit_slip,
    f02_zero_accept,
    f03_slow_treatment,
    f04_cancel_rate,
    f05_self_transfer,
    f06_peer_mix,
    q01_order,
    q02_references,
    q03_empty_months,
    q04_units,
    r01_overdue,
    r02_never_arrived,
    r05_pieces,
    r06_travel,
    r07_clones,
    r12_no_trip,
    r13_valid,
    r14_two_places,
    r15_payload,
    r16_permit,
    r17_approval,
    r25_age,
    r38_night,
    r39_back_dated,
    r40_one_signer,
    r41_absent,
    r42_after_alarm,
)

TRANSIT: tuple[Rule, ...] = (
    r01_overdue.RULE,
    r05_pieces.RULE,
    r06_travel.RULE,
    r06_travel.SHORT,
    r07_clones.RULE,
    r07_clones.ENDED,
    r07_clones.FALSE,
    r07_clones.COUNTER,
    r12_no_trip.RULE,
    r13_valid.RULE,
    r13_valid.INSURANCE,
    r13_valid.DRIVER,
    r13_valid.SCALE,
    r14_two_places.RULE,
    r15_payload.RULE,
    r15_payload.ABSOLUTE,
    r16_permit.RULE,
    r17_approval.RULE,
    r25_age.RULE,
    r25_age.MEDICAL,
    r25_age.COLLECTED,
    r38_night.RULE,
    r39_back_dated.RULE,
    r39_back_dated.ORDER,
    r40_one_signer.RULE,
    r41_absent.RULE,
    r41_absent.BUNCH,
    r42_after_alarm.RULE,
)
"""Of the road, of permits, and of whoever signs."""
PEERS: tuple[Rule, ...] = (
    f01_unit_slip.RULE,
    f02_zero_accept.RULE,
    f03_slow_treatment.RULE,
    f04_cancel_rate.RULE,
    f05_self_transfer.RULE,
    f06_peer_mix.RULE,
)
"""That the French regulator runs."""
QUALITY: tuple[Rule, ...] = (q01_order.RULE, q02_references.RULE, q03_empty_months.RULE, q04_units.RULE)

RULES: tuple[Rule, ...] = (r02_never_arrived.RULE, *TRANSIT, *PEERS, *QUALITY)
