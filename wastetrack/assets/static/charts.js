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

/** What a tooltip says, in lines of text: the markup of ECharts brings styles of its own, which the page's policy refuses. */
const tipOf = (option, shown) => (given) => {
  const told = [given].flat();
  const [first] = told;
  const value = (one) => shown((Array.isArray(one.value) ? one.value.at(-1) : one.value) ?? "—");
  const named = (axis, place) => [option[axis]].flat()[0]?.data?.[place] ?? "";
  let lines = [`${first.name || first.seriesName}: ${value(first)}`];
  if (first.seriesType === "heatmap") {
    lines = [`${named("yAxis", first.value[1])} · ${named("xAxis", first.value[0])}: ${value(first)}`];
  } else if (first.axisValueLabel !== undefined) {
    lines = [first.axisValueLabel, ...told.map((one) => `${one.seriesName}: ${value(one)}`)];
  }
  const box = document.createElement("div");
  for (const line of lines) box.appendChild(document.createElement("div")).textContent = line;
  return box;
};

// ECharts empties the place that it draws in.
const given = new WeakMap();

const draw = (place, echarts) => {
  if (!given.has(place)) given.set(place, place.querySelector('script[type="application/json"]').textContent);
  const option = coloured(JSON.parse(given.get(place)));
  const unit = place.dataset.unit;
  const shown = (value) => `${typeof value === "number" ? number.format(value) : value}${unit ? ` ${unit}` : ""}`;
  // ECharts would write its own styles into the text; confined, it does not leave a narrow screen.
  option.tooltip = { confine: true, formatter: tipOf(option, shown), className: "chart-tip", ...option.tooltip };
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

/** How many things of a chart can be told one by one: categories of its axis, else what its first series holds. */
const told = (option) => {
  const axis = [option.xAxis, option.yAxis].flat().find((one) => one?.type === "category");
  const [first] = option.series ?? [];
  if (first?.type !== "heatmap" && axis?.data) return axis.data.length;
  return first?.data?.length ?? 0;
};

/** By keyboard: arrows and Enter tell one thing after the other, Escape ends it; it is read out, too. */
const walk = (place) => {
  if (place.dataset.walked) return;
  place.dataset.walked = "yes";
  place.tabIndex = 0;
  // A picture is passed over by whoever hears the page; this one answers keys.
  place.setAttribute("role", "application");
  const heard = place.parentElement.querySelector("[data-heard]");
  const steps = { ArrowRight: 1, ArrowDown: 1, Enter: 1, ArrowLeft: -1, ArrowUp: -1 };
  let at = -1;
  place.addEventListener("keydown", (event) => {
    const chart = drawn.get(place);
    const count = chart ? told(chart.getOption()) : 0;
    if (event.key === "Escape") chart?.dispatchAction({ type: "hideTip" });
    if (!(event.key in steps) || !count) return;
    event.preventDefault();
    at = Math.max((at + steps[event.key] + count) % count, 0);
    chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: at });
    setTimeout(() => {
      const tip = place.querySelector(".chart-tip");
      if (heard && tip) heard.textContent = tip.innerText.replace(/\s+/g, " ");
    }, 100);
  });
  place.addEventListener("blur", () => drawn.get(place)?.dispatchAction({ type: "hideTip" }));
};

const drawn = new Map();

const show = async (place) => {
  const echarts = await library(place.dataset.library);
  drawn.set(place, draw(place, echarts));
  walk(place);
};

const sized = new ResizeObserver((entries) => {
  for (const entry of entries) drawn.get(entry.target)?.resize();
});

whenInView("[data-chart]", show, (place) => sized.observe(place));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const place of drawn.keys()) if (place.isConnected) drawn.set(place, draw(place, window.echarts));
});
