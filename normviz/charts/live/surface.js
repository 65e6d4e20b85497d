// The decision surface of networks with two inputs, with the training points and the first layer's lines over it.
import { paintAxes } from "./axes.js";
import { Card, element, fillSelect, fitPanels } from "./card.js";
import { Drawing } from "./drawing.js";
import { number, percent } from "./format.js";
import { border, chord } from "./planegeometry.js";
import { rgb } from "./theme.js";

// Okabe and Ito's colours; shapes tell apart what has the same colour, or too similar ones.
const CLASSES = {
  light: ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#8A6D00", "#56B4E9", "#E69F00", "#4D4D4D"],
  dark: ["#F0883A", "#56B4E9", "#2CC59B", "#E39BC4", "#F0E442", "#7FA8FF", "#E69F00", "#B8B8B8"],
};
const SHAPES = ["●", "■", "▲", "◆", "✚"];
const STRONGEST = 0.6; // how much of the class's colour a certain answer has
const UNDEFINED = 255;
const NAMED = 8; // classes in the legend
const HEAD = 1.08; // height of a panel by its width: the caption stands above a square

export class Surface {
  /** `others` is the select of the card that stands in the same place. */
  constructor(parent, scene, others) {
    this.scene = scene;
    this.root = parent.closest(".normviz");
    this.card = new Card(parent, "surface", scene.t("surface.title"));
    parent.prepend(this.card.element);
    this.panels = [];
    this.image = document.createElement("canvas");
    this.others = others;
    this.options = [...others.options].map(({ value, textContent }) => [value, textContent]);
    this.select = this.card.addSelect(scene.t("ridge.select"), this.options, (name) => this.choose(name));
    const shows = others.onchange;
    others.onchange = (event) => (others.value === "surface" ? this.choose("surface") : shows.call(others, event));
    this.wanted = true;
    this.drawing = new Drawing(this);
    this.watch = new ResizeObserver(() => this.arrange());
    this.watch.observe(this.card.body);
  }

  /** Shows the surface, or one of the quantities in its place. */
  choose(name) {
    this.wanted = name === "surface";
    if (!this.wanted) {
      this.others.value = name;
      this.others.onchange();
    }
    this.place();
  }

  place() {
    const there = this.wanted && this.lanes.length > 0;
    this.root.dataset.left = there ? "surface" : "ridge";
    this.select.value = "surface";
    this.others.value = this.scene.mode;
    this.scene.repaint();
  }

  /** Adapts to the drawn lanes; differences are shown by the lanes themselves. */
  build() {
    const { recorded, difference, schema, observer, t } = this.scene;
    const drawn = difference ? [...recorded.lanes.keys()] : schema.lanes.map(({ origin }, at) => origin ?? at);
    this.planes = new Map(recorded.planes.map((plane) => [plane.lane, plane]));
    this.lanes = drawn.filter((lane) => this.planes.has(lane));
    const options = this.lanes.length ? [...this.options, ["surface", t("show.surface")]] : this.options;
    for (const select of [this.select, this.others]) fillSelect(select, options);
    fitPanels(this.card, this.panels, this.lanes.length, "", observer);
    this.panels.forEach((panel, at) => (panel.hit = (x, y) => this.hit(panel, this.lanes[at], x, y)));
    this.legend();
    this.drawing.set(false);
    this.arrange();
    this.place();
  }

  /** Panels as large as they can be, in rows. */
  arrange() {
    const { clientWidth: width, clientHeight: height } = this.card.body;
    const gap = this.scene.type * 0.7;
    const count = this.panels.length;
    if (!count || !width || !height) return;
    let best = 0;
    for (let columns = 1; columns <= count; columns++) {
      const rows = Math.ceil(count / columns);
      const size = Math.min((width - gap * (columns - 1)) / columns, (height - gap * (rows - 1)) / rows / HEAD);
      best = Math.max(best, Math.floor(size));
    }
    for (const { element: { style } } of this.panels) Object.assign(style, { flex: `0 0 ${best}px`, height: `${Math.floor(best * HEAD)}px` });
  }

  color(label) {
    const colors = this.scene.theme.dark ? CLASSES.dark : CLASSES.light;
    return colors[label % colors.length];
  }

  shape(label) {
    return SHAPES[label % SHAPES.length];
  }

  legend() {
    const { t, theme } = this.scene;
    const { classes } = this.planes.get(this.lanes[0]) ?? { classes: [] };
    const keys = classes.slice(0, NAMED).map((name, label) => {
      const key = element("span", "key");
      const mark = element("span", "mark", this.shape(label));
      mark.style.color = this.color(label);
      key.append(mark, ` ${name}`);
      return key;
    });
    if (classes.length > NAMED) keys.push(element("span", "key", t("surface.more", { count: classes.length - NAMED })));
    if (keys.length) keys.push(element("span", "key", t("surface.note")));
    this.card.note.replaceChildren(...keys);
    this.legendFor = theme.key;
  }

  paintNow() {
    const { scene } = this;
    if (this.legendFor !== scene.theme.key) this.legend();
    const frame = scene.view.player.shown; // as recorded, also where the others draw differences
    this.panels.forEach((panel, at) => panel.visible && this.paintLane(panel, this.lanes[at], frame));
  }

  paintLane(panel, lane, frame) {
    const { scene } = this;
    const { recorded } = scene;
    const plane = this.planes.get(lane);
    const several = this.panels.length > 1;
    const [x1, x2] = plane.inputs;
    const alive = frame.value(recorded.field("alive", lane)) !== 0;
    const named = this.laneTitle(recorded.lanes[lane], alive);
    paintAxes(panel, scene, {
      x: { kind: "linear", lo: plane.lo[0], hi: plane.hi[0], name: x1 },
      y: { kind: "linear", lo: plane.lo[1], hi: plane.hi[1] },
      caption: several ? named.map((name) => `${x2} · ${name}`) : [alive ? x2 : `${x2} · ${named[2]}`, x2],
      color: several ? scene.theme.lanes[lane % scene.theme.lanes.length] : null,
    });
    const context = panel.beginClipped();
    const answer = this.answer(frame, lane);
    if (answer) this.paintAnswer(context, panel, plane, answer);
    this.paintLines(context, panel, plane, frame, recorded.field("hyperplanes", lane));
    const trained = plane.clouds.findLast(({ step }) => step <= frame.step) ?? plane.clouds[0];
    this.paintPoints(context, panel, this.drawing.on ? this.drawing.cloud : trained);
    context.restore();
  }

  laneTitle({ name, title, short }, alive) {
    return [title, short, ""].map((words) => {
      const shown = `${name}  ${words}`.trimEnd();
      return alive ? shown : this.scene.t("lane.diverged", { lane: shown });
    });
  }

  /** What a lane's network says on the grid: classes and margins, row by row from the smallest x2. */
  answer(frame, lane) {
    const { recorded } = this.scene;
    const [classes, margins] = ["surface_class", "surface_margin"].map((name) => recorded.field(name, lane));
    if (!classes || !margins) return null;
    return { side: classes.shape[0], classes: frame.view(classes), margins: frame.view(margins), scale: margins.scale };
  }

  paintAnswer(context, panel, plane, answer) {
    const { side, classes, margins, scale } = answer;
    const colors = this.paints(plane.classes.length);
    const pixels = context.createImageData(side, side);
    for (let i = 0; i < side * side; i++) {
      if (classes[i] === UNDEFINED) continue;
      const to = ((side - 1 - Math.floor(i / side)) * side + (i % side)) * 4; // x2 grows upwards
      const color = colors[classes[i]] ?? colors[0];
      for (let part = 0; part < 3; part++) pixels.data[to + part] = color[part];
      pixels.data[to + 3] = Math.round(255 * STRONGEST * margins[i] * scale);
    }
    if (this.image.width !== side) Object.assign(this.image, { width: side, height: side });
    this.image.getContext("2d").putImageData(pixels, 0, 0);
    const { x, y, w, h } = panel.plot;
    const half = 0.5 / (side - 1); // a pixel lies around its point of the grid
    context.imageSmoothingEnabled = true;
    context.drawImage(this.image, x - w * half, y - h * half, w * (1 + 2 * half), h * (1 + 2 * half));
    context.strokeStyle = this.scene.theme.text;
    context.lineWidth = 1.5 * this.scene.theme.thick;
    context.beginPath();
    border(answer, (a, b) => {
      context.moveTo(x + (a[0] / (side - 1)) * w, y + h - (a[1] / (side - 1)) * h);
      context.lineTo(x + (b[0] / (side - 1)) * w, y + h - (b[1] / (side - 1)) * h);
    });
    context.stroke();
  }

  /** The classes' colours as [r, g, b], read once for a theme. */
  paints(count) {
    const key = `${this.scene.theme.key} ${count}`;
    if (this.paintsFor !== key) {
      this.paintsFor = key;
      this.rgbs = Array.from({ length: count }, (_, label) => rgb(this.color(label), "#888888"));
    }
    return this.rgbs;
  }

  /** Where a unit of layer 1 is at 0, in that layer's colour. */
  paintLines(context, panel, plane, frame, field) {
    const { scene } = this;
    const view = frame.view(field);
    if (!view) return;
    context.globalAlpha = scene.dimmed(0) ? 0.1 : scene.highlight === 0 ? 1 : 0.45;
    context.strokeStyle = scene.layerColor(0);
    context.lineWidth = 1.2 * scene.theme.thick;
    context.beginPath();
    for (let i = 0; i < view.length; i += 3) {
      const ends = chord(view[i], view[i + 1], view[i + 2], plane.lo, plane.hi);
      if (!ends) continue;
      context.moveTo(panel.x.of(ends[0][0]), panel.y.of(ends[0][1]));
      context.lineTo(panel.x.of(ends[1][0]), panel.y.of(ends[1][1]));
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  /** The points, which seldom change, come from a canvas of their own; in a picture they are drawn. */
  paintPoints(context, panel, cloud) {
    if (!(context instanceof CanvasRenderingContext2D)) return this.drawPoints(context, panel, cloud);
    const { width, height, dpr, plot } = panel;
    const key = [this.scene.theme.key, width, height, dpr, plot.x, plot.y, plot.w, plot.h].join();
    if (panel.pointsFor !== key || panel.cloud !== cloud) {
      Object.assign(panel, { pointsFor: key, cloud });
      panel.points ??= document.createElement("canvas");
      Object.assign(panel.points, { width: Math.round(width * dpr), height: Math.round(height * dpr) });
      const own = panel.points.getContext("2d");
      own.scale(dpr, dpr);
      this.drawPoints(own, panel, cloud);
    }
    context.drawImage(panel.points, 0, 0, width, height);
  }

  drawPoints(context, panel, { x1, x2, y }) {
    const { theme } = this.scene;
    const size = Math.max(1.6, Math.min(4, panel.plot.w / 110));
    context.strokeStyle = theme.background;
    context.lineWidth = Math.max(1, size * 0.6); // the inner half is painted over
    for (const label of new Set(y)) {
      context.fillStyle = this.color(label);
      context.beginPath();
      for (let i = 0; i < y.length; i++) {
        if (y[i] === label) mark(context, this.shape(label), panel.x.of(x1[i]), panel.y.of(x2[i]), size);
      }
      context.stroke();
      context.fill();
    }
  }

  hit(panel, lane, x, y) {
    const { scene } = this;
    const { t, recorded } = scene;
    const frame = scene.view.player.shown;
    const plane = this.planes.get(lane);
    const answer = frame && panel.x && this.answer(frame, lane);
    if (!answer) return null;
    const at = [panel.x.back(x), panel.y.back(y)];
    const cell = at.map((value, i) => Math.round(((value - plane.lo[i]) / (plane.hi[i] - plane.lo[i])) * (answer.side - 1)));
    if (cell.some((value) => value < 0 || value >= answer.side)) return null;
    const i = cell[1] * answer.side + cell[0];
    const rows = plane.inputs.map((name, axis) => [name, number(at[axis])]);
    const label = answer.classes[i];
    rows.push([t("surface.says"), plane.classes[label] ?? t("surface.undefined"), this.color(label)]);
    const margin = answer.margins[i] * answer.scale;
    if (label !== UNDEFINED) {
      rows.push(plane.classes.length === 2 ? [t("surface.probability"), percent((1 + margin) / 2)] : [t("surface.margin"), percent(margin)]);
    }
    const step = t("tip.step", { step: frame.step });
    return { title: this.panels.length > 1 ? `${recorded.lanes[lane].name} · ${step}` : step, rows };
  }
}

/** Adds a point's mark to the path. */
function mark(context, shape, x, y, r) {
  if (shape === "●") {
    context.moveTo(x + r, y);
    context.arc(x, y, r, 0, 2 * Math.PI);
    return;
  }
  const third = r * 0.4;
  const corners = {
    "■": [[-r, -r], [r, -r], [r, r], [-r, r]],
    "▲": [[0, -1.2 * r], [1.1 * r, 0.8 * r], [-1.1 * r, 0.8 * r]],
    "◆": [[0, -1.3 * r], [1.3 * r, 0], [0, 1.3 * r], [-1.3 * r, 0]],
    "✚": [[-third, -1.2 * r], [third, -1.2 * r], [third, -third], [1.2 * r, -third], [1.2 * r, third], [third, third],
      [third, 1.2 * r], [-third, 1.2 * r], [-third, third], [-1.2 * r, third], [-1.2 * r, -third], [-third, -third]],
  }[shape];
  corners.forEach(([dx, dy], i) => (i ? context.lineTo(x + dx, y + dy) : context.moveTo(x + dx, y + dy)));
  context.closePath();
}
