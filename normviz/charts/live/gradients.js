// Norms by layer on a logarithmic axis: at the shown step and over steps. Offers every field that
// the schema marks as logarithmic and that runs over layers or weights, so new ones appear by themselves.
import { paintAxes } from "./axes.js";
import { layerKey, layerNames, paintByLayer, slotAt } from "./bylayer.js";
import { Card, fillSelect, fitPanels } from "./card.js";
import { number } from "./format.js";
import { drawnFrames, extent, lineAt, paintLayerLines, stepAxis } from "./oversteps.js";
import { decadeDomain } from "./scale.js";
import { isShift } from "./shiftfields.js";

/** The fields to choose from: [[name, label]], the weight gradients' norms first. */
export function logFields(schema) {
  const found = new Map();
  for (const field of schema.fields) {
    const runs = field.axes.length === 1 && (field.axes[0] === "weights" || field.axes[0] === "layer");
    if (runs && field.log && !isShift(field.name) && !found.has(field.name)) found.set(field.name, field.label);
  }
  const first = ["dw_frobenius", "dw_spectral"];
  return [...found].sort(([a], [b]) => first.indexOf(b) - first.indexOf(a));
}

export class Gradients {
  /** `words` is what the keys of its title and its select begin with. */
  constructor(parent, scene, words = "gradients") {
    this.scene = scene;
    this.words = words;
    const { t } = scene;
    this.card = new Card(parent, "gradients twofold", t(`${words}.title`));
    this.card.addTabs(t);
    this.select = this.card.addSelect(t(`${words}.select`), [], () => this.chosen());
    this.nowPanels = [];
    this.overPanels = [];
    this.domain = null;
  }

  build(schema) {
    const { scene } = this;
    this.card.title.textContent = scene.heading(`${this.words}.title`, scene.difference ? scene.quotient : "");
    fillSelect(this.select, this.options(schema));
    const { observer } = this.scene;
    fitPanels(this.card, this.nowPanels, 1, "now", observer);
    fitPanels(this.card, this.overPanels, schema.lanes.length, "over", observer);
    this.nowPanels[0].hit = (x) => this.hitNow(x);
    this.overPanels.forEach((panel, lane) => (panel.hit = (x, y) => this.hitOver(panel, lane, x, y)));
    this.domain = null;
  }

  options(schema) {
    return logFields(schema);
  }

  chosen() {
    this.domain = null;
    this.scene.repaint();
  }

  /** The norm of a lane; in the difference view its ratio to lane A's. */
  field(lane) {
    const { schema } = this.scene;
    return (schema.ratio ?? schema.field)(this.select.value, lane);
  }

  get some() {
    for (let lane = 0; lane < this.scene.schema.lanes.length; lane++) if (this.field(lane)) return this.field(lane);
    return null;
  }

  get output() {
    return this.some?.axes[0] === "weights";
  }

  /** The y axis, shared by all panels: everything recorded and the shown frame. */
  range(frames) {
    const fields = this.scene.schema.lanes.map((_, lane) => this.field(lane));
    const least = this.base ?? Infinity; // equal lanes are always in sight
    const most = this.base ?? 0;
    let [lo, hi] = extent(frames, fields, 0);
    [lo, hi] = [Math.min(lo, least), Math.max(hi, most)];
    if (hi < lo) return this.domain ?? [1e-3, 1];
    const [a, b] = this.domain ?? [Infinity, 0];
    if (frames.length > 1) this.domain = decadeDomain(lo, hi);
    else if (lo < a || hi > b) this.domain = decadeDomain(Math.min(lo, a), Math.max(hi, b));
    return this.domain;
  }

  /** Where two lanes are equal. */
  get base() {
    return this.scene.difference ? 1 : undefined;
  }

  axis(lo, hi) {
    return { kind: "log", lo, hi, base: this.base };
  }

  caption(which, lane = null) {
    const { label, unit } = this.some;
    const { scene } = this;
    if (!scene.difference) return scene.caption(which, label, unit || "1", lane);
    const quotient = lane === null ? scene.quotient : scene.schema.lanes[lane].quotient;
    return [scene.t(`gradients.ratio.${which}`, { what: label, quotient }), scene.t("gradients.ratio.short", { quotient }), quotient];
  }

  paintNow(frame) {
    const panel = this.nowPanels[0];
    if (!panel?.visible || !this.some) return;
    const { scene } = this;
    const [lo, hi] = this.range([frame]);
    const names = layerNames(scene.depth, this.output, scene.t);
    paintAxes(panel, scene, {
      x: { kind: "layers", names, name: scene.layerName(this.output) },
      y: this.axis(lo, hi),
      caption: this.caption("now"),
    });
    const sets = [];
    scene.schema.lanes.forEach(({ layers }, lane) => {
      const field = this.field(lane);
      if (field) sets.push({ lane, values: frame.view(field), spread: null, scale: field.scale, depth: layers, count: field.size });
    });
    paintByLayer(panel, scene, sets, scene.depth);
  }

  paintOver() {
    const { scene } = this;
    const shown = this.overPanels.find((panel) => panel.visible);
    if (!shown || !this.some) return;
    const frames = drawnFrames(scene, shown);
    const [lo, hi] = this.range(frames);
    this.overPanels.forEach((panel, lane) => {
      const field = this.field(lane);
      if (!panel.visible || !field) return;
      paintAxes(panel, scene, {
        x: stepAxis(scene),
        y: { ...this.axis(lo, hi), bare: lane > 0 },
        caption: this.caption("over", lane),
        color: scene.several ? scene.laneColor(lane) : null,
      });
      this.paintCourse(panel, frames, field, lane);
    });
  }

  /** What a panel over steps shows: one line a layer. */
  paintCourse(panel, frames, field, lane) {
    paintLayerLines(panel, this.scene, frames, field, null, this.scene.schema.lanes[lane].layers);
  }

  placeCursor(step) {
    for (const panel of this.overPanels) panel.setCursor(step);
  }

  row(frame, lane, index) {
    const { scene } = this;
    const field = this.field(lane);
    const { name: own, quotient } = scene.schema.lanes[lane];
    const name = scene.named ? `${quotient ?? own} ${field.label}` : field.label;
    return [name, `${number(frame.value(field, index), 4)} ${field.unit}`, scene.several ? scene.laneColor(lane) : null];
  }

  hitNow(x) {
    const { scene } = this;
    const panel = this.nowPanels[0];
    const slots = scene.depth + (this.output ? 1 : 0);
    const slot = scene.shown && panel.x ? slotAt(panel, x, slots) : -1;
    if (slot < 0 || !this.some) return null;
    const key = layerKey(slot, scene.depth);
    const rows = [];
    scene.schema.lanes.forEach(({ layers }, lane) => {
      const index = key === "out" ? layers : slot;
      if (this.field(lane) && (key === "out" || slot < layers)) rows.push(this.row(scene.shown, lane, index));
    });
    return { layer: key, title: scene.title(key, null, scene.shown), rows };
  }

  hitOver(panel, lane, x, y) {
    const { scene } = this;
    const field = this.field(lane);
    const found = field && lineAt(panel, scene, field, x, y);
    if (!found) return null;
    const key = layerKey(found.layer, scene.schema.lanes[lane].layers);
    return { layer: key, title: scene.title(key, lane, found.frame), rows: [this.row(found.frame, lane, found.layer)] };
  }
}
