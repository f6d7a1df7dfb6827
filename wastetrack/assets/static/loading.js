// A stop of a run: labels are checked one after another as they are heard or seen, and wait here while there is no
// network. Without this script the form does the same, one label at a time.

import { drop, keep, kept } from "./loading_store.js";
import { put } from "./parts.js";
import { listen, openCamera } from "./scanner.js";

const load = document.getElementById("load");
const manifest = load.dataset.manifest;
const RETRY_MS = 5000;

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

let audio = null;

/** One high sound for right, two low ones for wrong; and the telephone trembles. */
function sound(kind) {
  navigator.vibrate?.(kind === "good" ? 80 : [250, 120, 250]);
  try {
    audio ??= new AudioContext();
    const tones = kind === "good" ? [[880, 0]] : [[220, 0], [220, 0.25]];
    for (const [frequency, after] of tones) {
      const tone = audio.createOscillator();
      tone.frequency.value = frequency;
      tone.connect(audio.destination);
      tone.start(audio.currentTime + after);
      tone.stop(audio.currentTime + after + 0.15);
    }
  } catch {
    // No sound device: colour and word say the same.
  }
}

async function showWaiting() {
  const count = (await kept(manifest)).length;
  for (const line of document.querySelectorAll(".waiting")) {
    line.hidden = !count;
    line.textContent = count ? load.dataset.waiting.replace("{count}", count) : "";
  }
}

function show(drawn) {
  const typing = document.activeElement?.name === "label";
  put(load, drawn);
  equip();
  if (typing) load.querySelector("input[name=label]")?.focus();
  const answer = document.getElementById("answer");
  if (answer?.dataset.sound) sound(answer.dataset.sound);
  const said = document.querySelector("#camera .waiting");
  if (said && answer) {
    said.hidden = false;
    said.textContent = `${answer.querySelector("h2")?.textContent ?? ""} · ${load.querySelector("#count strong")?.textContent ?? ""}`;
  }
}

/** Sends one scan; true when it has its answer, whatever that is. */
async function send(scan) {
  const fields = new URLSearchParams({
    csrf_token: document.querySelector("[name=csrf_token]").value,
    request_id: scan.id,
    label: scan.label,
    happened_at: scan.at,
  });
  const answered = await fetch(`/run/stops/${manifest}/scans`, {
    method: "POST",
    body: fields,
    headers: { "HX-Request": "true" },
  });
  const ended = answered.redirected && !answered.url.includes("/run/stops/");
  if (ended) {
    location.reload(); // the sign-in has ended; what is kept waits for the next one
    return false;
  }
  if (answered.status >= 500 || answered.status === 429) return false;
  show(await answered.text());
  return true;
}

let sending = false;

async function sendAll() {
  if (sending) return;
  sending = true;
  try {
    for (let [scan] = await kept(manifest); scan; [scan] = await kept(manifest)) {
      if (!(await send(scan))) break;
      await drop(scan);
    }
  } catch {
    // No network: they wait.
  } finally {
    sending = false;
    await showWaiting();
  }
  if ((await kept(manifest)).length) setTimeout(sendAll, RETRY_MS);
}

async function heard(label) {
  await keep({ manifest, id: uuid(), label, at: new Date().toISOString() });
  sendAll();
}

const dialog = document.getElementById("camera");
let camera = null;

async function open() {
  const said = dialog.querySelector(".waiting");
  said.textContent = "";
  dialog.showModal();
  try {
    const { reader, wasm } = load.dataset;
    camera = await openCamera({ video: dialog.querySelector("video"), reader, wasm, onCode: heard });
  } catch {
    said.hidden = false;
    said.textContent = load.dataset.refused;
  }
}

dialog.addEventListener("close", () => {
  camera?.stop();
  camera = null;
});
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());

/** The block was put anew: its form and its button do what they say. */
function equip() {
  const form = load.querySelector("form.scan-one");
  const field = form?.querySelector("input[name=label]");
  form?.addEventListener("submit", (event) => {
    if (!field.value.trim()) return;
    event.preventDefault();
    heard(field.value.trim());
    field.value = "";
  });
  const button = load.querySelector("[data-camera]");
  if (button) {
    button.hidden = !navigator.mediaDevices?.getUserMedia;
    button.addEventListener("click", open);
  }
}

// One ear for the whole page: the block may be put anew while a label is being typed.
listen({ onCode: (label) => load.querySelector("form.scan-one") && heard(label) });
equip();
showWaiting();
addEventListener("online", sendAll);
sendAll();
load.dataset.listening = "yes";
