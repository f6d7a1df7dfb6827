"""What the gate weighs: on which figure, within which tolerance it agrees, and what the log says of it."""

from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.containers.model import Weighing
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.gate_queries import ScanLine
from wastetrack.manifests.journey_model import FindAgain
from wastetrack.manifests.model import ScanAtGate
from wastetrack.manifests.tolerance import tolerance
from wastetrack.mass import Mass


def weighing_of(command: ScanAtGate | FindAgain, tare: Mass, declared: Mass) -> Weighing:
    """What was weighed now; where nobody weighed, the mass on record, marked as such."""
    if command.gross is None:
        return Weighing(gross=declared + tare, tare=tare, method=WeighingMethod.DECLARED, confirmed=True)
    return Weighing(
        gross=command.gross,
        tare=tare,
        method=command.method,
        scale_id=command.scale_id,
        uncertainty=command.uncertainty,
        confirmed=True,  # light or not, this is what stands on the scale
        reading_id=command.reading_id if isinstance(command, ScanAtGate) else None,
    )


def tolerated(line: ScanLine, weighing: Weighing) -> Mass:
    """By how much the two figures may differ and still agree."""
    figures = jurisdiction()
    return tolerance(
        line.declared,
        per_mille=figures.weight_tolerance.value,
        floor_g=figures.weight_tolerance_floor.value,
        declared_u=line.declared_uncertainty,
        measured_u=weighing.uncertainty,
    )


def weighed_facts(line: ScanLine, weighing: Weighing, within: Mass) -> dict[str, object]:
    """The two figures and how the second was found."""
    measurement = weighing.measurement()
    return {
        "declared_g": line.declared.grams,
        "measured_g": weighing.net.grams,
        "gross_g": weighing.gross.grams,
        "tare_g": weighing.tare.grams,
        "tolerance_g": within.grams,
        "method": measurement.method.value,
        "scale": measurement.scale_id,
        "uncertainty_g": measurement.uncertainty_g,
    }
