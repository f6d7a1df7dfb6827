// What the gate's page knows at this moment, and a scan judged by it.

import { judge } from "./gate_rules.js";

export const TAKEN = new Set(["kept", "sent", "to_decide", "settled"]);
export const gate = { device: null, pack: null, shift: null, lines: new Map(), scans: [], chosen: null, sounds: true, speaks: false, alone: false, taken: false };

export function takePack(pack) {
  gate.pack = pack;
  gate.lines = new Map((pack?.lines ?? []).map((line) => [line.code, line]));
}

export const scannedHere = (container) =>
  gate.scans.some((scan) => scan.container === container && TAKEN.has(scan.state) && decided(scan));
const decided = (scan) => ["accepted", "accepted_with_difference", "rejected"].includes(scan.told);

/** What this device put into stores and the pack does not know yet. */
export function placed(except = null) {
  return gate.scans
    .filter((scan) => scan.store_id && scan.scan_id !== except && TAKEN.has(scan.state) && scan.told.startsWith("accepted")
      && gate.lines.get(scan.code)?.outcome === null)
    .map((scan) => {
      const line = gate.lines.get(scan.code);
      const place = gate.pack.stores.find((one) => one.id === scan.store_id);
      const liquid = gate.pack.kinds[line.kind].liquid;
      return { store: scan.store_id, facility: place?.facility, kind: line.kind, net_g: scan.net_g, volume_l: line.volume_l, liquid };
    });
}

export const judged = (scan, label, except = null) => judge({ ...scan, label, at: new Date(scan.happened_at) }, gate.pack, {
  lines: gate.lines,
  scanned: (container) => gate.scans.some((one) => one.scan_id !== except && one.container === container
    && TAKEN.has(one.state) && decided(one)),
  placed: placed(except),
});
