// Move containers between zones: labels are picked up one after another, the code of a zone sends them there.
import { hear, tell } from "./plant_scanning.js";

const root = document.getElementById("moving");
const form = document.getElementById("moving-form");
if (root && form) {
  const say = root.dataset;
  const answer = root.querySelector("[data-answer]");
  const list = root.querySelector("[data-list]");
  const labels = form.elements.namedItem("labels");
  const store = form.elements.namedItem("store_id");
  const picked = new Map();
  root.hidden = false;
  tell(answer, "plain", say.saysReady, { quiet: true });

  const add = (text, found) => {
    picked.set(found.code, text);
    const line = document.createElement("li");
    const code = document.createElement("code");
    code.textContent = `${found.code.slice(-11, -3)} ${found.code.slice(-3)}`;
    line.append(code, ` ${found.waste_code} ${found.waste} · ${found.net_g / 1000} kg · ${found.store || say.saysOut}`);
    list.prepend(line);
    labels.value = [...picked.values()].join("\n");
    tell(answer, "good", `${say.saysPicked}: ${found.waste} (${picked.size})`);
  };

  hear(root, async (text) => {
    const zone = /\/stores\/([0-9a-f-]{36})\/?$/.exec(text);
    if (zone) {
      if (!labels.value.trim()) { tell(answer, "warn", say.saysFirst); return; }
      const option = [...store.options].find((one) => one.value === zone[1]);
      if (!option) { tell(answer, "bad", say.saysNoZone); return; }
      store.value = zone[1];
      tell(answer, "good", `${say.saysGoes} ${option.textContent}`);
      form.requestSubmit();
      return;
    }
    try {
      const got = await fetch(`${say.look}?label=${encodeURIComponent(text)}`, { credentials: "same-origin" });
      if (!got.ok) throw new Error(String(got.status));
      const found = await got.json();
      if (!found.known) tell(answer, "bad", found.words);
      else if (picked.has(found.code)) tell(answer, "warn", say.saysAgain);
      else add(text, found);
    } catch {
      tell(answer, "bad", say.saysAway);
    }
  });
}
