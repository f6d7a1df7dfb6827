"""A world that is judged: what is needed of its records, its truth and what the rules found in it."""

import dataclasses
import resource
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import ibis
import orjson
import pyarrow as pa

from wastetrack.checks.bench.matching import Case, Found, Matcher, Touch, about, named
from wastetrack.checks.bench.truth import read_truth
from wastetrack.checks.bench.typologies import (
    CARRIER,
    DISPOSER,
    GENERATOR,
    INTERMEDIATE,
    MANIFEST,
    PAIR,
    PLANT,
    SITE,
    typology_of,
)  # fmt: skip
from wastetrack.checks.model import Rule
from wastetrack.checks.running import Outcome, run
from wastetrack.errors import Malformed, NotFound
from wastetrack.extracts.reading import Records, open_extract

CHINA = timezone(timedelta(hours=8))
_SECONDS_A_YEAR = 365.25 * 86400


@dataclasses.dataclass(frozen=True, slots=True)
class World:
    """One world, run."""

    name: str
    manifests: int
    years: float
    ends_at: datetime
    """What is not over by then is not judged by when it was found."""
    entities: Mapping[str, frozenset[str]]
    """Ids of each class."""
    cases: tuple[Case, ...]
    findings: tuple[Found, ...]
    seconds: float
    rules: Mapping[str, float]
    """Seconds of each."""
    no_data: tuple[str, ...]
    peak_mib: float
    """The most memory that this process has held so far."""

    def matcher(self) -> Matcher:
        """Of its cases."""
        return Matcher(self.cases)


def run_world(folder: Path, rules: Sequence[Rule], *, memory: str) -> tuple[World, Records]:
    """Open a world, run the rules over all of it, and read its truth.

    The world ends with the legal day of its last filing: later rows tell of what was under way, and not of all of it.
    """
    began = time.perf_counter()
    records = open_extract(folder, memory=memory)
    manifests, years, ends_at = _extent(records, folder)
    outcomes = list(run(records, rules, as_of=ends_at))
    took = time.perf_counter() - began
    cases = _cases(records, folder)
    world = World(
        name=folder.name,
        manifests=manifests,
        years=years,
        ends_at=ends_at,
        entities=entities(records),
        cases=cases,
        findings=_findings(records, outcomes),
        seconds=took,
        rules={one.rule.id: one.seconds for one in outcomes},
        no_data=tuple(one.rule.id for one in outcomes if one.lacking),
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )
    return world, records


def _cases(records: Records, folder: Path) -> tuple[Case, ...]:
    told, touched = read_truth(records, folder)
    by_case: dict[str, list[dict[str, Any]]] = {}
    for row in touched.to_pylist():
        by_case.setdefault(row["scheme_id"], []).append(row)
    cases = []
    for one in told:
        typology = typology_of(one["typology"], one["subject_kind"])
        rows = by_case.get(one["scheme_id"], [])
        subject = (one["subject_kind"], one["subject_id"])
        lanes = [
            (row["manifest_id"], row["shipper_site_id"], row["carrier_id"], row["receiver_site_id"]) for row in rows
        ]
        # Of a false manifest nobody can know before it is filed, whenever it was thought of.
        filed = [row["filed_at"] for row in rows if row["filed_at"]] if typology.of == MANIFEST else []
        cases.append(
            Case(
                id=one["scheme_id"],
                typology=typology,
                begins_at=max([one["begins_at"], *filed[:1]]),
                ends_at=one["ends_at"],
                stolen_g=one["stolen_g"],
                affected_g=one["affected_g"],
                names=about(typology, subject, lanes),
                subject=subject,
                touched=tuple(
                    Touch(row["manifest_id"], row["happened_at"], row["stolen_g"], weighed=row["weighed"])
                    for row in rows
                ),
                share=_share(one["scheme_id"], one["parameters"]),
            )
        )
    return tuple(cases)


def _share(scheme: str, parameters: str | None) -> float | None:
    """Of the culprit, where whoever made the world wrote it down under that name. Raises Malformed."""
    try:
        told = orjson.loads(parameters or "{}")
    except orjson.JSONDecodeError as error:
        raise Malformed(
            "truth_parameters_unreadable",
            "The parameters of {scheme} in the truth are no JSON: “{value}”. Write an object, or leave them out.",
            scheme=scheme, value=parameters,
        ) from error  # fmt: skip
    share = told.get("share") if isinstance(told, dict) else None
    return float(share) if isinstance(share, int | float) else None


def _extent(records: Records, folder: Path) -> tuple[int, float, datetime]:
    manifests = records["manifests"]
    row = (
        manifests.aggregate(
            count=manifests.manifest_id.nunique(), first=manifests.filed_at.min(), last=manifests.filed_at.max()
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    if not row["count"]:
        raise NotFound("world_empty", "{folder} has no manifest: there is nothing to judge.", folder=str(folder))
    last = row["last"].astimezone(CHINA)
    ends_at = datetime.combine(last.date() + timedelta(days=1), datetime.min.time(), CHINA).astimezone(UTC)
    return row["count"], (ends_at - row["first"]).total_seconds() / _SECONDS_A_YEAR, ends_at


def entities(records: Records) -> dict[str, frozenset[str]]:
    """The ids of each class that a world has."""
    sites = records["sites"].select("site_id", "kind").to_pyarrow().to_pylist()
    lanes = records["manifests"].select("shipper_site_id", "carrier_id").distinct().to_pyarrow().to_pylist()
    of = {kind: frozenset(one["site_id"] for one in sites if one["kind"] == kind) for kind in _KINDS}
    return {
        **of,
        PLANT: of[INTERMEDIATE] | of[DISPOSER],
        SITE: frozenset(one["site_id"] for one in sites),
        CARRIER: frozenset(one["carrier_id"] for one in lanes if one["carrier_id"]),
        PAIR: frozenset(f"{one['shipper_site_id']}/{one['carrier_id']}" for one in lanes if one["carrier_id"]),
    }


_KINDS = (GENERATOR, INTERMEDIATE, DISPOSER)


def _loads_of(records: Records, boxes: set[str]) -> dict[str, list[str]]:
    """For which manifests a container, or another of its serial, was loaded."""
    found: dict[str, list[str]] = {}
    if not boxes:
        return found
    containers = records["containers"].select("container_id", "serial")
    labelled = containers.mutate(label=ibis.coalesce(containers.serial, containers.container_id)).drop("serial")
    asked = labelled.semi_join(ibis.memtable(pa.table({"container_id": sorted(boxes)})), "container_id")
    alike = asked.inner_join(labelled.rename(other_id="container_id"), "label")
    loads = records["loads"].select("manifest_id", other_id="container_id")
    rows = alike.inner_join(loads, "other_id").select("container_id", "manifest_id").distinct()
    for row in rows.to_pyarrow().to_pylist():
        found.setdefault(row["container_id"], []).append(row["manifest_id"])
    return found


def _findings(records: Records, outcomes: Sequence[Outcome]) -> tuple[Found, ...]:
    rows = [(outcome.rule, row) for outcome in outcomes for row in outcome.findings.to_pylist()]
    boxes = {row["subject_id"] for _, row in rows if row["subject_kind"] == "container"}
    loads = _loads_of(records, boxes)
    return tuple(
        Found(
            rule=rule.id,
            queue=rule.queue.value,
            severity=row["severity"],
            kind=row["subject_kind"],
            subject=row["subject_id"],
            party=row["party_id"],
            found_at=row["found_at"],
            at_risk_g=row["at_risk_g"] or 0,
            statistic=row["statistic"] if row["statistic"] is not None else 0.0,
            chance=_chance(rule, row["facts"]),
            names=named(row["subject_kind"], row["subject_id"], row["party_id"], loads),
        )
        for rule, row in rows
        if row["subject_id"] is not None
    )


def _chance(rule: Rule, facts: str) -> float:
    """How likely a finding is real: what it reckons of itself, else what its rule says of all."""
    own = orjson.loads(facts).get("posterior") if '"posterior"' in facts else None
    return rule.chance if own is None else float(own)
