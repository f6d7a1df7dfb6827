// What a scan comes to, decided on the device: the table that the server decides by, read the same way, over the same
// facts. Everything here is pure; what is known comes in the pack (gates/packing.py).

/** The first line of the table whose facts all hold. */
export function decide(facts, rulings) {
  return rulings.find((ruling) => ruling.when.every((fact) => facts.has(fact)));
}

/** The day on which an instant falls where the law holds, as 2026-11-25. */
export function legalDay(at, offsetMinutes) {
  return new Date(at.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 10);
}

function rootOf(value) {
  let root = Math.floor(Math.sqrt(value));
  while (root * root > value) root -= 1;
  while ((root + 1) * (root + 1) <= value) root += 1;
  return root;
}

/** The largest difference that says nothing, in grams. */
export function toleranceOf(line, uncertainty, figures) {
  const share = Math.floor((line.declared_g * figures.tolerance_per_mille) / 1000);
  const variance = (line.declared_uncertainty_g ?? 0) ** 2 + (uncertainty ?? 0) ** 2;
  return Math.max(share, figures.tolerance_floor_g, 2 * rootOf(variance));
}

/** Why a weighing cannot be, or null. */
export function whyNotWeight(gross, uncertainty, line, figures) {
  const net = gross - line.tare_g;
  if (net <= 0) return { code: "mass_not_positive", facts: { net_g: net } };
  if (net > figures.heaviest_g || net > line.volume_l * figures.densest_g_per_l) {
    return { code: "mass_absurd", facts: { net_g: net, volume_l: line.volume_l } };
  }
  if (uncertainty !== null && uncertainty > Math.max(net, figures.vaguest_g)) {
    return { code: "uncertainty_absurd", facts: { net_g: net } };
  }
  return null;
}

/** Why no permit covers a container on a day: rules that the server judged for each day, or that the list is too old. */
export function whyNotPermitted(paper, wasteCode, day) {
  const spell = (paper.permitted[wasteCode] ?? []).find((one) => one.from <= day && day <= one.to);
  return spell ? spell.broken : [{ code: "list_too_old" }];
}

const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);

function fullness(store, placed, net) {
  const inFacility = placed.filter((one) => one.facility === store.facility);
  const here = inFacility.filter((one) => one.store === store.id);
  const full = (code, limit, held) => {
    if (held + net <= limit) return null;
    const spot = store.spot_limit_g !== null && held + net > store.spot_limit_g;
    return { code: spot ? "storage_spot_full" : "store_full", facts: { store: code, limit_g: limit, held_g: held } };
  };
  const mine = full(store.code, store.limit_g, store.held_g + sum(here.map((one) => one.net_g)));
  if (mine || store.id === store.facility) return mine ? [mine] : [];
  const held = store.facility_held_g + sum(inFacility.map((one) => one.net_g));
  const whole = full(store.facility_code, store.facility_limit_g, held);
  return whole ? [whole] : [];
}

function meetings(store, placed, line, pack) {
  const here = new Set([...store.kinds, ...placed.filter((one) => one.store === store.id).map((one) => one.kind)]);
  const found = new Map();
  for (const other of here) {
    const pair = pack.incompatible.find(({ kinds: [a, b] }) =>
      (a === line.kind && b === other) || (b === line.kind && a === other));
    const code = pack.kinds[other].waste_code;
    if (pair && !found.has(code)) {
      const { one, theirs, danger } = pair;
      found.set(code, { code: "incompatible", facts: { waste_code: line.waste_code, other_code: code }, words: { one, theirs, danger } });
    }
  }
  return [...found.values()];
}

function pool(store, placed, line, pack) {
  if (!store.pool) return [];
  const there = placed.filter((one) => one.facility === store.facility).map((one) => one.kind);
  const kinds = [...store.facility_kinds, ...there, line.kind];
  const categories = new Set(kinds.map((kind) => pack.kinds[kind].waste_code.slice(-2)));
  if (categories.size < 2) return [];
  return [{ code: "pool_of_one", facts: { value: [...categories].sort().map((one) => `HW${one}`).join(", ") } }];
}

function spill(store, placed, line, pack) {
  if (!pack.kinds[line.kind].liquid || store.bund.held_l === null) return [];
  const drains = placed.filter((one) => one.liquid
    && (store.bund.of === store.facility ? one.facility === store.facility : one.store === store.id));
  const volumes = [...drains.map((one) => one.volume_l), line.volume_l];
  const largest = Math.max(store.bund.largest_l, ...volumes);
  const total = store.bund.total_l + sum(volumes);
  const share = Math.ceil((total * store.bund.per_mille) / 1000);
  const needed = store.bund.tank_farm ? largest : Math.max(largest, share);
  if (store.bund.held_l >= needed) return [];
  const facts = { store: store.bund.code, held_l: store.bund.held_l, needed_l: needed };
  return [{ code: "containment_too_small", facts }];
}

/** Why a container may not come to stand in a store. `placed`: what this device put there and the pack does not hold. */
export function whyNotHere(store, placed, line, net, pack) {
  return [
    ...fullness(store, placed, net),
    ...meetings(store, placed, line, pack),
    ...pool(store, placed, line, pack),
    ...spill(store, placed, line, pack),
  ];
}

/**
 * Judge one scan. `label` is what readLabel gave; `scanned` tells whether a container was scanned on this device before.
 * Gives { outcome, code, accepts, why: [{code, facts}], line, paper, net_g, difference_g, tolerance_g }.
 */
export function judge(scan, pack, { lines, scanned, placed = [] }) {
  const { label, reject_reason: reason = "", gross_g: gross = null, uncertainty_g: uncertainty = null } = scan;
  const line = lines.get(label.code);
  const facts = new Set();
  if (!line) return verdict(decide(new Set(["not_on_manifest"]), pack.rulings), [{ code: "unexpected" }]);
  const paper = pack.manifests.find((one) => one.id === line.manifest);
  const reasons = {};
  const hold = (fact, why) => {
    facts.add(fact);
    reasons[fact] = why;
  };
  if (line.outcome !== null || scanned(line.container)) hold("decided", [{ code: "already_here" }]);
  if (reason.trim()) hold("rejecting", []);
  if (paper.comes_back) hold("comes_back", []);
  if (label.revision !== null && label.revision !== line.revision) {
    hold("label_void", [{ code: "label_void", facts: { value: label.revision, valid: line.revision } }]);
  }
  const forbidden = paper.comes_back
    ? [] : whyNotPermitted(paper, line.waste_code, legalDay(scan.at, pack.legal_offset_minutes));
  if (forbidden.length) hold("not_permitted", forbidden);
  if (line.mismatch) hold("mismatch_open", [{ code: "mismatch_undecided" }]);
  const weighed = gross ?? line.declared_g + line.tare_g;
  const u = gross === null ? null : uncertainty;
  const impossible = whyNotWeight(weighed, u, line, pack.figures);
  if (impossible) hold("weight_impossible", [impossible]);
  const net = weighed - line.tare_g;
  const store = pack.stores.find((one) => one.id === scan.store_id);
  const refused = store ? whyNotHere(store, placed, line, net, pack) : [];
  if (refused.length) hold("store_refuses", refused);
  const tolerance = toleranceOf(line, u, pack.figures);
  const difference = net - line.declared_g;
  if (Math.abs(difference) > tolerance) hold("beyond_tolerance", []);
  const ruling = decide(facts, pack.rulings);
  const why = ruling.code === "return_rejected"
    ? [{ code: "return_rejected" }] : ruling.when.flatMap((fact) => reasons[fact]);
  return { ...verdict(ruling, why), line, paper, net_g: net, difference_g: difference, tolerance_g: tolerance };
}

function verdict(ruling, why) {
  const accepts = ruling.outcome === "accepted" || ruling.outcome === "accepted_with_difference";
  return { outcome: ruling.outcome, code: ruling.code, accepts, why };
}
