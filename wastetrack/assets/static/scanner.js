// Labels from a hand scanner that types ("keyboard wedge") and from a camera; both tell the same function.
//
//   import { listen, openCamera } from "./scanner.js";
//   const hearing = listen({ onCode: (text, source) => …, field });     // hearing.stop()
//   const camera = await openCamera({ video, reader, wasm, onCode });   // camera.stop(), camera.torch(true)
//
// A page that opens the camera needs 'wasm-unsafe-eval' in its content security policy (web/scanning.py) and a secure
// context: https, or localhost.

const LONGEST_GAP_MS = 100; // between two keys of one scan; wireless scanners take up to 40
const LONGEST_MEAN_MS = 50; // people who type fast need 80
const SHORTEST = 8;
const LONGEST = 400;
export const SAME_MOMENT_MS = 1500;

/**
 * Tells a code once, however often it is seen within a moment. Seeing it anew prolongs the moment. A page with several
 * scanners gives all of them one such function; its `forget` lets the same code be told again at once.
 */
export function onlyOnce(onCode, { within = SAME_MOMENT_MS, now = () => performance.now() } = {}) {
  let last = "";
  let seen = -Infinity;
  const tell = (text, source) => {
    const code = text.trim();
    const at = now();
    const repeated = code === last && at - seen < within;
    last = code;
    seen = at;
    if (code && !repeated) onCode(code, source);
    return Boolean(code) && !repeated;
  };
  tell.forget = () => { last = ""; };
  return tell;
}

const once = (onCode) => (onCode.forget ? onCode : onlyOnce(onCode));

// What a key says where an input method (a Chinese one, say) has taken the letters for itself: the key's place on the
// board that every scanner imitates.
const PLACES = { Slash: "/?", Period: ".>", Comma: ",<", Minus: "-_", Equal: "=+", Semicolon: ";:", Space: "  " };

function characterOf(event) {
  if (event.key.length === 1) return event.key;
  if (event.key !== "Process" && event.key !== "Unidentified") return "";
  const { code, shiftKey: shift } = event;
  if (/^Key[A-Z]$/.test(code)) return shift ? code[3] : code[3].toLowerCase();
  if (/^(Digit|Numpad)\d$/.test(code)) return code.at(-1);
  return PLACES[code]?.[shift ? 1 : 0] ?? "";
}

/** Whether keys that came at these times (ms) were typed by a scanner. */
export function isScan(times, shortest = SHORTEST) {
  if (times.length < shortest) return false;
  return (times.at(-1) - times[0]) / (times.length - 1) <= LONGEST_MEAN_MS;
}

/**
 * Hear a hand scanner wherever the focus is: keys in quick order that end with Enter or Tab. What it typed into a field
 * meanwhile is taken out again. `field`, where given, also takes what comes as a whole (pasted, or put in by a
 * telephone's scanner) or is typed by hand and ended with Enter.
 */
export function listen({ onCode, field = null, target = document, shortest = SHORTEST }) {
  const tell = once(onCode);
  let keys = [];
  let times = [];
  let before = null;

  const forget = () => {
    keys = [];
    times = [];
    before = null;
  };
  const keyDown = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.key === "Enter" || event.key === "Tab") {
      // In its own field everything that stands there counts, however slowly it came.
      if (field && event.target === field) {
        fieldKey(event);
        return;
      }
      const text = keys.join("");
      const scanned = times.length && event.timeStamp - times.at(-1) <= LONGEST_GAP_MS && isScan(times, shortest);
      if (scanned) {
        event.preventDefault();
        event.stopImmediatePropagation();
        if (before) before.element.value = before.value;
      }
      forget();
      if (scanned) tell(text, "wedge");
      return;
    }
    const character = characterOf(event);
    if (!character) return;
    if (times.length && (event.timeStamp - times.at(-1) > LONGEST_GAP_MS || keys.length >= LONGEST)) forget();
    if (!keys.length) {
      const element = event.target;
      before = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
        ? { element, value: element.value } : null;
    }
    keys.push(character);
    times.push(event.timeStamp);
  };
  const whole = (text) => {
    field.value = "";
    forget();
    tell(text, "field");
  };
  const fieldKey = (event) => {
    if (!field.value.trim()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    whole(field.value);
  };
  const fieldInput = (event) => {
    // Several characters in one event were not typed.
    if ((event.data?.length ?? 0) >= shortest && field.value.trim().length >= shortest) whole(field.value);
  };
  const pasted = (event) => {
    const text = event.clipboardData?.getData("text") ?? "";
    if (text.trim().length < shortest) return;
    event.preventDefault();
    whole(text);
  };
  target.addEventListener("keydown", keyDown, { capture: true });
  field?.addEventListener("input", fieldInput);
  field?.addEventListener("paste", pasted);
  return {
    stop() {
      target.removeEventListener("keydown", keyDown, { capture: true });
      field?.removeEventListener("input", fieldInput);
      field?.removeEventListener("paste", pasted);
    },
  };
}

let loading = null;

/** The reader of codes, loaded once, from ourselves. `reader` and `wasm` are its two addresses, of one version. */
function loadReader(reader, wasm) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = reader;
    script.addEventListener("load", () => {
      ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => wasm } });
      resolve(ZXingWASM);
    });
    script.addEventListener("error", () => {
      loading = null;
      script.remove();
      reject(new Error("reader_not_loaded"));
    });
    document.head.append(script);
  });
  return loading;
}

/** The text of the first code in a picture (ImageData or Blob), or "". */
export async function readPicture(picture, { reader, wasm, formats = ["QRCode"] }) {
  const zxing = await loadReader(reader, wasm);
  const [found] = await zxing.readBarcodes(picture, { formats, tryHarder: true, maxNumberOfSymbols: 1 });
  return found?.text ?? "";
}

const FRAME_MS = 100;

/**
 * Read codes from the camera without end. Raises what getUserMedia raises: NotAllowedError, NotFoundError…; an Error
 * "no_camera" where the browser gives none (no secure context).
 */
export async function openCamera({ video, reader, wasm, onCode, formats = ["QRCode"] }) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error("no_camera");
  const zxing = await loadReader(reader, wasm);
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  const [track] = stream.getVideoTracks();
  const canvas = document.createElement("canvas");
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  const tell = once(onCode);
  let open = true;
  let timer = 0;

  const look = async () => {
    if (!open) return;
    const { videoWidth: width, videoHeight: height } = video;
    if (width && height && !document.hidden) {
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      drawing.drawImage(video, 0, 0);
      const frame = drawing.getImageData(0, 0, width, height);
      const [found] = await zxing.readBarcodes(frame, { formats, tryHarder: false, maxNumberOfSymbols: 1 });
      if (open && found?.isValid !== false && found?.text) tell(found.text, "camera");
    }
    if (open) timer = setTimeout(look, FRAME_MS);
  };
  video.srcObject = stream;
  video.muted = true;
  video.playsInline = true;
  await video.play();
  look();
  return {
    hasTorch: Boolean(track.getCapabilities?.().torch),
    torch: (on) => track.applyConstraints({ advanced: [{ torch: on }] }),
    stop() {
      open = false;
      clearTimeout(timer);
      for (const one of stream.getTracks()) one.stop();
      video.srcObject = null;
    },
    /** The picture of this moment as JPEG. */
    picture: () => new Promise((resolve) => {
      [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
      drawing.drawImage(video, 0, 0);
      canvas.toBlob(resolve, "image/jpeg", 0.85);
    }),
  };
}
