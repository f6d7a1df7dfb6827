"""The truth about a world, in a folder that is no part of its records."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pyarrow as pa

from wastetrack.extracts.files import arrow_schema
from wastetrack.extracts.schema.truth import TRUTH, TRUTH_MANIFESTS
from wastetrack.simulation import tables
from wastetrack.simulation.chances import Real, Whole
from wastetrack.simulation.schemes.naming import Scheme
from wastetrack.simulation.tables import MANIFEST, Names
from wastetrack.simulation.writing import Format, Written, write_table

_TRUTH, _TRUTH_MANIFESTS = arrow_schema(TRUTH), arrow_schema(TRUTH_MANIFESTS)


@dataclasses.dataclass(slots=True)
class Case:
    """One row of the truth while it grows."""

    scheme: Scheme
    subject_kind: str
    subject: pa.Array
    entity: pa.Array
    begins_s: int
    parameters: dict[str, float]
    stolen_g: int = 0
    affected_g: int = 0
    manifests: int = 0


class Truth:
    """Collects what the schemes did."""

    def __init__(self, ends_s: int) -> None:
        self._ends_s = ends_s
        self._cases: dict[str, Case] = {}
        self._manifests: list[pa.Table] = []
        self._single: list[pa.Table] = []

    def open_case(self, number: str, case: Case) -> None:
        """A scheme of one culprit, whose grams come later."""
        self._cases[number] = case

    def add(self, number: str, stolen_g: int, affected_g: int, manifests: int = 0) -> None:
        """More of a culprit's scheme."""
        case = self._cases[number]
        case.stolen_g += int(stolen_g)
        case.affected_g += int(affected_g)
        case.manifests += manifests

    def touch(
        self,
        scheme: Scheme,
        numbers: list[str],
        key: Whole,
        codes: pa.Array,
        at_s: Whole,
        stolen_g: Whole,
        affected_g: Whole,
        names: Names,
    ) -> None:
        """Manifests of culprits' schemes."""
        ids = pa.array(numbers, pa.string())
        self._manifests.append(self._touched(ids, scheme, names.of(MANIFEST, key), codes, at_s, stolen_g, affected_g))
        for number in sorted(set(numbers)):
            mine = np.array([one == number for one in numbers])
            self.add(number, int(stolen_g[mine].sum()), int(affected_g[mine].sum()), int(mine.sum()))

    @staticmethod
    def _touched(
        ids: pa.Array,
        scheme: Scheme,
        manifests: pa.Array,
        codes: pa.Array,
        at_s: Whole,
        stolen_g: Whole,
        affected_g: Whole,
    ) -> pa.Table:
        kind = pa.repeat(pa.scalar(scheme.value), len(manifests))
        columns = [ids, kind, manifests, codes, tables.instants(at_s), pa.array(stolen_g), pa.array(affected_g)]
        return pa.table(columns, schema=_TRUTH_MANIFESTS)

    def single(
        self,
        scheme: Scheme,
        key: Whole,
        codes: pa.Array,
        entity: pa.Array,
        at_s: Whole,
        stolen_g: Whole,
        affected_g: Whole,
        parameters: dict[str, Real],
        names: Names,
    ) -> None:
        """Manifests that are each a scheme of its own."""
        manifests = names.of(MANIFEST, key)
        ids = pa.array([f"{scheme.value}-{name}" for name in manifests.to_pylist()], pa.string())
        self._manifests.append(self._touched(ids, scheme, manifests, codes, at_s, stolen_g, affected_g))
        told = [
            json.dumps({name: float(values[place]) for name, values in parameters.items()}) for place in range(len(key))
        ]
        count = len(key)
        columns = [
            ids, pa.repeat(pa.scalar(scheme.value), count), pa.repeat(pa.scalar("manifest"), count), manifests, entity,
            tables.instants(at_s), tables.instants(at_s), pa.array(stolen_g), pa.array(affected_g),
            pa.repeat(pa.scalar(1), count), pa.array(told, pa.string()),
        ]  # fmt: skip
        self._single.append(pa.table(columns, schema=_TRUTH))

    def write(self, folder: Path, form: Format) -> list[Written]:
        """Both files; in the order of their keys."""
        cases = pa.concat_tables([_TRUTH.empty_table(), *self._single, self._told()])
        manifests = pa.concat_tables([_TRUTH_MANIFESTS.empty_table(), *self._manifests])
        order = [("typology", "ascending"), ("begins_at", "ascending"), ("scheme_id", "ascending")]
        return [
            dataclasses.replace(one, path=f"{folder.name}/{one.path}")
            for one in (
                write_table(folder / f"truth.{form.value}", cases.sort_by(order), form),
                write_table(
                    folder / f"truth_manifests.{form.value}",
                    manifests.sort_by([("scheme_id", "ascending"), ("manifest_id", "ascending")]),
                    form,
                ),
            )
        ]

    def _told(self) -> pa.Table:
        cases = list(self._cases.items())
        columns = [
            pa.array([number for number, _ in cases], pa.string()),
            pa.array([case.scheme.value for _, case in cases], pa.string()),
            pa.array([case.subject_kind for _, case in cases], pa.string()),
            pa.array([case.subject[0].as_py() for _, case in cases], pa.string()),
            pa.array([case.entity[0].as_py() for _, case in cases], pa.string()),
            tables.instants(np.array([case.begins_s for _, case in cases], np.int64)),
            tables.instants(np.full(len(cases), self._ends_s)),
            pa.array([case.stolen_g for _, case in cases], pa.int64()),
            pa.array([case.affected_g for _, case in cases], pa.int64()),
            pa.array([case.manifests for _, case in cases], pa.int64()),
            pa.array([json.dumps(case.parameters) for _, case in cases], pa.string()),
        ]
        return pa.table(columns, schema=_TRUTH)
