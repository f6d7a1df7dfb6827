// What a label says, read without network: the same as containers/labels.py reads on the server.
//
//   await readLabel(text, { base, lines, key })  →  { code, revision, typed }  or  { problem: "label_forged", … }
//
// `lines` are the expected containers by digital code, with the digests of their labels; `key` is the key of labels as
// a CryptoKey that cannot be taken out of the browser, or null: then only labels of expected containers are vouched for.

const ADDRESS = /^HTTPS?:\/\/[^\s/]+(?:\/[^\s]*)?$/;
const PATH = /^(?<base>.+?)\/91\/(?<code>[^/?#]*)\/92\/(?<check>[^/?#]*)(?:\/93\/(?<revision>[^/?#]*))?\/?$/;
const CODE = /^[0-9A-Z]{37,38}$/;
const CHECK = /^[A-Z2-7]{10}$/;
const REVISION = /^(?:0[2-9]|[1-9]\d{1,4})$/;
const AFTER_THE_UNIT = /^\d{6}S?\d{13}$/;
const WASTE = /^\d{6}(?:(?!00)\d\d|S(?!00)\d\d)$/;
const SEPARATORS = /[ \-·\t\r\n\u3000\u00a0]/g;
const PURPOSE = "wastetrack label v1\0";
const LONGEST = 400;
const LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const DEPARTMENTS = "123456789ANY";
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const encoder = new TextEncoder();
const problem = (name, code = "") => ({ problem: name, code });

/** A unified social credit code (GB 32100-2015): eighteen characters whose last one checks the others. */
function isCreditCode(text) {
  const values = [...text].map((letter) => LETTERS.indexOf(letter));
  if (text.length !== 18 || values.includes(-1) || !DEPARTMENTS.includes(text[0])) return false;
  if (!/^\d{6}$/.test(text.slice(2, 8))) return false;
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * values[place], 0);
  return values[17] === (31 - (sum % 31)) % 31;
}

function isDay(text) {
  const [year, month, day] = [text.slice(0, 4), text.slice(4, 6), text.slice(6)].map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 2000 && date.getUTCFullYear() === year && date.getUTCMonth() === month - 1
    && date.getUTCDate() === day;
}

/** Whether these characters can be a digital code: whose waste, which waste, which day, which serial. */
export function isDigitalCode(text) {
  const general = text[24] === "S";
  if (text.length !== (general ? 38 : 37)) return false;
  const unit = text.slice(0, 18);
  const rest = text.slice(18);
  if (!AFTER_THE_UNIT.test(rest)) return false;
  const waste = rest.slice(0, general ? 9 : 8);
  const serial = Number(rest.slice(-3));
  return isCreditCode(unit) && WASTE.test(waste) && isDay(rest.slice(-11, -3)) && serial >= 1;
}

function toBase32(bytes) {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return bits.match(/.{5}/g).map((five) => BASE32[parseInt(five, 2)]).join("");
}

async function checkOf(key, base, code, revision) {
  const covered = revision === 1 ? `${base}\0${code}` : `${base}\0${code}\0${revision}`;
  const digest = await crypto.subtle.sign("HMAC", key, encoder.encode(PURPOSE + covered));
  return toBase32(new Uint8Array(digest)).slice(0, 10);
}

async function digestOf(text) {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether a label is one that was printed here; null where this cannot be said. */
async function isTrue(parts, revision, { base, lines, key }) {
  const root = base.toUpperCase();
  if (key) return (await checkOf(key, root, parts.code, revision)) === parts.check;
  const line = lines.get(parts.code);
  if (!line) return null;
  const known = line.digests[revision - 1];
  if (known === undefined) return null;
  const more = revision === 1 ? "" : `/93/${String(revision).padStart(2, "0")}`;
  return known === (await digestOf(`${root}/91/${parts.code}/92/${parts.check}${more}`));
}

/** A scanned label, or a digital code that was typed. */
export async function readLabel(text, known) {
  const seen = text.slice(0, LONGEST).normalize("NFKC").trim();
  const whole = seen.toUpperCase();
  if (!ADDRESS.test(whole)) return readTyped(seen);
  const root = known.base.toUpperCase();
  const parts = PATH.exec(whole)?.groups;
  if (!parts || parts.base !== root) {
    if (whole.startsWith(`${root}/91/`)) return problem("label_damaged");
    if (parts && CODE.test(parts.code)) return problem("label_other_deployment", parts.code);
    return problem("label_unreadable");
  }
  if (!isDigitalCode(parts.code) || !CHECK.test(parts.check)) return problem("label_damaged");
  if (parts.revision !== undefined && !REVISION.test(parts.revision)) return problem("label_damaged");
  const revision = parts.revision === undefined ? 1 : Number(parts.revision);
  if ((await isTrue(parts, revision, known)) === false) return problem("label_forged", parts.code);
  return { code: parts.code, revision, typed: false };
}

function readTyped(seen) {
  const normal = seen.replace(SEPARATORS, "").toUpperCase();
  if (!CODE.test(normal)) return problem("label_unreadable");
  return isDigitalCode(normal) ? { code: normal, revision: null, typed: true } : problem("label_damaged");
}
