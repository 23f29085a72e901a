// Charts from a JSON script tag; colours come from the tokens, so a change of theme recolours them. No animation.
const drawn = new Map();
const isNarrow = () => innerWidth < 768;

function color(box, name) {
  const probe = document.createElement("i");
  probe.hidden = true;
  probe.style.color = `var(--wm-${name})`;
  box.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
const seriesColor = (box, tone) => color(box, { pri: "pri", queued: "queued" }[tone] || `${tone}-dot`);

function fade(rgb, alpha) {
  const [red, green, blue] = rgb.match(/[\d.]+/g);
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

function option(box, spec) {
  const ink = color(box, "ink-3");
  const line = color(box, "line");
  const isSpark = box.classList.contains("is-sm");
  const axis = { axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: ink, fontSize: 11, fontFamily: "inherit", hideOverlap: true } };
  const word = (value) => spec.y_words?.[value] ?? value; // levels that have names, such as a quality rating
  const levels = spec.y_words ? { min: 0, interval: 1, axisLabel: { ...axis.axisLabel, formatter: word } } : {};
  const marks = (spec.marks || []).map((mark) => ({ xAxis: mark.at, label: { formatter: mark.label, color: color(box, "ink-2"), fontWeight: 600, fontSize: 11, position: "end" } }));
  const series = spec.series.map((one, index) => ({
    name: one.name, type: spec.kind === "bar" ? "bar" : "line", data: one.data, showSymbol: false, smooth: one.is_step ? 0 : 0.15, step: one.is_step ? "end" : false, stack: spec.stack, barMaxWidth: 28,
    lineStyle: { width: isSpark ? 1.5 : 1.75, type: one.is_dashed ? [5, 4] : "solid", color: seriesColor(box, one.tone) },
    itemStyle: { color: seriesColor(box, one.tone), borderRadius: spec.kind === "bar" ? [3, 3, 0, 0] : 0 },
    areaStyle: (spec.kind === "area" && index === 0) || isSpark ? { color: fade(seriesColor(box, one.tone), 0.08) } : undefined,
    markLine: index === 0 && marks.length ? { symbol: "none", animation: false, lineStyle: { type: "solid", color: color(box, "line-2") }, data: marks } : undefined,
  }));
  return {
    animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: isSpark ? { left: 0, right: 0, top: 4, bottom: 2 } : { left: 8, right: 36, top: marks.length ? 26 : 12, bottom: 4, containLabel: true },
    tooltip: isSpark ? undefined : { trigger: "axis", valueFormatter: spec.y_words ? word : undefined, confine: true, renderMode: "richText", backgroundColor: color(box, "raised"), borderColor: line, textStyle: { color: color(box, "ink"), fontSize: 12 }, axisPointer: { lineStyle: { color: color(box, "line-2") } } },
    xAxis: { type: "category", data: spec.x, boundaryGap: spec.kind === "bar", show: !isSpark, ...axis, axisLabel: { ...axis.axisLabel, interval: "auto" } },
    yAxis: { type: "value", max: spec.y_max, show: !isSpark, splitNumber: isNarrow() ? 3 : 4, splitLine: { lineStyle: { color: line } }, ...axis, ...levels },
    series,
  };
}

function table(spec, caption) {
  const element = document.createElement("table");
  element.createCaption().textContent = caption;
  const head = element.createTHead().insertRow();
  head.insertCell();
  for (const name of spec.series.map((one) => one.name)) { const th = document.createElement("th"); th.scope = "col"; th.textContent = name; head.append(th); }
  const rows = element.createTBody();
  spec.x.forEach((x, at) => { const row = rows.insertRow(); for (const cell of [x, ...spec.series.map((one) => spec.y_words?.[one.data[at]] ?? one.data[at] ?? "–")]) row.insertCell().textContent = cell; });
  const hidden = document.createElement("div"); // a table takes no height: hidden by itself it would lengthen the page
  hidden.className = "wm-visually-hidden";
  hidden.append(element);
  return hidden;
}

function draw() {
  for (const [id, chart] of drawn) if (!document.contains(chart.getDom())) { chart.dispose(); drawn.delete(id); }
  for (const box of document.querySelectorAll("[data-wm-chart]")) {
    const spec = JSON.parse(document.getElementById(box.dataset.wmChart).textContent);
    const id = box.id;
    if (drawn.has(id) && (drawn.get(id).getDom() !== box || !box.firstElementChild)) {
      drawn.get(id).dispose();
      drawn.delete(id);
    }
    if (!drawn.has(id)) drawn.set(id, window.echarts.init(box, null, { renderer: "canvas" }));
    drawn.get(id).setOption(option(box, spec), { notMerge: true });
    const holder = document.getElementById(`${id}-table`);
    holder?.replaceChildren(table(spec, box.getAttribute("aria-label") || ""));
  }
}
function load() {
  if (!document.querySelector("[data-wm-chart]")) return;
  if (window.echarts) { draw(); return; }
  const script = document.createElement("script");
  script.src = document.body.dataset.wmEcharts;
  script.onload = draw;
  document.head.append(script);
}
// A morph would empty the box, whose canvas the server does not know: keep it and only read the new data.
if (window.Idiomorph) {
  const { callbacks } = window.Idiomorph.defaults;
  const before = callbacks.beforeNodeMorphed;
  callbacks.beforeNodeMorphed = (old, fresh) => (old.dataset?.wmChart ? false : before(old, fresh));
}
load();
document.addEventListener("htmx:afterSettle", load);
document.addEventListener("wm:theme", () => drawn.size && draw());
addEventListener("resize", () => { for (const chart of drawn.values()) chart.resize(); });
