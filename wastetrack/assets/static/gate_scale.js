// What the scales of the site say, while somebody looks: asked every two seconds, offered as large buttons, or taken by
// itself for the container that was scanned last. Without network there is the keypad.

import { ask } from "./gate_sync.js";
import { at, element, mass, say } from "./gate_view.js";

const EVERY_MS = 2000;
let timer = 0;
const taken = new Set();

/** Stop asking. */
export function rest() {
  clearTimeout(timer);
  timer = 0;
  at("scales").replaceChildren();
}

/** Ask as long as the panel is open; `take` gets a reading that was chosen, `alone` says whether it may take itself. */
export async function watch(address, device, { take, alone }) {
  clearTimeout(timer);
  try {
    const response = await ask(address, device);
    if (response.ok) show((await response.json()).filter((one) => !one.used && !taken.has(one.reading_id)), take, alone);
  } catch {
    at("scales").replaceChildren();
  }
  if (!at("weigh-panel").hidden) timer = setTimeout(() => watch(address, device, { take, alone }), EVERY_MS);
}

async function choose(one, take) {
  if (await take(one)) taken.add(one.reading_id);
}

function show(readings, take, alone) {
  at("alone").hidden = !readings.length && !alone();
  at("scales").replaceChildren(...readings.map((one) => {
    const words = say("take_reading", { mass: mass(one.gross_g), scale: one.name });
    const button = element("button", words, { type: "button", className: "big primary" });
    if (one.verification === "over") button.append(element("small", say("verification_over")));
    button.addEventListener("click", () => choose(one, take));
    return button;
  }));
  if (readings.length === 1 && alone()) choose(readings[0], take);
}
