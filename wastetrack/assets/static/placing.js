// Where the telephone is, put into the field of the place at one touch; at once where the browser allows it already.

const button = document.querySelector("[data-here]");
const field = document.querySelector("input[name=place]");
const said = document.getElementById("placing");

function place() {
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      if (field.value.trim() && document.activeElement === field) return;
      field.value = button.dataset.words
        .replace("{latitude}", coords.latitude.toFixed(5))
        .replace("{longitude}", coords.longitude.toFixed(5))
        .replace("{metres}", Math.round(coords.accuracy));
      said.textContent = "";
    },
    () => {
      said.textContent = button.dataset.refused;
    },
    { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
  );
}

if (button && navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", place);
  navigator.permissions?.query({ name: "geolocation" }).then(({ state }) => {
    if (state === "granted" && !field.value) place();
  });
}
