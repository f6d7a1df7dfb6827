"""R45: journeys that nobody made."""

from collections.abc import Sequence
from typing import Any

from tests.support.records import found, records, told
from wastetrack.checks.rules.r45_ghost_chain import RULE
from wastetrack.checks.running import Answer
from wastetrack.extracts.reading import Records


def chain(carrier: str, *, hours: Sequence[float], same: bool, one_hand: bool, shared: bool = False) -> dict[str, Any]:
    """Manifests of 100 km, one a day, that took so many hours."""
    manifests, weighings, signatures = [], [], []
    for day, took in enumerate(hours, 2):
        name = f"{carrier}-{day:02}"
        minutes = int(took * 60)
        manifests.append(
            {
                "manifest_id": name,
                "carrier_id": carrier,
                "distance_km": 100,
                "departed_at": f"2026-03-{day:02} 08:00",
                "arrived_at": f"2026-03-{day:02} {8 + minutes // 60:02}:{minutes % 60:02}",
            }
        )
        for side, grams in (
            ("shipper", 20_000_000),
            ("receiver", 20_000_000 if same else 20_020_000 + 20_000 * (day % 3)),
        ):
            weighings.append({"manifest_id": name, "side": side, "method": "truck_scale", "net_g": grams})
            signatures.append(
                {
                    "manifest_id": name,
                    "side": side,
                    "act": "file" if side == "shipper" else "receive",
                    "person_id": "one" if one_hand else side,
                    "device_id": "phone" if shared else side,
                    "shared_device": shared,
                }
            )
    return {"manifests": manifests, "weighings": weighings, "signatures": signatures}


def extract(*chains: dict[str, Any]) -> Records:
    return records(**{table: [row for each in chains for row in each[table]] for table in chains[0]})


HONEST = chain("honest", hours=[2.5] * 8, same=False, one_hand=False)


def test_a_chain_of_made_up_journeys_is_found_soon() -> None:
    (finding,) = found(RULE, extract(chain("ghost", hours=[0.5] * 6, same=True, one_hand=True), HONEST))

    assert (finding["subject_id"], finding["party_id"]) == ("shipper/ghost", "ghost")
    assert (finding["manifests"], finding["too_fast"], finding["same_weight"], finding["one_signer"]) == (6, 6, 6, 6)
    assert finding["found_at"].day == 3  # the second of them
    assert finding["at_risk_g"] == 6_000_000


def test_two_of_three_signs_are_enough() -> None:
    assert len(found(RULE, extract(chain("ghost", hours=[0.5] * 8, same=True, one_hand=False), HONEST))) == 1
    assert len(found(RULE, extract(chain("ghost", hours=[2.5] * 12, same=True, one_hand=True), HONEST))) == 1


def test_one_sign_alone_is_not() -> None:
    assert found(RULE, extract(chain("fast", hours=[0.5] * 8, same=False, one_hand=False), HONEST)) == []
    assert found(RULE, extract(chain("neighbours", hours=[2.5] * 8, same=True, one_hand=False), HONEST)) == []


def test_a_telephone_that_both_sides_share_openly_is_no_sign() -> None:
    open_phone = chain("driver", hours=[0.5] * 8, same=False, one_hand=False, shared=True)
    assert found(RULE, extract(open_phone, HONEST)) == []


def test_without_gates_there_is_no_answer() -> None:
    assert told(RULE, records(manifests=[{"carrier_id": "c"}])).answer is Answer.NO_DATA
