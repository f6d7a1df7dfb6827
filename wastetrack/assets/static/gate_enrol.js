// Enrols this device for a site, or adds a person to it: keys are made here, only their public halves are sent. The
// form is sent by this script, for the answer holds the device's token and the key of labels, told this once.

import * as store from "./gate_store.js";
import { SHORTEST_PIN, importLabelKey, newDeviceSecret, newPersonKey, toBytes } from "./gate_keys.js";

const form = document.getElementById("enrol");
const said = document.getElementById("enrol-said");
const words = form.dataset;
const device = await store.thing("device");

if (device) {
  document.getElementById("enrolled-as").textContent = device.name;
  for (const place of document.querySelectorAll("[data-when=enrolled]")) place.hidden = false;
  for (const place of document.querySelectorAll("[data-when=new]")) place.hidden = true;
  for (const field of document.querySelectorAll("[data-when=new] input, [data-when=new] select")) field.disabled = true;
}
form.hidden = false;
document.getElementById("forget").addEventListener("click", async () => {
  await store.forgetEnrolment();
  location.reload();
});

function pinOf() {
  const [pin, again] = ["pin", "pin-again"].map((id) => document.getElementById(id));
  if (!/^\d+$/.test(pin.value) || pin.value.length < SHORTEST_PIN) return [null, words.pinShort];
  if (/^(\d)\1*$/.test(pin.value) || "01234567890 9876543210".includes(pin.value)) return [null, words.pinEasy];
  return pin.value === again.value ? [pin.value, ""] : [null, words.pinDiffers];
}

async function send(address, fields) {
  const body = new FormData(form);
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const response = await fetch(address, { method: "POST", body: new URLSearchParams(body), redirect: "error" });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

async function enrol(pin) {
  const secret = await newDeviceSecret();
  const { publicKey, kept } = await newPersonKey(pin, secret);
  const told = await send(form.action, { public_key: publicKey });
  if (!told.token) throw new Error("answered before");
  const labelKey = told.label_key ? await importLabelKey(toBytes(told.label_key)) : null;
  const { device_id: id, name, site_id: siteId, token } = told;
  await store.forgetEnrolment();
  await store.putThing("device", { id, name, site_id: siteId, token, secret, labelKey });
  await store.putPerson({ membership_id: told.membership_id, name: told.person, ...kept });
}

async function join(pin) {
  const { publicKey, kept } = await newPersonKey(pin, device.secret);
  const address = form.dataset.join.replace("DEVICE", device.id);
  const told = await send(address, { public_key: publicKey, token: device.token });
  await store.putPerson({ membership_id: told.membership_id, name: told.person, ...kept });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [pin, wrong] = pinOf();
  said.textContent = wrong;
  if (!pin) return;
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    await store.persist();
    await (device ? join(pin) : enrol(pin));
    location.assign(form.dataset.next);
  } catch {
    said.textContent = words.notAccepted;
    button.disabled = false;
    form.elements.request_id.value = crypto.randomUUID();
  }
});
