// What the operator is told of a scan: in colour, icon, word, sound and buzz, with the reasons and the masses.

import { gate, scannedHere } from "./gate_state.js";
import { signal } from "./gate_signals.js";
import * as view from "./gate_view.js";

const { say } = view;

export function sound(colour, word) {
  signal(colour, { word, language: document.documentElement.lang, sounds: gate.sounds, speaks: gate.speaks });
}

export function stop(why, code = "") {
  view.answer("bad", say("stop"), { code, why: [why].flat() });
  sound("bad", say("stop"));
  gate.last = null;
}

export function already(label, found) {
  const here = scannedHere(found.line.container);
  view.answer("info", say("already_here"), { code: label.code, why: [say(here ? "on_the_device" : "already_here_why")] });
  sound("info", say("already_here"));
}

export function tell(kept, found) {
  const colour = { accepted: "good", accepted_with_difference: "warn", rejected: "bad" }[found.outcome] ?? "bad";
  const word = say(found.accepts || found.outcome === "rejected" ? found.outcome : "stop");
  const why = found.accepts ? [] : found.why.map(view.reason);
  if (found.outcome === "rejected") why.push(kept.reject_reason);
  if (found.paper && !["arrived", "returning"].includes(found.paper.state)) why.push(say("not_arrived"));
  view.answer(colour, word, { code: kept.code, massText: found.line ? massText(kept, found) : "", why });
  sound(colour, word);
}

export function massText(kept, found) {
  const declared = view.mass(found.line.declared_g);
  if (kept.gross_g === null) return `${say("declared", { declared })} · ${say("not_weighed")}`;
  const facts = { declared, measured: view.mass(found.net_g), difference: view.mass(found.difference_g, true) };
  return say("measured", { ...facts, tolerance: view.mass(found.tolerance_g) });
}
