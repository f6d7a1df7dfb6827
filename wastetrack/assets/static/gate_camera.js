// The camera of the gate's page: opened by a button, closed with its panel, its light where it has one.

import { openCamera } from "./scanner.js";
import { at, say } from "./gate_view.js";

let camera = null;

/** Read labels until the panel is closed. Says in the page why it cannot. */
export async function open({ reader, wasm }, onCode) {
  at("camera-said").textContent = reader ? "" : say("reader_missing");
  if (!reader) return;
  try {
    camera = await openCamera({ video: at("video"), reader, wasm, onCode });
    at("torch").hidden = !camera.hasTorch;
    if (at("camera-panel").hidden) close();
  } catch (error) {
    const missing = error.message === "reader_not_loaded";
    const why = error.name === "NotAllowedError" ? "camera_refused" : missing ? "reader_missing" : "no_camera";
    at("camera-said").textContent = say(why);
  }
}

export function close() {
  camera?.stop();
  camera = null;
}

/** Switch the light on or off. */
export async function light({ currentTarget: button }) {
  const on = button.getAttribute("aria-pressed") !== "true";
  await camera?.torch(on);
  button.setAttribute("aria-pressed", String(on));
}
