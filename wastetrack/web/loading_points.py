"""What a shipper looks at when a load is handed out, in the words of its boxes."""

from wastetrack.i18n import message
from wastetrack.manifests.checking_loading import LoadingPoint

POINTS = {
    LoadingPoint.CREW: message("Carrier, vehicle and crew are those of the manifest, and showed valid permits"),
    LoadingPoint.LABELS: message("The labels say what the manifest says"),
    LoadingPoint.PACKAGES: message("The packages are closed and whole"),
    LoadingPoint.EMERGENCY: message("The crew has the measures for an emergency and the waybill for dangerous goods"),
}
LOADING_FIELDS = {point.value: "seen" for point in LoadingPoint}
"""Each point that was not looked at is told at the boxes."""
