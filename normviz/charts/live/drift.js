// Covariate shift by layer, in the place of the gradients: how far distributions have moved, a typical unit's
// percentiles, what an update does to gradients, and how smooth the loss is. What there is to choose is in the schema.
import { paintAxes } from "./axes.js";
import { layerNames, marker, origin, slotOf } from "./bylayer.js";
import { element, say } from "./card.js";
import { number } from "./format.js";
import { Gradients } from "./gradients.js";
import { strokeLine } from "./oversteps.js";
import { nearestByStep, niceDomain } from "./scale.js";
import { DRIFTS, SHIFTS, TYPICAL, shiftFields } from "./shiftfields.js";

const LOW = 1; // where the 15th, 50th and 85th percentile are among five
const MIDDLE = 2;
const HIGH = 3;

/** Two cards in one place: each has a button that shows the other. */
function share(t, one, other) {
  for (const [here, there, key] of [[one, other, "shift.title"], [other, one, "gradients.title"]]) {
    const button = element("button", "tab turn", t(key));
    button.type = "button";
    button.onclick = () => {
      here.element.hidden = true;
      there.element.hidden = false;
      there.head.querySelector(".turn").focus();
    };
    here.head.insertBefore(button, here.tools);
  }
  other.element.hidden = true;
}

export class Shift extends Gradients {
  constructor(parent, scene, gradients) {
    super(parent, scene, "shift");
    share(scene.t, gradients.card, this.card);
    gradients.card.element.after(this.card.element);
    this.layer = null;
  }

  options(schema) {
    return shiftFields(schema);
  }

  build(schema) {
    super.build(schema);
    const { t, recorded } = this.scene;
    const there = shiftFields(recorded).length;
    const all = shiftFields(recorded).length === DRIFTS.length + SHIFTS.length;
    say(this.card.note, there ? "" : t("shift.off"));
    if (there && !all) {
      const more = element("option", "", t("shift.full"));
      more.disabled = true;
      this.select.append(more);
    }
    this.arrange();
  }

  chosen() {
    super.chosen();
    this.arrange();
  }

  /** What has no layers has only a course over steps. */
  arrange() {
    const [now] = this.nowPanels;
    const layered = this.some === null || this.some.axes.length > 0;
    if (now.element.hidden !== layered) return;
    now.element.hidden = !layered;
    if (!layered) this.card.element.querySelectorAll(".tabs .tab")[1].click();
  }

  get typical() {
    return this.select.value === TYPICAL;
  }

  /** The layer whose typical unit is drawn over steps: the one pointed at last. */
  get drawn() {
    const { highlight, depth } = this.scene;
    if (typeof highlight === "number") this.layer = highlight;
    return Math.min(this.layer ?? depth - 1, depth - 1);
  }

  /** Differences where the axis is linear, ratios where it is logarithmic. */
  field(lane) {
    const { schema } = this.scene;
    const own = schema.field(this.select.value, lane);
    return own?.log ? super.field(lane) : own;
  }

  get log() {
    return this.some?.log === true;
  }

  get base() {
    return this.log ? super.base : undefined;
  }

  range(frames) {
    if (this.log) return super.range(frames);
    let lo = Infinity;
    let hi = -Infinity;
    for (const frame of frames) {
      this.scene.schema.lanes.forEach((_, lane) => {
        const field = this.field(lane);
        const view = frame.view(field) ?? [];
        for (let i = 0; i < view.length; i++) {
          if ((this.typical && (i % 5 < LOW || i % 5 > HIGH)) || !Number.isFinite(view[i])) continue;
          lo = Math.min(lo, view[i]);
          hi = Math.max(hi, view[i]);
        }
      });
    }
    if (hi < lo) return this.domain ?? [0, 1];
    const [a, b] = this.domain ?? [Infinity, -Infinity];
    if (frames.length > 1) this.domain = niceDomain(lo, hi);
    else if (lo < a || hi > b) this.domain = niceDomain(Math.min(lo, a), Math.max(hi, b));
    return this.domain;
  }

  axis(lo, hi) {
    return { kind: this.log ? "log" : "linear", lo, hi, base: this.base };
  }

  /** The step at which what a recorded frame has was measured, and what that cost. */
  measured(frame) {
    const { t, recorded } = this.scene;
    if (this.shared) return t("shift.shared");
    return t("shift.measured", { step: frame.value(recorded.field(this.costly ? "shift_step" : "drift_step", 0)) });
  }

  cost(frame) {
    const { t, recorded } = this.scene;
    return t("shift.cost", { passes: frame.value(recorded.field("shift_passes", 0)) });
  }

  get costly() {
    return SHIFTS.includes(this.select.value);
  }

  /** Time steps share their weights: no layer is below another. */
  get shared() {
    return this.select.value.startsWith("grad_") && this.scene.schema.lanes.every(({ model }) => model === "rnn");
  }

  caption(which, lane = null) {
    const { scene } = this;
    const { shown } = scene.view.player;
    if (this.log && scene.difference) return super.caption(which, lane);
    const { label } = this.some;
    const unit = this.some.unit || scene.t(this.typical ? "unit.pre" : "unit.one");
    const wordings = scene.caption(which, label, unit, lane ?? (scene.difference ? 0 : null));
    const [full, short, ...rest] = wordings;
    const own = (panel) => (scene.named && lane !== null ? scene.t("panel.lane", { lane: scene.schema.lanes[lane].name, panel }) : panel);
    if (which === "over" && this.typical) {
      const layer = this.drawn + 1;
      const brief = scene.t("shift.typical.short", { layer });
      return [...scene.caption(which, scene.t("shift.typical", { layer }), unit, lane).slice(0, 2), own(`${brief} (${unit})`), own(brief), brief];
    }
    if (!shown || lane > 0) return wordings;
    const more = which === "now" ? this.measured(shown) : this.costly ? this.cost(shown) : "";
    return more ? [`${full}, ${more}`, `${short}, ${more}`, own(`${unit}, ${more}`), own(more), ...rest] : wordings;
  }

  paintNow(frame) {
    if (!this.typical) return super.paintNow(frame);
    const panel = this.nowPanels[0];
    if (!panel?.visible || !this.some) return;
    const { scene } = this;
    const [lo, hi] = this.range([frame]);
    const names = layerNames(scene.depth, false, scene.t);
    paintAxes(panel, scene, { x: { kind: "layers", names, name: scene.layerName(false) }, y: this.axis(lo, hi), caption: this.caption("now") });
    this.paintUnits(panel, frame);
  }

  /** The median as a marker, 15 to 85 % as a bar. */
  paintUnits(panel, frame) {
    const { scene } = this;
    const { lanes } = scene.schema;
    const context = panel.beginClipped(6);
    const pitch = panel.x.of(2) - panel.x.of(1);
    const r = Math.max(2, Math.min(scene.type * 0.36, pitch * 0.28));
    lanes.forEach(({ layers }, lane) => {
      const field = this.field(lane);
      const shift = (lane - (lanes.length - 1) / 2) * Math.min(pitch * 0.3, r * 2.4);
      for (let layer = 0; field && layer < layers; layer++) {
        const at = (i) => panel.y.of(frame.value(field, layer * 5 + i));
        if (!Number.isFinite(at(MIDDLE))) continue;
        const x = panel.x.of(slotOf(layer, layers, scene.depth)) + shift;
        context.globalAlpha = scene.dimmed(layer) ? 0.22 : 1;
        context.strokeStyle = context.fillStyle = scene.several ? scene.laneColor(lane) : scene.layerColor(layer);
        context.lineWidth = Math.max(1.5, scene.type / 7) * scene.theme.thick;
        context.beginPath();
        context.moveTo(x, at(LOW));
        context.lineTo(x, at(HIGH));
        context.stroke();
        marker(context, origin(scene, lane), x, at(MIDDLE), r);
      }
    });
    context.restore();
  }

  paintCourse(panel, frames, field, lane) {
    if (!this.typical && this.some.axes.length !== 0) return super.paintCourse(panel, frames, field, lane);
    const { scene } = this;
    const context = panel.beginClipped(1);
    const from = this.drawn * 5;
    const lines = this.typical ? [from + LOW, from + HIGH, from + MIDDLE] : [0];
    context.strokeStyle = this.typical ? scene.layerColor(this.drawn) : scene.laneColor(lane);
    context.lineJoin = "round";
    for (const index of lines) {
      const middle = !this.typical || index % 5 === MIDDLE;
      context.lineWidth = Math.max(1.25, scene.type / 8) * (middle ? 1.6 : 1) * scene.theme.thick;
      strokeLine(context, panel, frames.length, (i) => frames[i].step, (i) => frames[i].value(field, index));
    }
    context.restore();
  }

  row(frame, lane, index) {
    if (!this.typical) return super.row(frame, lane, index);
    const { scene } = this;
    const at = (i) => scene.signed(frame.value(this.field(lane), index * 5 + i), (value) => number(value, 4));
    const name = scene.named ? `${scene.schema.lanes[lane].name} ${scene.t("shift.percentiles")}` : scene.t("shift.percentiles");
    return [name, [LOW, MIDDLE, HIGH].map(at).join(" … "), scene.several ? scene.laneColor(lane) : null];
  }

  hitOver(panel, lane, x, y) {
    if (!this.typical && this.some?.axes.length !== 0) return super.hitOver(panel, lane, x, y);
    const { scene } = this;
    const { frames } = scene.store;
    if (!panel.x || !frames.length || !this.field(lane)) return null;
    const frame = scene.frame(frames[nearestByStep(frames, panel.x.back(x))]);
    const layer = this.typical ? this.drawn : null;
    const title = layer === null ? scene.t("tip.step", { step: frame.step }) : scene.title(layer, lane, frame);
    return { layer, title, rows: [this.row(frame, lane, layer ?? 0)] };
  }
}
