// Charts: every [data-chart] holds an ECharts option as JSON; the library comes when the first of them comes into view.
// Colours and type are the page's own tokens, and follow them when day turns into night. The numbers stand beside.

import { whenInView } from "./in_view.js";

const libraries = new Map();

const library = (address) => {
  if (!libraries.has(address)) {
    libraries.set(
      address,
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = address;
        script.onload = () => resolve(window.echarts);
        script.onerror = reject;
        document.head.append(script);
      }),
    );
  }
  return libraries.get(address);
};

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 3 });

/** The page's colours and type as an ECharts theme. */
const theme = () => {
  const ink = token("--ink");
  const soft = token("--ink-soft");
  const line = token("--line");
  const axis = {
    axisLine: { lineStyle: { color: line } },
    axisTick: { lineStyle: { color: line } },
    axisLabel: { color: soft },
    nameTextStyle: { color: soft },
    splitLine: { lineStyle: { color: line } },
  };
  return {
    color: [1, 2, 3, 4, 5, 6, 7, 8].map((place) => token(`--chart-${place}`)),
    backgroundColor: "transparent",
    textStyle: { color: ink, fontFamily: getComputedStyle(document.body).fontFamily },
    title: { textStyle: { color: ink } },
    legend: { textStyle: { color: ink }, pageTextStyle: { color: soft } },
    label: { color: ink },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: axis,
    timeAxis: axis,
    logAxis: axis,
    sankey: { label: { color: ink }, lineStyle: { color: "source", opacity: 0.35 } },
    graph: { label: { color: ink }, lineStyle: { color: soft } },
    tree: { label: { color: ink }, lineStyle: { color: soft } },
    pie: { label: { color: ink } },
    visualMap: { textStyle: { color: ink } },
    tooltip: {
      backgroundColor: token("--paper"),
      borderColor: token("--edge"),
      textStyle: { color: ink },
    },
  };
};

/** An option whose colours are named by the page's tokens (`--bad`), with the colours in their places. */
const coloured = (option) => {
  if (Array.isArray(option)) return option.map(coloured);
  if (option && typeof option === "object") {
    return Object.fromEntries(Object.entries(option).map(([name, value]) => [name, coloured(value)]));
  }
  return typeof option === "string" && option.startsWith("--") ? token(option) : option;
};

// ECharts empties the place that it draws in.
const given = new WeakMap();

const draw = (place, echarts) => {
  if (!given.has(place)) given.set(place, place.querySelector('script[type="application/json"]').textContent);
  const option = coloured(JSON.parse(given.get(place)));
  const unit = place.dataset.unit;
  const shown = (value) => `${typeof value === "number" ? number.format(value) : value}${unit ? ` ${unit}` : ""}`;
  // ECharts would write its own styles into the text; confined, it does not leave a narrow screen.
  option.tooltip = { confine: true, valueFormatter: shown, ...option.tooltip };
  option.animation = !matchMedia("(prefers-reduced-motion: reduce)").matches && option.animation !== false;
  // The page names the picture itself.
  option.aria = { enabled: false };
  const held = echarts.getInstanceByDom(place);
  if (held) held.dispose();
  const chart = echarts.init(place, theme(), { renderer: "svg", locale: document.documentElement.lang.startsWith("zh") ? "ZH" : "EN" });
  chart.setOption(option);
  for (const drawn of place.querySelectorAll("svg")) drawn.setAttribute("aria-hidden", "true");
  place.dispatchEvent(new CustomEvent("chart-drawn", { bubbles: true, detail: { chart } }));
  return chart;
};

const drawn = new Map();

const show = async (place) => {
  const echarts = await library(place.dataset.library);
  drawn.set(place, draw(place, echarts));
};

const sized = new ResizeObserver((entries) => {
  for (const entry of entries) drawn.get(entry.target)?.resize();
});

whenInView("[data-chart]", show, (place) => sized.observe(place));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const place of drawn.keys()) if (place.isConnected) drawn.set(place, draw(place, window.echarts));
});
