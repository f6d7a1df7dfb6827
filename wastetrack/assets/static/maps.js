// Maps: every [data-map] holds points, lines and shaded areas as JSON; Leaflet comes when the first comes into view.
// Below lie outlines served by ourselves and, where the deployment names an address, tiles. The table says the same.

import { whenInView } from "./in_view.js";

const libraries = new Map();

const library = (address, sheet) => {
  if (!libraries.has(address)) {
    libraries.set(
      address,
      new Promise((resolve, reject) => {
        const link = document.createElement("link");
        link.rel = "stylesheet";
        link.href = sheet;
        link.onload = () => {
          const script = document.createElement("script");
          script.src = address;
          script.onload = () => resolve(window.L);
          script.onerror = reject;
          document.head.append(script);
        };
        link.onerror = reject;
        document.head.append(link);
      }),
    );
  }
  return libraries.get(address);
};

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const CLOSE_UP = 12;
const colourOf = (kind) => token(kind && kind !== "plain" ? `--${kind}` : "--accent");

/** Words as text, never as markup: they are names that people typed. */
const said = (words, address) => {
  const place = document.createElement(address ? "a" : "span");
  place.textContent = words;
  if (address) place.href = address;
  return place;
};

/** By keyboard: Enter opens one place after the other, with Shift the one before, Escape closes; it is read out, too. */
const walk = (map, place, stops) => {
  const heard = document.getElementById(place.getAttribute("aria-describedby"))?.parentElement.querySelector("[data-heard]");
  let at = -1;
  place.addEventListener("keydown", (event) => {
    if (event.target !== place || !stops.length) return;
    if (event.key === "Escape") map.closePopup();
    if (event.key !== "Enter") return;
    event.preventDefault();
    at = (at + (event.shiftKey ? -1 : 1) + stops.length) % stops.length;
    const { middle, words, address } = stops[at];
    // A narrow map would cut a tooltip off; this one wraps, and the map moves until it is seen whole.
    map.openPopup(said(words, address), middle, { closeButton: false, maxWidth: place.clientWidth - 90, autoPanPadding: [16, 16] });
    if (heard) heard.textContent = words;
  });
};

const outline = async (L, map, address, areas, stops) => {
  const answer = await fetch(address);
  if (!answer.ok) return null;
  const shapes = await answer.json();
  return L.geoJSON(shapes, {
    style: (shape) => {
      const area = areas[shape.properties.code];
      return {
        color: token("--edge"),
        weight: 1,
        fillColor: area ? colourOf(area.kind) : token("--plain-soft"),
        fillOpacity: area ? 0.15 + 0.75 * area.share : 0.55,
      };
    },
    onEachFeature: (shape, layer) => {
      const area = areas[shape.properties.code];
      layer.bindTooltip(said(area ? area.words : shape.properties.name), { sticky: true });
      if (area) stops.push({ middle: layer.getBounds().getCenter(), words: area.words, share: area.share });
    },
  }).addTo(map);
};

const show = async (place) => {
  const given = JSON.parse(place.querySelector('script[type="application/json"]').textContent);
  const L = await library(place.dataset.library, place.dataset.style);
  const map = L.map(place, { attributionControl: Boolean(given.tiles), zoomControl: false, scrollWheelZoom: false });
  map.attributionControl?.setPrefix(false);
  L.control.zoom({ zoomInTitle: place.dataset.zoomIn, zoomOutTitle: place.dataset.zoomOut }).addTo(map);
  map.setView([35.5, 105], 3);
  if (given.tiles) {
    L.tileLayer(given.tiles.address, { attribution: given.tiles.attribution, maxZoom: 18, crossOrigin: "anonymous" }).addTo(map);
  }
  const stops = [];
  const layers = (await Promise.all(given.outlines.map((one) => outline(L, map, one, given.areas, stops)))).filter(Boolean);
  stops.sort((one, other) => other.share - one.share);
  for (const layer of layers) layer.bringToBack();
  const around = L.latLngBounds([]);
  for (const line of given.lines) {
    const drawn = L.polyline(line.points, { color: token("--info"), weight: 3, opacity: 0.8 }).addTo(map);
    if (line.words) drawn.bindTooltip(said(line.words), { sticky: true });
    around.extend(drawn.getBounds());
  }
  for (const point of given.points) {
    const marker = L.circleMarker([point.lat, point.lon], {
      radius: (point.size ?? 14) / 2,
      color: token("--paper"),
      weight: 2,
      fillColor: colourOf(point.kind),
      fillOpacity: 0.95,
    }).addTo(map);
    if (point.words) {
      marker.bindTooltip(said(point.words));
      marker.bindPopup(said(point.words, point.address));
      stops.push({ middle: marker.getLatLng(), words: point.words, address: point.address });
    }
    around.extend(marker.getLatLng());
  }
  if (!around.isValid()) for (const layer of layers) around.extend(layer.getBounds());
  if (around.isValid()) map.fitBounds(around, { padding: [28, 28], maxZoom: CLOSE_UP });
  // A shape that listens for focus is a stop of its own without a name; the map's own keys tell all of them.
  for (const shape of place.querySelectorAll("path")) shape.setAttribute("tabindex", "-1");
  walk(map, place, stops);
  place.dispatchEvent(new CustomEvent("map-drawn", { bubbles: true, detail: { map } }));
};

whenInView("[data-map]", show);
