// Where each layer sits on its activation's curve: a track a layer from its 1st to its 99th percentile, thick from the
// 15th to the 85th, a ring at the median. Layer 1 has the widest track, so that the others lie within it. Only a lesson
// shows this chart.
import { paintAxes } from "./axes.js";
import { Card, fitPanels, say } from "./card.js";
import { number } from "./format.js";
import { niceDomain, steadyDomain } from "./scale.js";

const sigmoid = (z) => 1 / (1 + Math.exp(-z));

/** The activations by the name that a lane gives them, with the range in which each is nearly a line, if it has one. */
export const CURVES = {
  sigmoid: { of: sigmoid, lo: 0, hi: 1, line: [0.2, 0.8] },
  tanh: { of: Math.tanh, lo: -1, hi: 1, line: [-0.6, 0.6] },
  softsign: { of: (z) => z / (1 + Math.abs(z)), lo: -1, hi: 1 },
  "hard tanh": { of: (z) => Math.max(-1, Math.min(1, z)), lo: -1, hi: 1, line: [-1, 1] },
  ReLU: { of: (z) => Math.max(0, z) },
  "leaky ReLU": { of: (z) => Math.max(0.01 * z, z) },
  ELU: { of: (z) => (z > 0 ? z : Math.exp(z) - 1) },
  SiLU: { of: (z) => z * sigmoid(z) },
  linear: { of: (z) => z },
};

const LEAST = 4; // the axis goes from -4 to 4 at least
const MOST = 60;
const PIECES = 96;
const MOST_NAMED = 10; // layers whose numbers have room in a panel

/** The axis of z for these percentiles, as they come: at least ±LEAST, at most ±MOST. */
export function reach(views) {
  let far = LEAST;
  for (const view of views) for (const value of view) if (Number.isFinite(value)) far = Math.max(far, Math.abs(value));
  return Math.min(MOST, far);
}

export class Curve {
  constructor(parent, scene) {
    this.scene = scene;
    this.card = new Card(parent, "curve", scene.t("curve.title"));
    this.panels = [];
    this.domain = steadyDomain(niceDomain);
  }

  build() {
    const { scene } = this;
    const { lanes } = scene.recorded;
    fitPanels(this.card, this.panels, lanes.length, "", scene.observer);
    this.panels.forEach((panel, lane) => (panel.hit = (x, y) => this.hit(panel, lane, x, y)));
    say(this.card.note, scene.t(lanes.some(({ activation }) => CURVES[activation]?.line) ? "curve.note.line" : "curve.note"));
    this.card.note.title = this.card.note.textContent;
    this.domain.reset();
  }

  /** The curve of a lane; of one that has no entry only the medians are drawn. */
  known(lane) {
    return CURVES[this.scene.recorded.lanes[lane].activation];
  }

  view(lane, name = "pre_pct") {
    const frame = this.scene.view.player.shown;
    const field = this.scene.recorded.field(name, lane);
    return frame && field ? frame.view(field) : null;
  }

  paintNow(_, now) {
    if (!this.panels.some((panel) => panel.visible)) return;
    const views = this.panels.map((__, lane) => this.view(lane)).filter(Boolean);
    const far = reach(views);
    const [lo, hi] = this.domain.update(-far, far, now);
    this.panels.forEach((panel, lane) => panel.visible && this.known(lane) && this.paint(panel, lane, lo, hi));
  }

  paint(panel, lane, lo, hi) {
    const { scene } = this;
    const { t } = scene;
    const curve = this.known(lane), [low, high] = [curve.lo ?? Math.min(0, curve.of(lo)), curve.hi ?? curve.of(hi)];
    const { name, activation } = scene.recorded.lanes[lane];
    const caption = t("curve.caption", { activation: t.term(activation) });
    const several = scene.recorded.lanes.length > 1, lead = (panel) => t("panel.lane", { lane: name, panel });
    paintAxes(panel, scene, {
      x: { kind: "linear", lo, hi, name: [t("curve.z"), "z"] },
      y: { kind: "linear", lo: low - (high - low) * 0.04, hi: high + (high - low) * 0.04 },
      caption: several ? [lead(caption), lead(activation)] : caption,
      color: several ? scene.theme.lanes[lane % scene.theme.lanes.length] : null,
    });
    const context = panel.beginClipped(2);
    if (curve.line) this.band(context, panel, curve.line);
    this.stroke(context, panel, curve, lo, hi, scene.theme.muted, 1.5);
    this.tracks(context, panel, lane, curve);
    this.legend(context, panel, lane);
    context.restore();
  }

  /** Where the curve is nearly a line. */
  band(context, panel, [from, to]) {
    const { x, w } = panel.plot;
    context.fillStyle = this.scene.theme.muted;
    context.globalAlpha = 0.16;
    context.fillRect(x, panel.y.of(to), w, panel.y.of(from) - panel.y.of(to));
    context.globalAlpha = 1;
  }

  tracks(context, panel, lane, curve) {
    const { scene } = this;
    const view = this.view(lane), { layers } = scene.recorded.lanes[lane];
    const step = Math.min(4, (scene.type * 2) / layers);
    context.lineCap = "round";
    for (let layer = 0; layer < layers; layer++) {
      const [first, low, middle, high, last] = view.subarray(layer * 5, layer * 5 + 5);
      if (![first, last].every(Number.isFinite)) continue;
      const width = 5 + (layers - 1 - layer) * step, color = scene.layerColor(layer);
      context.globalAlpha = scene.dimmed(layer) ? 0.15 : 1;
      this.stroke(context, panel, curve, first, last, color, Math.max(1.5, width * 0.3));
      this.stroke(context, panel, curve, low, high, color, width);
      this.ring(context, panel.x.of(middle), panel.y.of(curve.of(middle)), width, color);
    }
    context.globalAlpha = 1;
  }

  /** "layer 1 2 3 4" at the lower right, each number in its layer's colour; the word only where there is room. */
  legend(context, panel, lane) {
    const { scene } = this;
    const { layers } = scene.recorded.lanes[lane];
    if (layers > MOST_NAMED) return;
    const { x, y, w, h } = panel.plot, wide = scene.type * 1.15;
    context.font = `bold ${scene.type * 1.2}px ${scene.theme.font}`;
    context.textBaseline = "alphabetic";
    context.textAlign = "right";
    for (let layer = 0; layer < layers; layer++) {
      context.fillStyle = scene.layerColor(layer);
      context.fillText(String(layer + 1), x + w - 4 - (layers - 1 - layer) * wide, y + h - scene.type * 0.8);
    }
    const word = scene.t("axis.layer.short"), end = x + w - 8 - layers * wide;
    if (context.measureText(word).width > end - x - 4) return;
    context.fillStyle = scene.theme.text;
    context.fillText(word, end, y + h - scene.type * 0.8);
  }

  ring(context, x, y, width, color) {
    context.beginPath();
    context.arc(x, y, Math.max(4, width * 0.75), 0, 2 * Math.PI);
    context.fillStyle = this.scene.theme.background;
    context.fill();
    context.strokeStyle = color;
    context.lineWidth = 3;
    context.stroke();
  }

  stroke(context, panel, curve, from, to, color, width) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    for (let i = 0; i <= PIECES; i++) {
      const z = from + ((to - from) * i) / PIECES;
      context.lineTo(panel.x.of(z), panel.y.of(curve.of(z)));
    }
    context.stroke();
  }

  /** The layer whose median is nearest. */
  hit(panel, lane, x) {
    const { scene } = this;
    const view = this.view(lane), frame = scene.view.player.shown;
    if (!view || !panel.x) return null;
    const layers = Array.from({ length: view.length / 5 }, (_, i) => i);
    const [layer] = layers.sort((a, b) => Math.abs(panel.x.of(view[a * 5 + 2]) - x) - Math.abs(panel.x.of(view[b * 5 + 2]) - x));
    const row = (key, from, to) => [scene.t(key), to === undefined ? number(view[layer * 5 + from], 3) : `${number(view[layer * 5 + from], 3)} … ${number(view[layer * 5 + to], 3)}`];
    return { layer, title: scene.title(layer, lane, frame), rows: [row("curve.median", 2), row("curve.most", 1, 3), row("curve.all", 0, 4)] };
  }
}
