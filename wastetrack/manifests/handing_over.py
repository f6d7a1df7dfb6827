"""What the next carrier looks at before it takes a load over, and what it finds different (令23 art. 17). Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from wastetrack.errors import Broken
from wastetrack.manifests.journey_model import Difference, DifferenceKind, HandOverCheck

ARTICLE = "令23 art. 17"


def why_not_checked(check: HandOverCheck, codes: Mapping[UUID, str]) -> list[Broken]:
    """Which rules the check breaks: what is named must be on the manifest, and the count must come out."""
    broken: list[Broken] = []
    named = [*check.scanned, *(one.container_id for one in check.differences), *(one for one, _ in check.reweighed)]
    strange = {one for one in named if one not in codes}
    if strange:
        message = "{value} of these containers are not on the manifest."
        step = "Leave them with the carrier before you."
        broken.append(Broken("scanned", "containers_strange", message, len(strange), article=ARTICLE, next_step=step))
    differing = [one.container_id for one in check.differences]
    if len(set(differing)) < len(differing):
        broken.append(Broken("differences", "difference_twice", "A container is named twice as missing or damaged."))
    for one in check.differences:
        if one.kind is DifferenceKind.DAMAGED and not one.note.strip():
            message = "Say how container {value} is damaged."
            broken.append(Broken("note", "damage_unsaid", message, codes.get(one.container_id, ""), article=ARTICLE))
    there = set(codes) - {one.container_id for one in check.differences if one.kind is DifferenceKind.MISSING}
    if check.scanned and set(check.scanned) != there:
        message = "{value} containers were neither scanned nor named missing, or were both."
        step = "Scan each container that is there; name the others missing."
        count = len(set(check.scanned) ^ there)
        broken.append(Broken("scanned", "containers_not_checked", message, count, article=ARTICLE, next_step=step))
    if check.counted is not None and check.counted != len(there):
        message = "You have counted {value} containers; by the manifest there should be {there}."
        facts: dict[str, object] = {"there": len(there)}
        step = "Count again; name each container that is missing."
        broken.append(
            Broken("counted", "count_differs", message, check.counted, article=ARTICLE, facts=facts, next_step=step)
        )
    return broken


def written(check: HandOverCheck, codes: Mapping[UUID, str]) -> dict[str, Any]:
    """The check as it is kept beside the leg."""
    missing = sum(one.kind is DifferenceKind.MISSING for one in check.differences)
    return {
        "how": "scan" if check.scanned else "count",
        "counted": len(codes) - missing,
        "differences": [
            {
                "container_id": str(one.container_id),
                "code": codes[one.container_id],
                "what": one.kind.value,
                "note": one.note.strip(),
            }
            for one in check.differences
        ],
        "reweighed": [{"container_id": str(one), "gross_g": gross_g} for one, gross_g in check.reweighed],
    }


def facts_of(checked: Mapping[str, Any]) -> dict[str, object]:
    """The same for the log: what somebody wrote in his own words stands where it can be erased."""
    return {
        "checked": checked["how"],
        "counted": checked["counted"],
        "differences": [{"container": one["container_id"], "kind": one["what"]} for one in checked["differences"]],
        "reweighed": [{"container": one["container_id"], "gross_g": one["gross_g"]} for one in checked["reweighed"]],
        "reasons": [one["note"] for one in checked["differences"] if one["note"]],
    }


def read_check(told: Mapping[str, Any]) -> HandOverCheck:
    """A check from JSON, as a body or a form told it."""
    return HandOverCheck(
        scanned=tuple(UUID(one) for one in told.get("scanned", ())),
        counted=told.get("counted"),
        differences=tuple(
            Difference(UUID(one["container_id"]), DifferenceKind(one["kind"]), one.get("note", ""))
            for one in told.get("differences", ())
        ),
        reweighed=tuple((UUID(one["container_id"]), one["gross_g"]) for one in told.get("reweighed", ())),
    )
