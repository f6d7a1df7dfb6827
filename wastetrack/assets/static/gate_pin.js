// Who works at the gate: people of this device by large buttons, a PIN by a keypad. After the right one the key that
// signs scans stays open for a shift, also over a reload or an empty battery; after five wrong ones it is gone.

import * as store from "./gate_store.js";
import { MOST_TRIES, SHIFT_MS, SHORTEST_PIN, unlock } from "./gate_keys.js";
import { at, element, keypad, say } from "./gate_view.js";
import { wakeUp } from "./gate_signals.js";

let typed = "";
let person = null;
let busy = false;

function show() {
  at("pin-shown").textContent = "●".repeat(typed.length) || "–";
}

function press(key) {
  if (key === "delete") typed = typed.slice(0, -1);
  else if (typed.length < 12) typed += key;
  show();
}

/** The shift that is on, or null. */
export async function shift() {
  const found = await store.thing("shift");
  return found && found.until > Date.now() ? found : null;
}

export const endShift = () => store.dropThing("shift");

/** Show who may work here, and call `onOpen` with the shift once somebody has given his PIN. */
export async function askWho(onOpen) {
  const people = await store.people();
  person = null;
  typed = "";
  at("pin").hidden = true;
  at("people").hidden = false;
  at("people-list").replaceChildren(...people.map((one) => {
    const button = element("button", one.name, { type: "button", className: "big primary" });
    button.addEventListener("click", () => choose(one));
    return button;
  }));
  keypad(at("pin-keys"), { point: false, onKey: press });
  at("pin").onsubmit = async (event) => {
    event.preventDefault();
    if (busy || !person || typed.length < SHORTEST_PIN) return;
    busy = true;
    await tryPin(onOpen).finally(() => { busy = false; });
  };
  document.onkeydown = (event) => {
    if (at("people").hidden || at("pin").hidden) return;
    if (/^\d$/.test(event.key)) press(event.key);
    else if (event.key === "Backspace") press("delete");
    else if (event.key === "Enter" && !event.target.closest("button")) at("pin").requestSubmit();
  };
  if (people.length === 1) choose(people[0]);
}

function choose(one) {
  wakeUp();
  person = one;
  typed = "";
  at("pin").hidden = false;
  at("pin-name").textContent = `${one.name} · ${say("pin")}`;
  at("pin-said").textContent = "";
  show();
  at("pin-keys").querySelector("button")?.focus();
}

async function tryPin(onOpen) {
  wakeUp();
  const device = await store.thing("device");
  // A try counts before it is made, so that closing the page in the middle of one wins nothing.
  const tries = ((await store.people()).find((one) => one.membership_id === person.membership_id)?.tries ?? 0) + 1;
  person = { ...person, tries };
  await store.putPerson(person);
  const key = tries > MOST_TRIES ? null : await unlock(person, typed, device.secret);
  typed = "";
  show();
  if (!key) {
    if (tries >= MOST_TRIES) {
      await store.dropPerson(person.membership_id);
      at("pin").hidden = true;
      await askWho(onOpen);
      at("pin").hidden = false;
      at("pin-said").textContent = say("locked_out");
      return;
    }
    at("pin-said").textContent = say("wrong_pin", { left: MOST_TRIES - tries });
    return;
  }
  await store.putPerson({ ...person, tries: 0 });
  const opened = { membership_id: person.membership_id, name: person.name, key, until: Date.now() + SHIFT_MS };
  await store.putThing("shift", opened);
  at("people").hidden = true;
  document.onkeydown = null;
  onOpen(opened);
}
