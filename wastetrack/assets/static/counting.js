// Count a store by scanning without end: each label is noted at once, and the page says what it is.
import { hear, tell } from "./plant_scanning.js";

const root = document.getElementById("counting");
if (root) {
  const say = root.dataset;
  const answer = root.querySelector("[data-answer]");
  const list = root.querySelector("[data-list]");
  const total = root.querySelector("[data-total]");
  const token = document.querySelector('input[name="csrf_token"]').value;
  const zones = new Map([...document.querySelectorAll("[data-zone]")].map((one) => [one.dataset.zone, one]));
  const seen = new Set([...document.querySelectorAll("tr[data-code][data-seen]")].map((row) => row.dataset.code));
  const queue = [];
  let here = null;
  let busy = false;
  root.hidden = false;
  tell(answer, "plain", say.saysReady, { quiet: true });

  const nameOf = (store) => zones.get(store ?? "")?.querySelector("span")?.textContent ?? say.saysLoose;
  const short = (code) => `${code.slice(-11, -3)} ${code.slice(-3)}`;

  const note = (found) => {
    const row = document.querySelector(`tr[data-code="${CSS.escape(found.code)}"] td.result span`);
    if (row && found.kind === "found") {
      const badge = document.createElement("span");
      badge.className = "badge good";
      badge.textContent = say.wordFound;
      row.replaceChildren(badge);
    }
    const line = document.createElement("li");
    line.textContent = `${short(found.code)} ${found.waste_code}`;
    list.prepend(line);
    while (list.children.length > 12) list.lastElementChild.remove();
    if (found.kind !== "found") return;
    total.textContent = String(Number(total.textContent) + 1);
    const zone = zones.get(found.store ?? "");
    if (!zone) return;
    const count = zone.querySelector("[data-found]");
    count.textContent = String(Number(count.textContent) + 1);
    zone.querySelector("progress").value = Number(count.textContent);
    zone.classList.toggle("done", count.textContent === zone.querySelector("[data-expected]").textContent);
  };

  const said = (found) => {
    if (found.kind === "unreadable") { tell(answer, "bad", found.words); return; }
    const again = seen.has(found.code);
    if (!again) { seen.add(found.code); note(found); }
    if (found.kind === "unknown") tell(answer, "bad", `${say.saysUnknown} · ${short(found.code)}`);
    else if (found.kind === "elsewhere") tell(answer, "bad", `${say.saysElsewhere} · ${short(found.code)}`);
    else if (here !== null && (found.store ?? "") !== here) tell(answer, "warn", `${say.saysWrong} ${nameOf(found.store)}`);
    else if (again) tell(answer, "warn", `${say.saysAgain} · ${short(found.code)}`);
    else tell(answer, "good", `${say.saysFound} · ${short(found.code)} ${found.waste_code}`);
  };

  // One after the other: what was scanned second is answered second.
  const send = async () => {
    if (busy) return;
    busy = true;
    while (queue.length) {
      const body = new URLSearchParams({ csrf_token: token, request_id: crypto.randomUUID(), label: queue[0] });
      try {
        const got = await fetch(say.address, { method: "POST", body, credentials: "same-origin" });
        if (got.ok) said(await got.json());
        else tell(answer, "bad", say.saysOver);
      } catch {
        tell(answer, "bad", say.saysAway);
      }
      queue.shift();
    }
    busy = false;
  };

  hear(root, (text) => {
    const zone = /\/stores\/([0-9a-f-]{36})\/?$/.exec(text);
    if (zone) {
      here = zone[1];
      for (const [id, one] of zones) one.classList.toggle("here", id === here);
      tell(answer, zones.has(here) ? "good" : "warn", `${say.saysZone} ${nameOf(here)}`);
      return;
    }
    queue.push(text);
    send();
  });
}
