// Weighing and labelling: the net mass, a slipped unit and the plan's room are told while one types; the label that was
// just saved lies ready to print. Without script a link opens it, and the form asks back when it is sent.

import { put } from "./parts.js";

(() => {
  const WAIT_MS = 300;
  const form = document.getElementById("label-form");
  const here = document.querySelector("[data-told-here]");
  const ASKED = ["site_id", "waste_code", "gross", "tare", "volume_l"];
  let waiting = 0;
  let newest = 0;

  const ask = async () => {
    const asked = new URLSearchParams();
    for (const name of ASKED) {
      const field = form.elements.namedItem(name);
      if (field && field.value) asked.set(name, field.value);
    }
    const number = ++newest;
    try {
      const answer = await fetch(`${form.dataset.told}?${asked}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (answer.ok && number === newest) put(here, await answer.text());
    } catch { /* away: it is asked back when the form is sent */ }
  };

  if (form && here) {
    const soon = () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, WAIT_MS);
    };
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    document.addEventListener("htmx:after:swap", soon);
    here.addEventListener("click", (event) => {
      const meant = event.target.closest("[data-meant]");
      if (!meant) return;
      const gross = form.elements.namedItem("gross");
      gross.value = meant.dataset.meant;
      gross.dispatchEvent(new Event("input", { bubbles: true }));
      gross.focus();
    });
  }

  // The label lies ready in its frame: one press prints it. Where a frame shows no PDF, the link opens it.
  const frame = document.querySelector("[data-print-frame]");
  const print = document.querySelector("[data-print-label]");
  if (frame && print) {
    print.hidden = false;
    print.focus();
    print.addEventListener("click", () => {
      try { frame.contentWindow.print(); } catch { document.querySelector("[data-open-label]").click(); }
    });
  }
})();
