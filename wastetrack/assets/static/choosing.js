// Choose the containers of a batch by scanning them, and see what they weigh together.
import { hear, tell } from "./plant_scanning.js";

const root = document.getElementById("choosing");
if (root) {
  const say = root.dataset;
  const answer = root.querySelector("[data-answer]");
  const sum = document.querySelector("[data-chosen]");
  const boxes = [...document.querySelectorAll('input[name="container_ids"]')];
  const find = root.querySelector("[data-find]");
  root.hidden = false;
  tell(answer, "plain", say.saysReady, { quiet: true });

  const add = () => {
    const chosen = boxes.filter((box) => box.checked);
    const grams = chosen.reduce((all, box) => all + Number(box.dataset.grams), 0);
    sum.textContent = say.saysSum.replace("#", String(chosen.length)).replace("%", String(grams / 1000));
  };
  const seek = () => {
    const words = find.value.trim().toLowerCase();
    for (const box of boxes) {
      const row = box.closest("tr");
      row.hidden = Boolean(words) && !box.checked && !row.textContent.toLowerCase().includes(words);
    }
  };
  for (const box of boxes) box.addEventListener("change", add);
  find.addEventListener("input", seek);
  find.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  add();

  hear(root, async (text) => {
    try {
      const got = await fetch(`${say.look}?label=${encodeURIComponent(text)}`, { credentials: "same-origin" });
      if (!got.ok) throw new Error(String(got.status));
      const found = await got.json();
      if (!found.known) { tell(answer, "bad", found.words); return; }
      const box = boxes.find((one) => one.value === found.id);
      if (!box) { tell(answer, "bad", say.saysElsewhere); return; }
      if (box.checked) { tell(answer, "warn", say.saysAgain); return; }
      box.checked = true;
      for (const row of document.querySelectorAll("tr.just-scanned")) row.classList.remove("just-scanned");
      box.closest("tr").hidden = false;
      box.closest("tr").classList.add("just-scanned");
      add();
      tell(answer, "good", `${say.saysChosen}: ${found.waste}`);
    } catch {
      tell(answer, "bad", say.saysAway);
    }
  });
}
