"""What the addresses of a gate's devices show of somebody else's data: nothing. Part of the table in shown.py."""

from collections.abc import Mapping

_ALONE = ("/gate/live", "/gate/live/worker.js", "/gate/live/{language}", "/gate/live/{language}/app.webmanifest")
_OWN = (
    *("/api/v1/gate-devices", "/api/v1/gate/pack", "/api/v1/gate/scales", "/api/v1/gate/waiting", "/gate/devices"),
    *("/gate/queue-file", "/gate/waiting", "/gate/waiting/of/{manifest_id:uuid}", "/gate/waiting/{scan_id:uuid}"),
)
NOTHING_AT_GATES: Mapping[str, str] = {
    **dict.fromkeys(_OWN, "what comes to one's own gate, its devices, and what they scanned"),
    **dict.fromkeys(_ALONE, "about nobody"),
}
