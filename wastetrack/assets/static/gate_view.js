// What the gate's page shows. It is told what to show; it decides nothing.

export const settings = JSON.parse(document.getElementById("settings").content);
const words = JSON.parse(document.getElementById("words").content);
export const language = settings.language;

export const at = (id) => document.getElementById(id);

/** A sentence in the page's language with its places filled in. */
export function say(name, facts = {}) {
  const sentence = words[name] ?? name;
  return sentence.replace(/\{(\w+)\}/g, (place, key) => (key in facts ? facts[key] : place));
}

const number = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en", { maximumFractionDigits: 3 });

/** Grams in kilograms or tonnes, as people say them. */
export function mass(grams, signed = false) {
  const sign = signed && grams > 0 ? "+" : "";
  const text = Math.abs(grams) >= 1_000_000 ? `${number.format(grams / 1_000_000)} t` : `${number.format(grams / 1000)} kg`;
  return sign + text;
}

const clock = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
  month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false,
});
export const when = (instant) => clock.format(new Date(instant));

/** One reason as a sentence: a rule that the server judged has its sentences, the others stand in the page. */
export function reason(why) {
  if (why.en || why.message) return language === "zh" ? why.zh ?? why.message_zh : why.en ?? why.message;
  const facts = { ...why.facts };
  for (const [name, value] of Object.entries(facts)) if (name.endsWith("_g")) facts[name.slice(0, -2)] = mass(value);
  for (const [name, value] of Object.entries(why.words ?? {})) facts[name] = value[language];
  return say(why.code === "already_here" ? "already_here_why" : why.code, facts);
}

const ICONS = {
  good: "M4 10.5l4 4 8-9",
  bad: "M6.6 2.5h6.8l4.1 4.1v6.8l-4.1 4.1H6.6l-4.1-4.1V6.6zM7 7l6 6M13 7l-6 6",
  warn: "M10 3l7.5 13.5h-15zM10 8v4M10 14.2v.1",
  info: "M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15M10 9v5M10 6v.1",
};

function icon(name) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 20 20");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  picture.append(path);
  return picture;
}

/** The large answer: colour, icon, word, reasons. */
export function answer(colour, word, { code = "", massText = "", why = [] } = {}) {
  const place = at("answer");
  place.className = `answer ${colour}`;
  place.dataset.told = String(Number(place.dataset.told ?? 0) + 1);
  at("answer-icon").replaceChildren(...(ICONS[colour] ? [icon(colour)] : []));
  at("answer-word").textContent = word;
  at("answer-code").replaceChildren();
  if (code) {
    const last = document.createElement("b");
    last.textContent = code.slice(-3);
    at("answer-code").append(`${code.slice(18, -11)} ${code.slice(-11, -3)} `, last);
  }
  at("answer-mass").textContent = massText;
  at("answer-why").replaceChildren(...why.map((text) => element("li", text)));
  // Whatever panel was being looked at: a STOP that is not seen is none.
  place.scrollIntoView({ block: "start" });
}

export function element(name, text = "", more = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(more)) made[key] = value;
  if (text) made.textContent = text;
  return made;
}

export function online(is) {
  at("online").className = is ? "dot on" : "dot";
  at("online-word").textContent = say(is ? "online" : "offline");
}

/** What the operator should know without being stopped by it; falsy ones are left out. */
export function warnings(list) {
  const told = list.filter(Boolean);
  at("warning").hidden = !told.length;
  if (at("warning").textContent !== told.join("")) at("warning").replaceChildren(...told.map((text) => element("span", text)));
}

export const clockWrong = ({ made_at: server, clock_ahead_ms: ahead }) =>
  say("clock_wrong", { server: when(server), device: when(Date.parse(server) + ahead) });

const STATES = ["kept", "sent", "to_decide", "refused"];
const SHOWN_ITEMS = 100;

/** The queue: how many are kept, sent, to decide and refused, and the newest of them with their reasons. */
export function queue(scans) {
  const count = Object.fromEntries(STATES.map((state) => [state, scans.filter((scan) => scan.state === state).length]));
  at("tallies").replaceChildren(...STATES.map((state) => {
    const item = element("li", "", { className: `tally ${state}` });
    item.append(element("b", String(count[state])), ` ${say(`state_${state}`)}`);
    item.dataset.state = state;
    return item;
  }));
  at("to-decide").hidden = !count.to_decide;
  at("items").replaceChildren(...scans.slice(-SHOWN_ITEMS).reverse().map(row));
  return count;
}

function row(scan) {
  const item = element("li", "", { className: scan.state });
  const code = element("span", `${scan.code.slice(-11, -3)} `, { className: "digital" });
  code.append(element("b", scan.code.slice(-3)));
  const told = element("span", say(["accepted", "accepted_with_difference", "rejected", "already_here"].includes(scan.told)
    ? scan.told : "stop"));
  const state = element("span", say(`state_${scan.state}`), { className: "badge" });
  item.append(code, told, element("span", when(scan.happened_at)), state);
  for (const why of scan.errors ?? []) item.append(element("p", reason(why)));
  return item;
}

/** A keypad: ten figures, a point where asked for, delete, OK. */
export function keypad(place, { point, onKey }) {
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", point ? "." : "", "0", "delete"];
  place.replaceChildren(...keys.map((key) => {
    if (!key) return element("span");
    const button = element("button", key === "delete" ? say("delete") : key, { type: "button", className: "big" });
    button.addEventListener("click", () => onKey(key));
    return button;
  }), element("button", say("ok"), { type: "submit", className: "big primary" }));
}

/** Stores as large buttons with a bar of how full they are. */
export function stores(list, chosen, onChoose) {
  const none = { id: null, name: say("no_store"), code: "" };
  at("zones").replaceChildren(...[none, ...list].map((store) => {
    const button = element("button", "", { type: "button", className: "big store" });
    button.setAttribute("aria-pressed", String(store.id === chosen));
    button.append(element("span", `${store.code} ${store.name}`.trim()));
    if (store.id !== null) {
      const bar = element("meter", "", { min: 0, max: Math.max(store.limit_g, 1), value: store.now_g, high: store.limit_g * 0.9 });
      const text = say("of_limit", { held: mass(store.now_g), limit: mass(store.limit_g) });
      bar.setAttribute("aria-label", text);
      button.append(bar, element("small", text));
    }
    button.addEventListener("click", () => onChoose(store.id));
    return button;
  }));
  const now = list.find((store) => store.id === chosen);
  at("zone-now").textContent = now ? now.name : say("no_store");
}

const OLD_HOURS = 24;

/** The server's time: the device's clock may be wrong, and by how much is known since the list was fetched. */
export const timeBy = (pack) => Date.now() - (pack.clock_ahead_ms ?? 0);

/** Where the gate is, and of when its list; one that could not be fetched anew for a day says until when it decides. */
export function listAge(pack) {
  const count = pack.lines.filter((line) => line.outcome === null).length;
  at("list-age").textContent = say("list_of", { when: when(pack.made_at), count });
  at("place").textContent = pack.site.name;
  const hours = Math.floor((timeBy(pack) - Date.parse(pack.made_at)) / 3_600_000);
  at("list-old").hidden = hours < OLD_HOURS;
  at("list-old").textContent = hours < OLD_HOURS ? "" : say("list_old", { hours, until: when(pack.good_until) });
}
