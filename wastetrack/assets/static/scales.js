"use strict";
// A scale beside a field for a mass (templates/components/scales.html). It is asked every two seconds while the field
// is in sight and somebody is there; its newest reading goes into the field by one press, or by itself when at rest.
// What is typed by hand lets go of the reading.
(() => {
  const EVERY_MS = 2000;
  const ALONE_AFTER_MS = 30 * 60 * 1000;
  let lastSign = Date.now();
  for (const sign of ["pointerdown", "keydown", "touchstart"]) {
    document.addEventListener(sign, () => { lastSign = Date.now(); }, { passive: true, capture: true });
  }
  // A cookie, which says nothing of anybody: the device remembers the scale beside it for a year.
  const remembered = (key) => document.cookie.split("; ").find((one) => one.startsWith(`${key}=`))?.slice(key.length + 1) ?? "";
  const remember = (key, value) => {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${key}=${value}; Path=/; SameSite=Strict; Max-Age=${value ? 31536000 : 0}${secure}`;
  };

  class Reader {
    constructor(root) {
      this.root = root;
      this.form = root.closest("form");
      this.field = this.form.elements.namedItem(root.dataset.field);
      this.id = this.part("id");
      this.choice = this.part("choice");
      this.alone = this.part("alone");
      this.take = this.part("take");
      this.key = `wastetrack_${root.dataset.key}`;
      this.reading = null;
      this.taken = this.id.value;
      this.visible = true;
    }

    part(name) { return this.root.querySelector(`[data-scale-${name}]`); }
    say(name) { return this.root.dataset[`says${name[0].toUpperCase()}${name.slice(1)}`] || ""; }

    start() {
      for (const choice of this.part("plain").querySelectorAll("input")) choice.disabled = true;
      this.part("plain").hidden = true;
      this.part("live").hidden = false;
      this.id.disabled = false;
      const kept = remembered(this.key);
      const known = [...this.choice.options].filter((option) => option.value);
      if (known.some((option) => option.value === kept)) this.choice.value = kept;
      this.alone.checked = remembered(`${this.key}_alone`) === "yes";
      this.choice.addEventListener("change", () => { remember(this.key, this.choice.value); this.letGo(); this.ask(); });
      this.alone.addEventListener("change", () => {
        remember(`${this.key}_alone`, this.alone.checked ? "yes" : "");
        this.show();
      });
      this.take.addEventListener("click", () => this.takeIt());
      this.field.addEventListener("input", () => this.letGo());
      document.addEventListener("visibilitychange", () => { if (!document.hidden) this.ask(); });
      if ("IntersectionObserver" in window) {
        new IntersectionObserver((entries) => {
          this.visible = entries[entries.length - 1].isIntersecting;
          if (this.visible) this.ask();
        }).observe(this.root);
      }
      setInterval(() => this.ask(), EVERY_MS);
      this.ask();
    }

    letGo() {
      this.taken = "";
      this.id.value = "";
      delete this.field.dataset.fromScale;
    }

    async ask() {
      const scale = this.choice.value;
      this.part("now").hidden = !scale;
      if (!scale || this.asking || document.hidden || !this.visible || !this.root.isConnected) return;
      if (Date.now() - lastSign > ALONE_AFTER_MS) { this.tell("plain", this.say("resting")); return; }
      this.asking = true;
      try {
        const answer = await fetch(`${this.root.dataset.addresses}${scale}/reading`, {
          headers: { Accept: "application/json" },
          credentials: "same-origin",
        });
        if (!answer.ok) throw new Error(String(answer.status));
        const said = await answer.json();
        if (scale === this.choice.value) { this.reading = said; this.show(); }
      } catch {
        this.reading = null;
        this.take.disabled = true;
        this.tell("warn", this.say("away"));
      } finally {
        this.asking = false;
      }
    }

    show() {
      const said = this.reading;
      if (!said) return;
      const warning = this.part("warning");
      warning.hidden = said.verification !== "over";
      warning.textContent = warning.hidden ? "" : this.say("over");
      this.part("mass").textContent = said.id ? said.kg : "—";
      this.part("age").textContent = said.id ? this.age(said.age_s) : "";
      const free = Boolean(said.id) && said.stable && !said.used && Number(said.kg) > 0;
      this.take.disabled = !free;
      if (!said.id) this.tell("plain", this.say("waiting"));
      else if (said.id === this.taken) this.tell("good", this.say("taken"));
      else if (!said.stable) this.tell("info", this.say("unstable"));
      else if (Number(said.kg) === 0) this.tell("plain", this.say("empty"));
      else if (said.used) this.tell("warn", this.say("used"));
      else this.tell("good", this.say("stable"));
      if (free && this.alone.checked && said.id !== this.taken && !this.typed()) this.takeIt();
    }

    // Something was typed that no scale sent: it is not written over unasked.
    typed() { return this.field.value !== "" && !this.field.dataset.fromScale; }

    age(seconds) {
      const [words, number] = seconds < 90 ? ["seconds", seconds] : ["minutes", Math.round(seconds / 60)];
      return this.say(words).replace("#", String(number));
    }

    tell(kind, words) {
      const state = this.part("state");
      state.className = `badge ${kind}`;
      state.textContent = words;
    }

    takeIt() {
      const said = this.reading;
      if (!said || !said.id) return;
      this.field.value = said.kg;
      this.field.dispatchEvent(new Event("input", { bubbles: true }));
      this.field.dataset.fromScale = "yes";
      this.id.value = said.id;
      this.taken = said.id;
      this.tell("good", this.say("taken"));
      this.part("told").textContent = `${this.say("taken")}: ${said.kg} kg`;
      this.root.dispatchEvent(new CustomEvent("scale:taken", { bubbles: true, detail: said }));
    }
  }

  const begin = (root) => {
    for (const one of root.querySelectorAll("[data-scale-reader]")) {
      if (one.dataset.begun) continue;
      one.dataset.begun = "yes";
      new Reader(one).start();
    }
  };
  begin(document);
  // Blocks that htmx swaps in bring readers of their own.
  document.addEventListener("htmx:after:swap", () => begin(document));
})();
