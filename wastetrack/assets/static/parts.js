// A part of a page that the server has drawn, put in its place. What it says went through the templates, which escape.

export function put(place, drawn) {
  const read = new DOMParser().parseFromString(drawn, "text/html");
  place.replaceChildren(...read.body.childNodes);
}
