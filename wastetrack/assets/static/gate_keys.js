// Keys of a gate's device. Each person has a key there that signs his scans: it is made in the browser, its private
// half never leaves it, and is locked by a PIN. The lock also needs a secret of the device that no script can read
// out, so whoever copies the locked key alone cannot try PINs on another machine. What that protects and what it does
// not stands in gates/signatures.py.

const ROUNDS = 600_000; // OWASP's figure for PBKDF2 with SHA-256
export const SHORTEST_PIN = 6;
export const MOST_TRIES = 5;
export const SHIFT_MS = 12 * 3600_000;
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };
const STATEMENT = "wastetrack gate scan v1";
const encoder = new TextEncoder();

export function toText(buffer) {
  const letters = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function toBytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

/** A UUID whose order is that of time (RFC 9562, version 7). */
export function newId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const time = BigInt(now);
  for (let place = 0; place < 6; place += 1) bytes[place] = Number((time >> BigInt(8 * (5 - place))) & 0xffn);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The device's own secret, which can be used and never read. */
export const newDeviceSecret = () =>
  crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"]);

/** The key of labels, as it came once from the server; from here on it can be used and never read. */
export const importLabelKey = (bytes) =>
  crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

async function lockOf(pin, salt, deviceSecret) {
  const typed = await crypto.subtle.importKey("raw", encoder.encode(pin), "PBKDF2", false, ["deriveBits"]);
  const stretched = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, typed, 256,
  );
  const mixed = await crypto.subtle.sign("HMAC", deviceSecret, stretched);
  return crypto.subtle.importKey("raw", mixed, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** A new key of a person: its public half for the server, and its private half, locked. */
export async function newPersonKey(pin, deviceSecret) {
  const pair = await crypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const lock = await lockOf(pin, salt, deviceSecret);
  const locked = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, lock, plain);
  const publicKey = toText(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { publicKey, kept: { salt, iv, locked, tries: 0 } };
}

/** The private key, unlocked and no more to be read; null for a wrong PIN. */
export async function unlock(person, pin, deviceSecret) {
  const lock = await lockOf(pin, person.salt, deviceSecret);
  let plain;
  try {
    plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: person.iv }, lock, person.locked);
  } catch {
    return null;
  }
  return crypto.subtle.importKey("pkcs8", plain, CURVE, false, ["sign"]);
}

/** What the signature of a scan covers; the server writes the same (gates/model.py). */
export function statementOf(scan) {
  return JSON.stringify([
    STATEMENT, scan.scan_id, scan.device_id, scan.membership_id, scan.manifest_id, scan.label, scan.gross_g,
    scan.method, scan.scale_id, scan.uncertainty_g, scan.reading_id, scan.reject_reason, scan.store_id, scan.happened_at, scan.told,
  ]);
}

export async function signed(scan, key) {
  const signature = await crypto.subtle.sign(SIGNING, key, encoder.encode(statementOf(scan)));
  return { ...scan, signature: toText(signature) };
}
