// An event of the log is verified in this browser: its bytes are hashed (RFC 6962), the proof is climbed to the root, the
// root is looked up in the note (C2SP tlog-checkpoint), and the note's Ed25519 signature is verified. The server gives
// the bytes, the proof and the note; the key may come from elsewhere.
const sentences = () => JSON.parse(document.getElementById("verify-sentences").dataset.sentences);
const say = (text, facts = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);

const utf8 = new TextEncoder();
const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const same = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);
const joined = (...parts) => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
};
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const leafHash = (bytes) => sha256(joined([0], bytes));
const nodeHash = (left, right) => sha256(joined([1], left, right));

/** The root to which this proof leads (RFC 9162, 2.1.3.2); null where the proof has a wrong length. */
export const climb = async (hash, index, size, proof) => {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return null;
  let [node, last] = [BigInt(index), BigInt(size) - 1n];
  let root = hash;
  for (const step of proof) {
    if (last === 0n) return null;
    if (node & 1n || node === last) {
      root = await nodeHash(step, root);
      if (!(node & 1n)) {
        while (node !== 0n && !(node & 1n)) {
          node >>= 1n;
          last >>= 1n;
        }
      }
    } else {
      root = await nodeHash(root, step);
    }
    node >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? root : null;
};

/** A verifier key, `name+hash+base64(1 || public key)`: its name, the four bytes that name it, the raw key. */
export const readKey = async (text) => {
  const parts = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim());
  if (!parts) return null;
  const bytes = bytesOf(parts[3]);
  if (bytes.length !== 33 || bytes[0] !== 1) return null;
  const named = (await sha256(joined(utf8.encode(`${parts[1]}\n`), bytes))).slice(0, 4);
  const told = Uint8Array.from(parts[2].match(/../g), (pair) => Number.parseInt(pair, 16));
  return same(named, told) ? { name: parts[1], id: named, raw: bytes.slice(1) } : null;
};

/** The signed text of a note with its size and root, and the signature by this key. */
export const readNote = (note, key) => {
  const end = note.lastIndexOf("\n\n");
  if (end < 0) return null;
  const text = note.slice(0, end + 1);
  const [origin, size, root] = text.split("\n");
  const lines = note.slice(end + 2).split("\n");
  for (const line of lines) {
    const parts = /^\u2014 (\S+) (\S+)$/.exec(line);
    if (!parts || parts[1] !== key.name) continue;
    const bytes = bytesOf(parts[2]);
    if (same(bytes.slice(0, 4), key.id)) {
      return { text, origin, size: Number(size), root: bytesOf(root), signature: bytes.slice(4) };
    }
  }
  return null;
};

const signedBy = async (note, key) => {
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    if (error.name === "NotSupportedError") return null;
    return false;
  }
  return crypto.subtle.verify("Ed25519", imported, note.signature, utf8.encode(note.text));
};

/** good, half, or wrong, with the name of the sentence that says why. */
export const verify = async (told, trusted) => {
  if (!globalThis.crypto?.subtle) return { kind: "half", why: "no_crypto" };
  const key = await readKey(trusted || told.verifier_key);
  if (!key) return { kind: "wrong", why: "bad_key" };
  const note = readNote(told.note ?? "", key);
  if (!note || note.origin !== key.name) return { kind: "wrong", why: "not_signed" };
  const root = await climb(await leafHash(utf8.encode(told.leaf)), told.log_index, note.size, told.proof.map(bytesOf));
  if (!root || !same(root, note.root)) return { kind: "wrong", why: "wrong_root" };
  const signed = await signedBy(note, key);
  if (signed === null) return { kind: "half", why: "no_ed25519" };
  return signed ? { kind: "good", why: "good", size: note.size } : { kind: "wrong", why: "bad_signature" };
};

const show = async (link) => {
  const words = sentences();
  const place = link.parentElement.querySelector(".verdict");
  const trusted = document.getElementById("trusted-key")?.value.trim() ?? "";
  place.className = "verdict";
  place.textContent = words.working;
  try {
    const answer = await fetch(link.href, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    const found = await verify(told, trusted);
    const facts = { index: told.log_index, size: found.size };
    place.classList.add(found.kind);
    place.textContent = say(words[found.why], facts);
    if (found.kind === "good") place.textContent += ` ${trusted ? words.own_key : words.served_key}`;
  } catch (error) {
    place.classList.add("wrong");
    place.textContent = say(words.not_got, { why: error.message });
  }
};

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-verify]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link);
});
