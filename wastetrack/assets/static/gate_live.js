// The gate's page: what is scanned is decided here, kept here, and sent when there is network.
//
// A scan is on the disk before its answer is shown. It is held for ten seconds, in which it can be undone, weighed or
// turned into a refusal; only then is it sent. So undoing needs nothing of the server.

import { listen, onlyOnce } from "./scanner.js";
import { workAlone } from "./gate_alone.js";
import { already, massText, sound, stop, tell } from "./gate_answers.js";
import * as camera from "./gate_camera.js";
import { readLabel } from "./gate_labels.js";
import { whyNotWeight } from "./gate_rules.js";
import { gate, judged, placed, scannedHere, TAKEN, takePack } from "./gate_state.js";
import * as store from "./gate_store.js";
import { newId, signed } from "./gate_keys.js";
import * as sync from "./gate_sync.js";
import { wakeUp } from "./gate_signals.js";
import * as scale from "./gate_scale.js";
import { askWho, endShift, shift } from "./gate_pin.js";
import * as view from "./gate_view.js";

const { at, say, settings } = view;
const PACK_EVERY_MS = 60_000;
const HANDS_MS = 120_000; // so long a scan is held while somebody weighs it or chooses why it is refused
const CLOCK_TOLERANCE_MS = 120_000; // as the server has it (containers/moments.py)
const TYPED = { method: "platform_scale", scale_id: "", uncertainty_g: null, reading_id: null };

let busy = Promise.resolve();
let persistent = true;
let mass = "";
let sending = null;

/** One thing after the other: two scans never judge the same moment. */
function inTurn(work) {
  busy = busy.then(work).then(refresh).catch(notKept);
  return busy;
}

/** What was not written is not there: nobody goes on as if it were, and the same label is heard again. */
function notKept(error) {
  at("work").hidden = false;
  gate.last = null;
  heard.forget();
  view.answer("bad", say("stop"), { code: error?.container ?? "", why: [say("not_kept"), whyNotKept(error)] });
  sound("bad", say("stop"));
}

const whyNotKept = (error) => (store.isFull(error) ? say("memory_full") : String(error?.message || error));

// --- one scan ---------------------------------------------------------------------------------------------------

async function onCode(text) {
  const clean = text.replace(/\p{C}/gu, "").trim();
  if (!gate.shift || !clean) return;
  await inTurn(() => scan(clean));
}

async function scan(text) {
  if (gate.shift.until < Date.now()) return start();
  if (!gate.pack || Date.parse(gate.pack.good_until) < view.timeBy(gate.pack)) {
    return stop(say(gate.pack ? "list_too_old" : "no_list"));
  }
  const { base } = gate.pack;
  const label = await readLabel(text, { base, lines: gate.lines, key: gate.device.labelKey });
  if (label.problem) return stop(say(label.problem), label.code);
  const now = new Date();
  const draft = {
    scan_id: newId(), seq: now.getTime() + performance.now() % 1, device_id: gate.device.id,
    membership_id: gate.shift.membership_id, label: text, gross_g: null, method: "platform_scale", scale_id: "",
    uncertainty_g: null, reading_id: null, reject_reason: "", store_id: gate.chosen, happened_at: now.toISOString(),
  };
  const found = judged(draft, label);
  if (found.code === "already_here") return already(label, found);
  if (found.outcome === null) return stop(found.why.map(view.reason), label.code);
  const manifest = found.line?.manifest ?? currentPaper();
  const kept = await keep({ ...draft, manifest_id: manifest ?? null }, label, found);
  tell(kept, found);
}

/** A stopped container that no paper names is told of at the truck that is being unloaded. */
const currentPaper = () => gate.scans.filter((one) => one.manifest_id && one.container).at(-1)?.manifest_id;

async function keep(draft, label, found) {
  const scanned = {
    ...draft, code: label.code, revision: label.revision, container: found.line?.container ?? null, told: found.outcome,
    net_g: found.net_g ?? null, state: "kept",
    hold_until: Date.now() + (draft.gross_g === null && !at("weigh-panel").hidden ? HANDS_MS : sync.HOLD_MS),
  };
  const whole = await signed(scanned, gate.shift.key);
  try {
    await store.putScan(whole);
  } catch (error) {
    const failed = new Error(error?.message, { cause: error });
    failed.container = label.code;
    throw failed;
  }
  gate.scans = [...gate.scans.filter((one) => one.scan_id !== whole.scan_id), whole];
  gate.last = whole.scan_id;
  return whole;
}

// --- the ten seconds --------------------------------------------------------------------------------------------

// It ends half a second before the sending may begin, so that what is changed last is what is sent.
const held = () => gate.scans.find((one) => one.scan_id === gate.last && sync.isHeld(one, Date.now() + 500));

async function undo() {
  const last = held();
  if (!last) return;
  const undone = { ...last, state: "undone", hold_until: 0 };
  await store.putScan(undone);
  gate.scans = gate.scans.map((one) => (one.scan_id === undone.scan_id ? undone : one));
  gate.last = null;
  heard.forget();
  view.answer("info", say("undone"), { code: undone.code });
  sound("info", say("undone"));
}

/** Hold the last scan for so long from now: a drum is not on the scale within ten seconds. */
async function hold(milliseconds) {
  const last = held();
  if (!last) return;
  const changed = { ...last, hold_until: Date.now() + milliseconds };
  await store.putScan(changed);
  gate.scans = gate.scans.map((one) => (one.scan_id === changed.scan_id ? changed : one));
}

/** The last scan, judged anew with a weight or a reason; kept only if it may be so. */
async function change(changes) {
  const last = held();
  if (!last?.container) return note(say("nothing_to_change"));
  const label = { code: last.code, revision: last.revision };
  const draft = { ...last, ...changes };
  const found = judged(draft, label, last.scan_id);
  if (found.outcome === null) {
    view.answer("warn", changes.gross_g === undefined ? say("stop") : say("weigh_again"), { code: last.code, why: found.why.map(view.reason) });
    sound("warn", say("weigh_again"));
    return;
  }
  tell(await keep(draft, label, found), found);
}

function note(text) {
  view.answer("info", say("scan_a_label"), { why: [text] });
}

function showUndo() {
  const last = held();
  at("undo").hidden = !last;
  if (!last) return;
  const left = Math.max(0, last.hold_until - Date.now());
  at("undo-word").textContent = say("undo", { seconds: Math.ceil(left / 1000) });
  at("undo-bar").style.setProperty("inline-size", `${Math.min(1, left / sync.HOLD_MS) * 100}%`);
}

// --- panels -----------------------------------------------------------------------------------------------------

const PANELS = ["camera", "weigh", "refuse", "zone"];

function toggle(name, open = at(`${name}-panel`).hidden) {
  const handled = ["weigh", "refuse"].some((one) => !at(`${one}-panel`).hidden);
  for (const one of PANELS) {
    at(`${one}-panel`).hidden = one !== name || !open;
    at(one).setAttribute("aria-expanded", String(one === name && open));
  }
  if (name !== "camera" || !open) camera.close();
  const handles = open && (name === "weigh" || name === "refuse");
  if (handles || handled) inTurn(() => hold(handles ? HANDS_MS : sync.HOLD_MS));
  if (name === "weigh" && open) {
    typeMass("clear");
    scale.watch(settings.scales, gate.device, { take: takeReading, alone: () => gate.alone && Boolean(held()?.container) && !held().reading_id });
  } else scale.rest();
  if (name === "zone" && open) showStores();
  if (!open) return;
  at(`${name}-panel`).scrollIntoView({ block: "start" });
  at(`${name}-panel`).querySelector("button:not([hidden])")?.focus({ preventScroll: true });
}

function typeMass(key) {
  if (key === "clear") mass = "";
  else if (key === "delete") mass = mass.slice(0, -1);
  else if (!(key === "." && mass.includes(".")) && mass.length < 9) mass += key;
  at("mass-shown").textContent = `${mass || "–"} kg`;
  const last = held();
  const line = last && gate.lines.get(last.code);
  const gross = grams();
  at("mass-delta").textContent = "";
  if (!line || !gross || whyNotWeight(gross, null, line, gate.pack.figures)) return;
  const found = judged({ ...last, gross_g: gross }, { code: last.code, revision: last.revision }, last.scan_id);
  at("mass-delta").textContent = massText({ gross_g: gross }, found);
}

/** What a scale said, as the mass of the last container; gives whether it was taken. */
async function takeReading({ gross_g, method, serial, uncertainty_g, reading_id }) {
  if (!held()?.container) {
    note(say("nothing_to_change"));
    return false;
  }
  await inTurn(() => change({ gross_g, method, scale_id: serial, uncertainty_g, reading_id }));
  if (!gate.alone) toggle("weigh", false);
  return held()?.reading_id === reading_id;
}

const grams = () => Math.round(Number(mass) * 1000);

function showStores() {
  const here = placed();
  const list = (gate.pack?.stores ?? []).map((one) => ({
    ...one, now_g: one.held_g + here.filter((two) => two.store === one.id).reduce((sum, two) => sum + two.net_g, 0),
  }));
  view.stores(list, gate.chosen, async (id) => {
    gate.chosen = id;
    await store.putThing("chosen", id);
    toggle("zone", false);
    showStores();
    if (held()?.told.startsWith("accepted")) inTurn(() => change({ store_id: id }));
  });
}

// --- queue ------------------------------------------------------------------------------------------------------

function refresh() {
  if (gate.pack) view.listAge(gate.pack);
  const count = view.queue(gate.scans);
  if (count.kept && !sending) at("sync-said").textContent = "";
  showUndo();
  const last = gate.scans.filter((one) => one.container && TAKEN.has(one.state)).at(-1);
  const paper = gate.pack?.manifests.find((one) => one.id === (last?.manifest_id ?? gate.pack.manifests[0]?.id));
  if (paper) {
    const lines = gate.pack.lines.filter((line) => line.manifest === paper.id);
    const left = lines.filter((line) => line.outcome === null && !scannedHere(line.container)).length;
    const plate = paper.plates.join(" / ") || paper.shipper;
    at("count").textContent = say(left ? "left_of" : "all_scanned", { plate, left, all: lines.length });
    at("receipts").href = `/gate/${paper.id}`;
  }
  view.warnings([
    gate.pack && Math.abs(gate.pack.clock_ahead_ms) > CLOCK_TOLERANCE_MS && view.clockWrong(gate.pack),
    count.kept >= sync.MANY_UNSENT ? say("many_unsent", { count: count.kept }) : !persistent && say("not_persistent"),
  ]);
  navigator.setAppBadge?.(count.kept).catch(() => {});
}

/** Send what is kept, then fetch what is expected now. Tried again on every occasion; never twice at once. */
function send() {
  sending ??= sendNow().finally(() => { sending = null; });
  return sending;
}

async function sendNow() {
  if (!gate.device || gate.taken) return;
  at("sync-said").textContent = say("sending");
  try {
    const sent = await sync.replay(settings.scans, gate.device, async () => {
      gate.scans = await store.scans();
      refresh();
    });
    await sync.sendPhotos(settings.photo, gate.device);
    if (sent || !gate.pack || Math.abs(Date.now() - (gate.pack.fetched_at ?? 0)) > PACK_EVERY_MS) await newPack();
    view.online(true);
    const left = gate.scans.filter(sync.isUnsent).length;
    at("sync-said").textContent = left ? "" : say("all_sent");
  } catch (error) {
    view.online(navigator.onLine && error instanceof sync.Ended);
    const why = error instanceof sync.Ended ? "device_ended" : store.isFull(error) ? "memory_full" : "not_sent";
    at("sync-said").textContent = say(why);
  }
}

async function newPack() {
  takePack(await sync.fetchPack(settings.pack, gate.device));
  showStores();
  refresh();
}

/** The file is written when it is asked for; only then is there anything to take away. */
async function writeFile() {
  const href = URL.createObjectURL(await sync.queueFile(gate.device));
  view.element("a", "", { href, download: "wastetrack-gate.json" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

// --- beginning --------------------------------------------------------------------------------------------------

const heard = onlyOnce((text) => onCode(text));

async function begin(opened) {
  gate.shift = opened;
  for (const id of ["work", "queue", "tools"]) at(id).hidden = false;
  at("people").hidden = true;
  at("who").textContent = say("on_shift", { name: opened.name, device: gate.device.name });
  if (gate.pack) showStores();
  refresh();
  at("label").focus({ preventScroll: true });
  await send();
}

async function start() {
  gate.device = await store.thing("device");
  gate.scans = await store.scans();
  takePack((await store.thing("pack")) ?? null);
  gate.chosen = (await store.thing("chosen")) ?? null;
  view.online(navigator.onLine);
  const unsent = gate.scans.filter((one) => one.state === "kept" || one.state === "refused");
  if (!gate.device) {
    at("not-enrolled").hidden = false;
    at("queue").hidden = !unsent.length;
    at("left-behind").hidden = !unsent.length;
    at("left-behind").textContent = say("left_behind", { count: unsent.length });
    return view.queue(gate.scans);
  }
  const opened = await shift();
  if (opened) return begin(opened);
  gate.shift = null;
  for (const id of ["work", "tools"]) at(id).hidden = true;
  at("queue").hidden = !gate.scans.length;
  refresh();
  await askWho(begin);
  await send();
}

function pressed(button, name) {
  gate[name] = !gate[name];
  button.setAttribute("aria-pressed", String(gate[name]));
}

listen({ onCode: heard, field: at("label") });
// A finger leaves the focus where it was: in the field that listens. The keyboard moves it as everywhere.
at("work").addEventListener("click", (event) => {
  if (event.detail && event.target.closest("button")) at("label").focus({ preventScroll: true });
});
document.addEventListener("pointerdown", wakeUp);
document.addEventListener("keydown", wakeUp);
at("undo").addEventListener("click", () => inTurn(undo));
at("camera").addEventListener("click", () => {
  toggle("camera");
  if (!at("camera-panel").hidden) camera.open(settings, heard);
});
at("torch").addEventListener("click", camera.light);
for (const name of ["weigh", "refuse", "zone"]) at(name).addEventListener("click", () => toggle(name));
view.keypad(at("mass-keys"), { point: true, onKey: typeMass });
at("mass").addEventListener("submit", (event) => {
  event.preventDefault();
  const gross = grams();
  if (gross) inTurn(() => change({ gross_g: gross, ...TYPED })).then(() => toggle("weigh", false));
});
at("reasons").addEventListener("click", ({ target }) => {
  const why = target.closest("[data-reason]")?.dataset.reason;
  if (why) inTurn(() => change({ reject_reason: why, gross_g: null, ...TYPED }));
});
at("photo").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  target.value = "";
  if (!gate.last) return note(say("nothing_to_change"));
  try {
    await store.putPhoto({ scan_id: gate.last, blob: file });
    at("photo-said").textContent = say("photo_kept");
  } catch (error) {
    at("photo-said").textContent = `${say("photo_not_kept")} ${whyNotKept(error)}`;
    sound("bad", say("stop"));
  }
});
at("send").addEventListener("click", send);
at("export").addEventListener("click", writeFile);
at("alone").addEventListener("click", ({ currentTarget }) => pressed(currentTarget, "alone"));
at("sounds").addEventListener("click", ({ currentTarget }) => pressed(currentTarget, "sounds"));
at("speaks").addEventListener("click", ({ currentTarget }) => pressed(currentTarget, "speaks"));
at("fill").addEventListener("click", () => document.documentElement.requestFullscreen?.().catch(() => {}));
at("lock").addEventListener("click", async () => {
  await endShift();
  await start();
});
window.addEventListener("online", () => { view.online(true); send(); });
window.addEventListener("offline", () => view.online(false));
document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
setInterval(() => {
  showUndo();
  const due = gate.scans.some((one) => sync.isUnsent(one) && !sync.isHeld(one));
  if (due && !gate.taken && navigator.onLine && !document.hidden && !sending && Date.now() - (gate.tried ?? 0) > 5000) {
    gate.tried = Date.now();
    send();
  }
}, 500);

navigator.serviceWorker?.register(settings.worker, { scope: settings.scope, updateViaCache: "none" }).catch(() => {});
persistent = await store.persist().catch(() => false);
workAlone(() => {
  gate.taken = true;
  gate.shift = null;
  for (const id of ["people", "work", "queue", "tools"]) at(id).hidden = true;
  at("elsewhere").hidden = false;
});
at("here").addEventListener("click", () => location.reload());
await sync.tidy().then(start).catch(notKept);
