// Dense tables: choose all rows that are shown, a range with Shift, and see how many are chosen.
// Without script the boxes and the buttons of the bar do the same, one by one.
const boxesOf = (section) => [...section.querySelectorAll('tbody input[name="chosen"]')];

const tell = (section) => {
  const boxes = boxesOf(section);
  const chosen = boxes.filter((box) => box.checked).length;
  const count = section.querySelector("[data-chosen-count]");
  if (count) count.textContent = chosen ? section.dataset.chosenWords.replace("{count}", chosen) : "";
  const all = section.querySelector("[data-choose-all]");
  if (all) {
    all.checked = boxes.length > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  section.classList.toggle("has-chosen", chosen > 0);
  for (const box of boxes) box.closest("tr").classList.toggle("chosen-row", box.checked);
  for (const button of section.querySelectorAll(".bulk button")) button.disabled = chosen === 0;
};

const prepare = (section) => {
  if (section.dataset.prepared) return;
  section.dataset.prepared = "yes";
  const all = section.querySelector("[data-choose-all]");
  if (!all) return;
  all.hidden = false;
  let last = null;
  all.addEventListener("change", () => {
    for (const box of boxesOf(section)) box.checked = all.checked;
    tell(section);
  });
  section.addEventListener("click", (event) => {
    if (!event.target.matches('tbody input[name="chosen"]')) return;
    const boxes = boxesOf(section);
    const place = boxes.indexOf(event.target);
    if (event.shiftKey && last !== null) {
      const [from, to] = [Math.min(last, place), Math.max(last, place)];
      for (const box of boxes.slice(from, to + 1)) box.checked = event.target.checked;
    }
    last = place;
    tell(section);
  });
  tell(section);
};

const prepareAll = () => document.querySelectorAll("[data-table]").forEach(prepare);
prepareAll();
// htmx brings new tables; a page that comes back from the browser's memory has boxes ticked.
new MutationObserver(prepareAll).observe(document.body, { childList: true, subtree: true });
window.addEventListener("pageshow", () => document.querySelectorAll("[data-table]").forEach(tell));
