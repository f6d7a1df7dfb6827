// Planning a manifest: what would be said of it is asked for while it is filled in, and the load is added up.
// Without script the same is told when the draft is checked.

import { put } from "./parts.js";

(() => {
  const form = document.getElementById("plan-form");
  const checks = document.querySelector("[data-checks]");
  if (!form) return;
  const NOT_ASKED = new Set(["csrf_token", "request_id", "remarks", "plan_reason", "version"]);
  const WAIT_MS = 300;
  let waiting = 0;
  let newest = 0;

  const load = document.querySelector("[data-load]");
  const tellLoad = () => {
    if (!load) return;
    const picked = [...form.querySelectorAll("input.pick:checked")];
    const kilograms = picked.reduce((sum, box) => sum + Number(box.dataset.grams), 0) / 1000;
    const mass = kilograms >= 1000
      ? `${(kilograms / 1000).toLocaleString("en", { maximumFractionDigits: 3 })} t`
      : `${kilograms.toLocaleString("en", { maximumFractionDigits: 3 })} kg`;
    load.textContent = picked.length ? load.dataset.words.replace("{count}", String(picked.length)).replace("{mass}", mass) : "";
  };

  const ask = async () => {
    if (!checks) return;
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (!NOT_ASKED.has(name) && value !== "") asked.append(name, String(value));
    const number = ++newest;
    try {
      const answer = await fetch(`${checks.dataset.checks}?${asked}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      // What was refused as unreadable (half a plate, half a date) is told when it is whole.
      if (!answer.ok || number !== newest) return;
      put(checks.querySelector("[data-checks-here]"), await answer.text());
    } catch { /* away: it is checked when the form is sent */ }
  };

  const soon = () => {
    tellLoad();
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT_MS);
  };
  form.addEventListener("change", soon);
  form.addEventListener("input", soon);
  soon();
})();
