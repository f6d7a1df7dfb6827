// Between a gate's device and the server: fetch what is expected, send what was kept, write the queue into a file.
// Sending is harmless however often: each scan has its id, and the answer to one that was sent before is the first.

import * as store from "./gate_store.js";

export const HOLD_MS = 10_000;
export const BATCH = 50;
export const MANY_UNSENT = 200;
const KEPT_DAYS = 7;
const FIELDS = [
  "scan_id", "device_id", "membership_id", "manifest_id", "label", "gross_g", "method", "scale_id", "uncertainty_g",
  "reading_id", "reject_reason", "store_id", "happened_at", "told", "signature",
];

/** A scan as the server takes it. */
export const documentOf = (scan) => Object.fromEntries(FIELDS.map((name) => [name, scan[name] ?? null]));

export const isUnsent = (scan) => scan.state === "kept";
export const isHeld = (scan, now = Date.now()) => scan.state === "kept" && scan.hold_until > now;

export class Ended extends Error {}

export async function ask(address, device, options = {}) {
  const headers = { Authorization: `Bearer ${device.token}`, ...options.headers };
  const response = await fetch(address, { ...options, headers, cache: "no-store", credentials: "omit" });
  if (response.status === 401) throw new Ended("device_ended");
  return response;
}

/** The newest pack, kept; null where the server cannot be reached or says no. */
export async function fetchPack(address, device) {
  const response = await ask(address, device);
  if (!response.ok) throw new Error(`pack ${response.status}`);
  const made = await response.json();
  const now = Date.now();
  const pack = { ...made, fetched_at: now, clock_ahead_ms: now - Date.parse(made.made_at) };
  await store.putThing("pack", pack);
  return pack;
}

async function post(address, device, scans) {
  const body = JSON.stringify({ sent_at: new Date().toISOString(), scans: scans.map(documentOf) });
  return ask(address, device, { method: "POST", body, headers: { "Content-Type": "application/json" } });
}

/** What the server said of each of these scans, by id. One batch that is refused as a whole is sent one by one. */
async function sendBatch(address, device, scans) {
  const response = await post(address, device, scans);
  if (response.ok) return new Map((await response.json()).items.map((item) => [item.scan_id, item]));
  if (response.status >= 500 || response.status === 408 || response.status === 429) {
    throw new Error(`scans ${response.status}`);
  }
  if (scans.length > 1) {
    const answers = new Map();
    for (const scan of scans) for (const [id, item] of await sendBatch(address, device, [scan])) answers.set(id, item);
    return answers;
  }
  const told = await response.json().catch(() => ({}));
  const error = { code: told.code ?? `http_${response.status}`, message: told.detail ?? "", message_zh: told.detail_zh ?? "" };
  return new Map([[scans[0].scan_id, { status: "refused", outcome: null, errors: [error] }]]);
}

/**
 * Send all that is kept and no longer held, oldest first. Tells `onAnswer` after each batch. Gives how many were sent.
 * Only one page at a time sends, whichever holds the lock.
 */
export async function replay(address, device, onAnswer = () => {}) {
  const work = async () => {
    let sent = 0;
    for (;;) {
      const waiting = (await store.scans()).filter((scan) => isUnsent(scan) && !isHeld(scan));
      const batch = waiting.slice(0, BATCH);
      if (!batch.length) return sent;
      const answers = await sendBatch(address, device, batch);
      const answered = batch.filter((scan) => answers.has(scan.scan_id)).map((scan) => {
        const { status, outcome, errors } = answers.get(scan.scan_id);
        return { ...scan, state: status === "done" ? "sent" : status, outcome, errors, sent_at: Date.now() };
      });
      if (!answered.length) throw new Error("no answer");
      await store.putScans(answered);
      sent += answered.length;
      await onAnswer(answered);
    }
  };
  if (!navigator.locks) return work();
  return navigator.locks.request("wastetrack-gate-replay", work);
}

/** Send the pictures whose scans are recorded; one that is refused is dropped, the scan stands without it. */
export async function sendPhotos(address, device) {
  const known = new Map((await store.scans()).map((scan) => [scan.scan_id, scan]));
  for (const photo of await store.photos()) {
    const scan = known.get(photo.scan_id);
    if (scan && scan.state !== "sent" && scan.state !== "to_decide") continue;
    if (scan) {
      const form = new FormData();
      const ending = { "image/png": "png", "image/webp": "webp" }[photo.blob.type] ?? "jpg";
      form.append("file", photo.blob, `${photo.scan_id}.${ending}`);
      const response = await ask(address.replace("{scan_id}", photo.scan_id), device, { method: "POST", body: form });
      if (response.status >= 500) throw new Error(`photo ${response.status}`);
    }
    await store.dropPhoto(photo.scan_id);
  }
}

/** Forget what was recorded long ago. */
export async function tidy(now = Date.now()) {
  const old = (await store.scans()).filter((scan) =>
    ["sent", "settled", "undone"].includes(scan.state) && (scan.sent_at ?? scan.seq) < now - KEPT_DAYS * 86_400_000);
  if (old.length) await store.dropScans(old.map((scan) => scan.scan_id));
}

/** The queue as a file: everything that the server has not got. Each scan is signed, so the file vouches for itself. */
export async function queueFile(device) {
  const unsent = (await store.scans()).filter((scan) => scan.state === "kept" || scan.state === "refused");
  const document = {
    format: "wastetrack-gate-queue-1",
    device_id: device?.id ?? null,
    exported_at: new Date().toISOString(),
    scans: unsent.map(documentOf),
  };
  return new Blob([JSON.stringify(document, null, 1)], { type: "application/json" });
}
