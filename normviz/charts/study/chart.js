// One panel of a figure: lines with error bars for ours, hollow marks for what was published.
import { paintAxes } from "../live/axes.js";
import { element } from "../live/card.js";
import { number } from "../live/format.js";
import { Panel } from "../live/panel.js";
import { decadeDomain, niceDomain } from "../live/scale.js";
import { colorOf, dashOf, paintMark, sample } from "./marks.js";

const REACH = 24;

/** The points of a line that can be drawn: [{x, y, sd}]. */
export function points(xs, ys, sds, log) {
  const found = [];
  xs.forEach((x, i) => {
    const y = ys?.[i];
    if (Number.isFinite(x) && Number.isFinite(y) && (!log || y > 0)) found.push({ x, y, sd: sds?.[i] ?? null });
  });
  return found;
}

/** [lo, hi] of all drawn points with their bars. */
export function extent(sets, log) {
  let lo = Infinity;
  let hi = -Infinity;
  for (const { y, sd } of sets.flat()) {
    const below = y - (sd ?? 0);
    lo = Math.min(lo, log && below <= 0 ? y : below);
    hi = Math.max(hi, y + (sd ?? 0));
  }
  return [lo, hi];
}

export class Chart {
  constructor(parent, panel, t, scene) {
    Object.assign(this, { data: panel, t, scene, ours: null });
    this.element = element("figure", "plot card");
    this.legend = element("figcaption", "legend");
    this.table = element("details", "numbers-of");
    this.element.append(element("h4", "title", panel.title), this.legend);
    this.panel = new Panel(this.element);
    this.element.append(this.table);
    this.panel.hit = (x, y) => this.hit(x, y);
    this.panel.label(t("chart.label", { ...panel, lines: panel.lines.map(({ label }) => label).join(", ") }));
    parent.append(this.element);
  }

  /** What came out: [{mean, sd}] a line, or null. */
  update(ours) {
    const { data, scene } = this;
    this.ours = ours;
    const log = data.log;
    this.lines = data.lines.map(({ label, x, published }, index) => ({
      label, index,
      published: points(x, published, null, log),
      ours: points(x, ours?.[index].mean, ours?.[index].sd, log),
    }));
    this.element.hidden = !this.lines.some((line) => line.ours.length + line.published.length);
    this.fillLegend(scene);
    this.fillTable();
    this.panel.axesKey = "";
    this.paint();
  }

  fillLegend({ theme }) {
    const { t } = this;
    this.legend.replaceChildren();
    const add = (text, index, hollow) => {
      const key = element("span", "entry-of");
      key.append(sample(index, colorOf(index, theme.dark), hollow), document.createTextNode(text));
      this.legend.append(key);
    };
    for (const { label, index, ours, published } of this.lines) {
      if (ours.length) add(label, index, false);
      if (published.length) add(t("line.published", { label }), index, true);
    }
  }

  /** The same numbers to read. */
  fillTable() {
    const { t, data } = this;
    const shown = (value, sd) => (Number.isFinite(value) ? `${number(value)}${Number.isFinite(sd) ? ` ± ${number(sd, 2)}` : ""}` : "–");
    const table = element("table");
    const head = element("tr");
    head.append(element("th", "", data.x), ...this.lines.flatMap(({ label, ours, published }) => [
      ...(ours.length ? [element("th", "", label)] : []),
      ...(published.length ? [element("th", "", t("line.published", { label }))] : []),
    ]));
    const xs = [...new Set(data.lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
    const rows = xs.map((x) => {
      const row = element("tr");
      row.append(element("th", "", number(x)));
      this.lines.forEach(({ ours, published }, index) => {
        const i = data.lines[index].x.indexOf(x);
        if (ours.length) row.append(element("td", "", shown(this.ours[index].mean[i], this.ours[index].sd[i])));
        if (published.length) row.append(element("td", "", shown(data.lines[index].published[i])));
      });
      return row;
    });
    table.append(head, ...rows);
    const scroll = element("div", "scroll");
    scroll.tabIndex = 0;
    scroll.append(table);
    this.table.replaceChildren(element("summary", "", t("chart.numbers")), scroll);
  }

  resize() {
    const { clientWidth, clientHeight } = this.panel.element;
    if (this.panel.resize(clientWidth, clientHeight, window.devicePixelRatio || 1)) this.paint();
  }

  paint() {
    const { panel, scene, data } = this;
    if (!panel.visible || this.element.hidden || !this.lines) return;
    const sets = this.lines.flatMap(({ ours, published }) => [ours, published]);
    const xs = data.lines.flatMap(({ x }) => x);
    const [lo, hi] = extent(sets, data.log);
    const [first, last] = [Math.min(...xs), Math.max(...xs)];
    const margin = (last - first) * 0.03 || 0.5;
    const [low, high] = data.log ? decadeDomain(lo, hi) : niceDomain(lo, hi);
    paintAxes(panel, scene, {
      x: { kind: "linear", lo: first - margin, hi: last + margin, name: data.x },
      y: { kind: data.log ? "log" : "linear", lo: low, hi: high },
      caption: data.y,
    });
    const context = panel.beginClipped(8);
    for (const line of this.lines) this.paintLine(context, line);
    for (const line of this.lines) this.paintPublished(context, line);
    context.restore();
  }

  paintLine(context, { ours, index }) {
    const { panel, scene } = this;
    const color = colorOf(index, scene.theme.dark);
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.setLineDash(dashOf(index));
    context.beginPath();
    ours.forEach(({ x, y }, i) => context[i ? "lineTo" : "moveTo"](panel.x.of(x), panel.y.of(y)));
    context.stroke();
    context.setLineDash([]);
    const r = ours.length > 30 ? 2.5 : scene.type * 0.28;
    for (const { x, y, sd } of ours) {
      if (Number.isFinite(sd) && sd > 0) this.paintBar(context, panel.x.of(x), y - sd, y + sd, r);
      paintMark(context, index, panel.x.of(x), panel.y.of(y), r, color, false);
    }
  }

  paintBar(context, x, low, high, r) {
    const { panel } = this;
    const [a, b] = [panel.y.of(low), panel.y.of(high)];
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x, a);
    context.lineTo(x, b);
    for (const end of [a, b]) {
      context.moveTo(x - r, end);
      context.lineTo(x + r, end);
    }
    context.stroke();
  }

  paintPublished(context, { published, index }) {
    const { panel, scene } = this;
    const color = colorOf(index, scene.theme.dark);
    for (const { x, y } of published) paintMark(context, index, panel.x.of(x), panel.y.of(y), scene.type * 0.45, color, true, "transparent");
  }

  /** The point under the pointer, for the tooltip. */
  hit(x, y) {
    const { panel, t, data, scene } = this;
    let best = null;
    let reach = REACH;
    for (const line of this.lines ?? []) {
      for (const [kind, set] of [["ours", line.ours], ["published", line.published]]) {
        for (const point of set) {
          const away = Math.hypot(panel.x.of(point.x) - x, panel.y.of(point.y) - y);
          if (away < reach) [reach, best] = [away, { line, kind, point }];
        }
      }
    }
    if (!best) return null;
    const { line, kind, point } = best;
    const name = kind === "published" ? t("line.published", { label: line.label }) : line.label;
    const spread = Number.isFinite(point.sd) ? ` ± ${number(point.sd, 2)}` : "";
    return { title: `${data.x}: ${number(point.x)}`, rows: [[name, `${number(point.y, 4)}${spread}`, colorOf(line.index, scene.theme.dark)]] };
  }

  restyle() {
    if (this.lines) this.update(this.ours);
  }
}
