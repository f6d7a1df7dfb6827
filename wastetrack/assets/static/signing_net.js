// Before a signature is sent, the network is asked: where there is none the page stays as it is, with what was typed, and
// says that nothing is signed. A second touch while the first is on its way is not sent. Without this script the form is
// sent at once; sent twice, it is one signature.

const said = document.getElementById("no-network");
const form = said.closest("form");
const WAIT_MS = 6000;
let sending = false;

function say(words) {
  said.textContent = words;
  said.hidden = !words;
}

async function isThere() {
  try {
    return (await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(WAIT_MS) })).ok;
  } catch {
    return false;
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending) return;
  sending = true;
  say(said.dataset.asking);
  if (await isThere()) {
    form.submit();
    return; // what is on its way is not sent again from this page
  }
  sending = false;
  say(said.dataset.none);
});
// Back by the browser's own button: the page may be used again.
addEventListener("pageshow", () => {
  sending = false;
  say("");
});
