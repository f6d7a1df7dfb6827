// What the plant's scanning pages have in common: an answer in colour, word and sound; the hand scanner and the camera.
import { listen, openCamera } from "./scanner.js";

let sounds = null;

/** One tone for what is right, two low ones for what is not. Browsers give sound only after a first touch or key. */
export function sound(good) {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!Context) return;
  try {
    sounds ??= new Context();
    const tones = good ? [[880, 0, 0.12]] : [[220, 0, 0.18], [196, 0.22, 0.25]];
    for (const [hertz, after, lasts] of tones) {
      const tone = sounds.createOscillator();
      const volume = sounds.createGain();
      tone.frequency.value = hertz;
      tone.type = good ? "sine" : "square";
      volume.gain.value = 0.15;
      tone.connect(volume).connect(sounds.destination);
      tone.start(sounds.currentTime + after);
      tone.stop(sounds.currentTime + after + lasts);
    }
  } catch { /* without sound there are colour and word */ }
  navigator.vibrate?.(good ? 40 : [120, 60, 120]);
}

/** The answer to a scan: kind is good, warn or bad. */
export function tell(place, kind, words, { quiet = false } = {}) {
  place.className = `scan-answer ${kind}`;
  place.textContent = words;
  if (!quiet) sound(kind === "good");
}

/** Hear the hand scanner, and offer the camera where the page has a reader. */
export function hear(root, onCode) {
  const hearing = listen({ onCode });
  const button = root.querySelector("[data-camera]");
  const video = root.querySelector("[data-video]");
  if (!button || !video || !root.dataset.reader || !navigator.mediaDevices?.getUserMedia) return hearing;
  let camera = null;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (camera) {
      camera.stop();
      camera = null;
      video.hidden = true;
      return;
    }
    video.hidden = false;
    try {
      camera = await openCamera({ video, reader: root.dataset.reader, wasm: root.dataset.wasm, onCode });
    } catch {
      video.hidden = true;
      button.hidden = true;
    }
  });
  return hearing;
}
