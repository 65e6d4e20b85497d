// Points in the plane: what a network generates, beside the places where it should be.
import { paintAxes } from "../live/axes.js";
import { element } from "../live/card.js";
import { number } from "../live/format.js";
import { Panel } from "../live/panel.js";
import { colorOf, paintMark, sample } from "./marks.js";

const MARGIN = 1.12;
const POINT = 0; // colours and shapes of marks.js
const MARK = 1;

/** The farthest coordinate of all points, with a margin. */
export function farthest(sets) {
  return MARGIN * sets.flat(2).filter(Number.isFinite).reduce((far, value) => Math.max(far, Math.abs(value)), 1e-9);
}

/** Half the width and height that hold what is so far out, at one scale on both axes, on a plot of this size. */
export function reach(far, { w, h }) {
  const least = Math.min(w, h);
  return [(far * w) / least, (far * h) / least];
}

export class Plane {
  constructor(parent, data, t, scene) {
    Object.assign(this, { data, t, scene, ours: null });
    this.element = element("figure", "plot card plane");
    this.legend = element("figcaption", "legend");
    this.notes = element("dl", "notes");
    this.element.append(element("h4", "title", data.title), this.legend);
    this.panel = new Panel(this.element);
    this.element.append(this.notes);
    this.panel.hit = () => null;
    this.panel.label(t("plane.label", data));
    parent.append(this.element);
  }

  /** What came out: {points: [[x, y]], notes: [numbers]}, or null; `far` out reach the points of all planes. */
  update(ours, far) {
    Object.assign(this, { ours, far });
    this.element.hidden = !ours;
    this.notes.replaceChildren(...this.data.notes.flatMap((words, i) => [
      element("dt", "", words),
      element("dd", "", Number.isFinite(ours?.notes[i]) ? number(ours.notes[i], 3) : "–"),
    ]));
    this.restyle();
  }

  restyle() {
    const { theme } = this.scene;
    if (!theme) return;
    const { points, marked } = this.data;
    this.legend.replaceChildren(...[[points, POINT, false], [marked, MARK, true]].map(([text, index, hollow]) => {
      const key = element("span", "entry-of");
      key.append(sample(index, colorOf(index, theme.dark), hollow, false), document.createTextNode(text));
      return key;
    }));
    this.panel.axesKey = "";
    this.paint();
  }

  resize() {
    const { clientWidth, clientHeight } = this.panel.element;
    if (this.panel.resize(clientWidth, clientHeight, window.devicePixelRatio || 1)) this.paint();
  }

  axes([x, y]) {
    paintAxes(this.panel, this.scene, {
      x: { kind: "linear", lo: -x, hi: x, name: "x₁" },
      y: { kind: "linear", lo: -y, hi: y },
      caption: "x₂",
    });
  }

  paint() {
    const { panel, scene, data, ours } = this;
    if (!panel.visible || !ours) return;
    this.axes(reach(this.far, { w: panel.width, h: panel.height })); // says how large the plot is
    this.axes(reach(this.far, panel.plot));
    const context = panel.beginClipped(8);
    context.globalAlpha = 0.6;
    const color = colorOf(POINT, scene.theme.dark);
    for (const [x, y] of ours.points) paintMark(context, POINT, panel.x.of(x), panel.y.of(y), 2, color, false);
    context.globalAlpha = 1;
    for (const [x, y] of data.marks) paintMark(context, MARK, panel.x.of(x), panel.y.of(y), scene.type * 0.6, colorOf(MARK, scene.theme.dark), true, "transparent");
    context.restore();
  }
}
