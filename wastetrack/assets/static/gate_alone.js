// One page at a time works on a device: a second one would judge without the newest scans of the first, and would stay
// open at the end of its shift. The page that was opened last works; the one before lets go and is told.

const LOCK = "wastetrack-gate-page";

/** Take the device's work for this page; `onTaken` is called when a later page takes it away. */
export function workAlone(onTaken) {
  navigator.locks?.request(LOCK, { steal: true }, () => new Promise(() => {})).catch(onTaken);
}
