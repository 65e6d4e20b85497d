// A small chart to draw on: every place is a slider too, so that keys do what a finger does.
import { axis, decimal, named, nearest, stroke, ticks } from "./scale.js";

const SVG = "http://www.w3.org/2000/svg";
const ROOM = { left: 66, right: 16, top: 12, bottom: 48 };
const HEIGHT = 300;
const MOVES = { ArrowUp: 0.02, ArrowDown: -0.02, PageUp: 0.1, PageDown: -0.1 };
const GOES = { ArrowLeft: -1, ArrowRight: 1 };

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(text, primary, pressed) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: text, className: primary ? "primary" : "", onclick: pressed });
  return made;
}

export class Sketch {
  /** `data`: x, y (names of the axes), at (places), low, high, log; `t` gives words. */
  constructor(parent, data, t) {
    Object.assign(this, { data, t });
    this.y = axis(data.low, data.high, data.log);
    this.shares = data.at.map(() => null);
    this.commit = () => {};
    this.build(parent);
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.root);
  }

  build(parent) {
    this.sheet = document.createElement("link");
    Object.assign(this.sheet, { rel: "stylesheet", href: new URL("sketch.css", import.meta.url).href });
    this.root = document.createElement("div");
    this.root.className = "sketch";
    this.chart = shape("svg", { role: "group", "aria-label": this.data.y });
    this.chart.onpointerdown = (event) => this.begin(event);
    this.chart.onpointermove = (event) => this.go(event);
    this.chart.onpointerup = this.chart.onpointercancel = () => (this.last = null);
    const bar = document.createElement("div");
    bar.className = "bar";
    this.done = button(this.t("commit"), true, () => this.commit(this.values()));
    this.clear = button(this.t("clear"), false, () => this.fill(null));
    this.said = document.createElement("span");
    bar.append(this.done, this.clear, this.said);
    this.root.append(this.chart, bar);
    parent.append(this.sheet, this.root);
  }

  /** Places that nothing was drawn at have the value of the nearest one that has. */
  values() {
    const known = this.shares.flatMap((share, i) => (share === null ? [] : [i]));
    return this.shares.map((share, i) => this.y.value(share ?? this.shares[known[nearest(known, i)]]));
  }

  fill(share) {
    this.shares = this.shares.map(() => share);
    this.draw();
  }

  begin(event) {
    event.preventDefault();
    this.chart.setPointerCapture(event.pointerId);
    this.last = null;
    this.go(event, true);
  }

  go(event, first) {
    if (!first && !this.last) return;
    const box = this.chart.getBoundingClientRect();
    const i = nearest(this.xs, event.clientX - box.left);
    const share = Math.min(1, Math.max(0, 1 - (event.clientY - box.top - ROOM.top) / this.tall));
    stroke(this.shares, this.last?.i ?? i, this.last?.share ?? share, i, share);
    this.last = { i, share };
    this.draw();
  }

  key(event, i) {
    const next = this.chart.querySelectorAll(".point")[i + (GOES[event.key] ?? 0)];
    const ends = { Home: 0, End: 1 }[event.key];
    if (event.key in GOES) next?.focus();
    else if (event.key in MOVES || ends !== undefined) {
      this.shares[i] = ends ?? Math.min(1, Math.max(0, (this.shares[i] ?? 0.5) + MOVES[event.key]));
      this.draw();
      this.chart.querySelectorAll(".point")[i].focus();
    } else return;
    event.preventDefault();
  }

  draw() {
    const { data, chart } = this;
    const width = this.root.clientWidth;
    if (!width) return;
    this.tall = HEIGHT - ROOM.top - ROOM.bottom;
    const wide = width - ROOM.left - ROOM.right, [first] = data.at, last = data.at.at(-1);
    this.xs = data.at.map((at) => ROOM.left + ((at - first) / (last - first || 1)) * wide);
    chart.setAttribute("width", width);
    chart.setAttribute("height", HEIGHT);
    chart.replaceChildren(...this.frame(width, wide), ...this.curve());
    this.done.disabled = this.shares.every((share) => share === null);
    this.said.textContent = this.done.disabled ? this.t("hint") : "";
  }

  down(share) {
    return ROOM.top + (1 - share) * this.tall;
  }

  /** Axes with numbers and names. */
  frame(width, wide) {
    const { data } = this;
    const rows = ticks(data.low, data.high, data.log).flatMap((value) => {
      const y = this.down(this.y.share(value));
      return [
        shape("line", { class: "line", x1: ROOM.left, x2: width - ROOM.right, y1: y, y2: y }),
        shape("text", { x: ROOM.left - 8, y: y + 5, "text-anchor": "end" }, named(value, data.log)),
      ];
    });
    const every = Math.ceil(data.at.length / Math.max(1, wide / 40));
    const columns = data.at.flatMap((at, i) => i % every ? [] : [
      shape("text", { x: this.xs[i], y: HEIGHT - ROOM.bottom + 20, "text-anchor": "middle" }, named(at, false)),
    ]);
    const middle = ROOM.top + this.tall / 2;
    return [
      ...rows, ...columns,
      shape("text", { x: ROOM.left + wide / 2, y: HEIGHT - 6, "text-anchor": "middle", class: "name" }, data.x),
      shape("text", { x: 14, y: middle, transform: `rotate(-90 14 ${middle})`, "text-anchor": "middle", class: "name" }, data.y),
    ];
  }

  curve() {
    const drawn = this.shares.flatMap((share, i) => (share === null ? [] : [`${this.xs[i]},${this.down(share)}`]));
    return [shape("polyline", { class: "curve", points: drawn.join(" ") }), ...this.shares.map((share, i) => this.point(share, i))];
  }

  point(share, i) {
    const { data } = this;
    const value = this.y.value(share ?? 0.5);
    const point = shape("circle", {
      class: share === null ? "point empty" : "point", cx: this.xs[i], cy: this.down(share ?? 0.5), r: 6, tabindex: 0, role: "slider",
      "aria-label": `${data.x} ${named(data.at[i], false)}`, "aria-valuemin": decimal(data.low), "aria-valuemax": decimal(data.high),
      "aria-valuenow": decimal(value), "aria-valuetext": share === null ? this.t("empty") : String(Number(value.toPrecision(2))),
    });
    point.onkeydown = (event) => this.key(event, i);
    return point;
  }

  close() {
    this.watch.disconnect();
    this.root.remove();
    this.sheet.remove();
  }
}
