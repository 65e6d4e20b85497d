// Loss and accuracy over steps: train minibatch (thin), held-out (dots and line), held-out with batch
// statistics (dashed). Lanes differ in colour, dashes and the dots' shape.
import { paintAxes } from "./axes.js";
import { laneDash, marker, origin } from "./bylayer.js";
import { Card, element } from "./card.js";
import { number, percent } from "./format.js";
import { drawnFrames, extent, stepAxis, strokeLine } from "./oversteps.js";
import { decadeDomain, nearestByStep, niceDomain } from "./scale.js";

export const MEASURED = ["heldout_loss", "heldout_batch_loss", "heldout_accuracy", "heldout_batch_accuracy"];

/** The held-out numbers of a frame, all lanes in a row; null when none was measured at this step. */
export function measuredValues(schema, frame) {
  const values = [];
  schema.lanes.forEach((_, lane) => {
    const first = values.length;
    for (const name of MEASURED) values.push(frame.value(schema.field(name, lane)));
    // without running averages both ways of measuring are the same: nothing to show twice
    if (values[first] === values[first + 1] && values[first + 2] === values[first + 3]) values[first + 1] = values[first + 3] = NaN;
  });
  return values.some(Number.isFinite) ? values : null;
}

export class Learning {
  constructor(parent, scene) {
    this.scene = scene;
    this.card = new Card(parent, "learning", scene.t("learning.title"));
    this.panels = ["loss", "accuracy"].map((what) => {
      const panel = this.card.addPanel(what);
      scene.observer.observe(panel.element);
      panel.hit = (x) => this.hit(panel, what, x);
      return panel;
    });
    this.legend = element("span", "legend");
    this.card.note.replaceChildren(this.legend);
  }

  build() {
    this.card.title.textContent = this.scene.heading("learning.title");
    this.batch = null;
    this.buildLegend(false);
  }

  /** The kinds of line, with a sample each; lanes are named in the line of words above. */
  buildLegend(batch) {
    if (this.batch === batch) return;
    this.batch = batch;
    const kinds = ["train", "heldout", ...(batch ? ["batch"] : [])];
    this.legend.replaceChildren(...kinds.map((kind) => {
      const item = element("span", `key ${kind}`, this.scene.t(`learning.${kind}`));
      item.prepend(element("i", "sample"));
      return item;
    }));
  }

  paintNow() {}

  paintOver() {
    const { scene } = this;
    if (!this.panels.some((panel) => panel.visible)) return;
    const items = scene.measured(MEASURED.length);
    this.buildLegend(items.some(({ values }) => values.some((value, i) => i % 2 === 1 && Number.isFinite(value))));
    this.panels.forEach((panel, i) => panel.visible && this.paintPanel(panel, i ? "accuracy" : "loss", items));
  }

  paintPanel(panel, what, items) {
    const { scene } = this;
    const { schema, t } = scene;
    const frames = drawnFrames(scene, panel);
    const fields = schema.lanes.map((_, lane) => schema.field(what, lane));
    paintAxes(panel, scene, {
      x: stepAxis(scene),
      y: scene.difference ? this.differenceAxis(frames, fields, items, what) : what === "accuracy" ? { kind: "linear", lo: 0, hi: 1, share: true } : this.lossAxis(frames, fields, items),
      caption: scene.difference ? this.differenceCaption(what, fields[0]?.unit || "nats") : t(`learning.${what}`, { unit: fields[0]?.unit || "nats" }),
    });
    const context = panel.beginClipped(4);
    context.lineJoin = "round";
    fields.forEach((field, lane) => {
      context.strokeStyle = context.fillStyle = scene.laneColor(lane);
      const first = lane * MEASURED.length + (what === "loss" ? 0 : 2);
      if (field) this.paintTrain(context, panel, frames, field, lane);
      this.paintMeasured(context, panel, items, first + 1, lane, true);
      this.paintMeasured(context, panel, items, first, lane, false);
    });
    context.restore();
  }

  differenceCaption(what, unit) {
    const { against, t } = this.scene;
    return [t(`learning.${what}.difference`, { against, unit }), t(`learning.${what}.difference.short`, { against, unit }), against];
  }

  /** Holds all differences and 0. */
  differenceAxis(frames, fields, items, what) {
    let [lo, hi] = extent(frames, fields);
    for (const { values } of items) {
      values.forEach((value, i) => {
        if ((i % 4 > 1) !== (what === "accuracy") || !Number.isFinite(value)) return;
        lo = Math.min(lo, value);
        hi = Math.max(hi, value);
      });
    }
    const [a, b] = niceDomain(Math.min(lo, 0), Math.max(hi, 0));
    return { kind: "linear", lo: a, hi: b, base: 0, share: what === "accuracy" ? "points" : undefined };
  }

  lossAxis(frames, fields, items) {
    let [lo, hi] = extent(frames, fields);
    let positive = extent(frames, fields, 0)[0];
    for (const { values } of items) {
      values.forEach((value, i) => {
        if (i % 4 > 1 || !Number.isFinite(value)) return;
        lo = Math.min(lo, value);
        hi = Math.max(hi, value);
        if (value > 0) positive = Math.min(positive, value);
      });
    }
    if (positive < Infinity && hi / positive > 60) {
      const [a, b] = decadeDomain(Math.max(positive, hi * 1e-8), hi);
      return { kind: "log", lo: a, hi: b };
    }
    const [a, b] = niceDomain(Math.min(lo, hi > 3 * lo && lo > 0 ? 0 : lo), hi);
    return { kind: "linear", lo: a, hi: b };
  }

  paintTrain(context, panel, frames, field, lane) {
    const { scene } = this;
    context.globalAlpha = scene.theme.thick > 1 ? 0.8 : 0.55;
    context.lineWidth = scene.theme.thick;
    context.setLineDash(laneDash(origin(scene, lane), scene.type));
    strokeLine(context, panel, frames.length, (i) => frames[i].step, (i) => frames[i].value(field));
  }

  paintMeasured(context, panel, items, column, lane, dashed) {
    const { scene } = this;
    const { type, theme } = scene;
    const points = items.filter(({ values }) => Number.isFinite(values[column]));
    context.globalAlpha = 1;
    context.lineWidth = Math.max(2, type / 6) * theme.thick;
    context.setLineDash(dashed ? [type * 0.5, type * 0.35] : laneDash(origin(scene, lane), type * 1.7));
    strokeLine(context, panel, points.length, (i) => points[i].step, (i) => points[i].values[column]);
    context.setLineDash([]);
    if (dashed) return;
    const r = Math.max(2.5, type * 0.26);
    const every = Math.max(1, Math.ceil((points.length * r * 4) / Math.max(1, panel.plot.w)));
    for (let i = points.length - 1; i >= 0; i -= every) {
      marker(context, origin(scene, lane), panel.x.of(points[i].step), panel.y.of(points[i].values[column]), r);
    }
  }

  placeCursor(step) {
    for (const panel of this.panels) panel.setCursor(step);
  }

  hit(panel, what, x) {
    const { scene } = this;
    const { schema, store, t } = scene;
    if (!panel.x || !store.frames.length) return null;
    const step = panel.x.back(x);
    const frame = scene.frame(store.frames[nearestByStep(store.frames, step)]);
    const items = scene.measured(MEASURED.length);
    const measured = items[nearestByStep(items, step)];
    const plain = (value) => (what === "loss" ? `${number(value, 4)} ${schema.field("loss", 0)?.unit ?? ""}` : percent(value, 2));
    const write = (value) => scene.signed(value, plain);
    const rows = [];
    schema.lanes.forEach(({ name }, lane) => {
      const own = (kind) => (scene.named ? `${name} ${t(`learning.${kind}`)}` : t(`learning.${kind}`));
      const color = scene.laneColor(lane);
      rows.push([own("train"), write(frame.value(schema.field(what, lane))), color]);
      const first = lane * MEASURED.length + (what === "loss" ? 0 : 2);
      ["heldout", "batch"].forEach((kind, i) => {
        const value = measured?.values[first + i];
        if (Number.isFinite(value)) rows.push([`${own(kind)}, ${t("tip.step", { step: measured.step })}`, write(value), color]);
      });
    });
    return { layer: null, title: t("tip.step", { step: frame.step }), rows };
  }
}
