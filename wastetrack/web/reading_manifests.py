"""Manifests as templates read them: the documents that PostgreSQL writes (reports/manifest_reading.py) with instants,
days and words as values, told by the names of their fields."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from wastetrack.approvals.model import ApprovalKind
from wastetrack.containers.model import Form, Packaging
from wastetrack.containers.queries import seen_among
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.foreseeing import Intended
from wastetrack.manifests.model import (
    Act,
    CorrectionField,
    CorrectionState,
    LegPlan,
    ManifestKind,
    ManifestState,
    Outcome,
    TransferBasis,
)
from wastetrack.manifests.policy import Carriage, Parties, Step, steps_open_to
from wastetrack.manifests.queries import ManifestFilter
from wastetrack.reports import manifest_reading
from wastetrack.serving.deps import ReadWork

_WORDS: dict[str, type[StrEnum]] = {
    "kind": ManifestKind,
    "basis": TransferBasis,
    "approval_kind": ApprovalKind,
    "field": CorrectionField,
    "act": Act,
    "outcome": Outcome,
    "form": Form,
    "packaging": Packaging,
    "measured_method": WeighingMethod,
}


async def listed(work: ReadWork, wanted: ManifestFilter, *, before: UUID | None, limit: int) -> list[Any]:
    """A page of the manifests that the actor may see, newest first."""
    rows = await manifest_reading.page(work.session, work.actor, wanted, before=before, limit=limit)
    return [_values(orjson.loads(row["shown"]), ManifestState) for row in rows]


async def whole(work: ReadWork, manifest_id: UUID) -> tuple[Any, tuple[Step, ...]]:
    """A manifest with everything, and the steps that the actor may take now. Raises ManifestUnknown.

    `seen` of a line says whether the actor may open its container: a carrier knows the paper before the drums.
    """
    record = await manifest_reading.one(work.session, work.actor, manifest_id)
    legs = tuple(Carriage(*leg) for leg in zip(record["carriers"], record["taken"], strict=True))
    parties = Parties(
        record["shipper_id"], record["receiver_id"], legs, ManifestKind(record["kind"]), record["on_paper"]
    )
    steps = steps_open_to(work.actor, ManifestState(record["state"]), parties)
    manifest = orjson.loads(record["shown"])
    ids = [UUID(line["container_id"]) for line in manifest["lines"]]
    seen = {str(one) for one in await seen_among(work.session, work.actor, ids)}
    for line in manifest["lines"]:
        line["seen"] = line["container_id"] in seen
    manifest["corrections"] = [_values(one, CorrectionState) for one in manifest["corrections"]]
    return _values(manifest, ManifestState), steps


def as_intended(found: Any) -> Intended:  # noqa: ANN401  a document
    """A draft as it is judged beforehand."""
    return Intended(
        manifest_id=UUID(found["id"]),
        shipper_site_id=UUID(found["shipper"]["site_id"]),
        container_ids=tuple(UUID(line["container_id"]) for line in found["lines"]),
        receiver_site_id=UUID(found["receiver"]["site_id"]),
        method=found["method"],
        planned_on=found["planned_on"],
        legs=tuple(
            LegPlan(
                carrier_id=UUID(leg["carrier_id"]),
                plate=leg["plate"],
                start=leg["start"],
                end=leg["end"],
                handover_place=leg["handover_place"],
                handover_at=leg["handover_at"],
            )
            for leg in found["legs"]
        ),
        basis=found["basis"],
        exemptions=tuple(found["exemptions"]),
        plan_reason=found["plan_reason"],
    )


def _values(tree: dict[str, Any], states: Callable[[str], StrEnum]) -> dict[str, Any]:
    """`…_at` are instants, `…_on` days, `state` and the like words of their enums."""
    return {name: _value(name, value, states) for name, value in tree.items()}


def _value(name: str, value: Any, states: Callable[[str], StrEnum]) -> Any:  # noqa: ANN401  whatever JSON can say
    if isinstance(value, list):
        return [_values(one, states) if isinstance(one, dict) else one for one in value]
    if isinstance(value, dict):
        return _values(value, states)
    if not isinstance(value, str) or isinstance(value, StrEnum):
        return value
    return _reader(name, states)(value)


def _reader(name: str, states: Callable[[str], StrEnum]) -> Callable[[str], object]:
    """What a text under this name is."""
    if name == "state":
        return states
    if name.endswith("_at"):
        return datetime.fromisoformat
    return date.fromisoformat if name.endswith("_on") or name in {"valid_from", "valid_to"} else _WORDS.get(name, str)
