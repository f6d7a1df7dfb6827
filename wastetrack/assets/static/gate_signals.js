// Answers that are heard and felt: a rising pair of tones for accept, a long low one for stop, a short one for what is
// neither; a shorter or longer buzz of the phone; and, where the operator wants it, the word.

let audio = null;

/** Browsers let a page sound only after somebody has touched it. */
export function wakeUp() {
  audio ??= window.AudioContext ? new AudioContext() : null;
  if (audio?.state === "suspended") audio.resume().catch(() => {});
}

function tone(frequency, start, seconds, type) {
  const oscillator = audio.createOscillator();
  const volume = audio.createGain();
  oscillator.type = type;
  oscillator.frequency.value = frequency;
  volume.gain.setValueAtTime(0.0001, start);
  volume.gain.exponentialRampToValueAtTime(0.4, start + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + seconds);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + seconds);
}

const SOUNDS = {
  good: [[880, 0, 0.12, "sine"], [1320, 0.12, 0.2, "sine"]],
  bad: [[160, 0, 0.35, "sawtooth"], [130, 0.38, 0.5, "sawtooth"]],
  warn: [[660, 0, 0.15, "triangle"], [660, 0.2, 0.15, "triangle"]],
  info: [[520, 0, 0.12, "sine"]],
};
const BUZZES = { good: [80], bad: [300, 100, 300], warn: [120, 80, 120], info: [60] };

/** Tell a colour by ear and hand. `word` is spoken if `speaks`. */
export function signal(colour, { word = "", language = "zh-CN", sounds = true, speaks = false } = {}) {
  if (sounds && audio?.state === "running") {
    for (const [frequency, after, seconds, type] of SOUNDS[colour]) {
      tone(frequency, audio.currentTime + after, seconds, type);
    }
  }
  navigator.vibrate?.(BUZZES[colour]);
  if (!speaks || !window.speechSynthesis || !word) return;
  speechSynthesis.cancel();
  const speech = new SpeechSynthesisUtterance(word);
  speech.lang = language;
  speechSynthesis.speak(speech);
}
