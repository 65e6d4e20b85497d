// Mean ± standard deviation by layer: at the shown step, and over steps with one line a layer.
import { paintAxes } from "./axes.js";
import { layerNames, paintByLayer, slotAt } from "./bylayer.js";
import { Card, fillSelect, fitPanels } from "./card.js";
import { number } from "./format.js";
import { drawnFrames, extent, lineAt, paintLayerLines, stepAxis } from "./oversteps.js";
import { niceDomain, steadyDomain } from "./scale.js";

export class Moments {
  constructor(parent, scene) {
    this.scene = scene;
    const { t } = scene;
    this.card = new Card(parent, "moments twofold", t("moments.title"));
    this.card.addTabs(t);
    this.chosen = "both";
    this.select = this.card.addSelect(t("moments.select"), [], (what) => {
      this.chosen = what;
      scene.repaint();
    });
    this.nowPanels = [];
    this.overPanels = [];
    this.domain = steadyDomain(niceDomain);
  }

  build(schema) {
    const { scene } = this;
    const { observer, t } = scene;
    const kinds = scene.difference ? ["mean", "std"] : ["both", "mean", "std"];
    fillSelect(this.select, kinds.map((what) => [what, t(`moments.${what}`)]));
    this.select.value = this.over;
    this.card.title.textContent = scene.heading(scene.difference ? "moments.title.difference" : "moments.title");
    fitPanels(this.card, this.nowPanels, 1, "now", observer);
    fitPanels(this.card, this.overPanels, schema.lanes.length, "over", observer);
    this.nowPanels[0].hit = (x) => this.hitNow(x);
    this.overPanels.forEach((panel, lane) => (panel.hit = (x, y) => this.hitOver(panel, lane, x, y)));
    this.domain.reset();
  }

  /** What is drawn over steps; of differences one quantity at a time, without a band. */
  get over() {
    return this.scene.difference && this.chosen === "both" ? "mean" : this.chosen;
  }

  field(name, lane) {
    return this.scene.schema.field(`${this.scene.mode}_${name}`, lane);
  }

  caption(which, kind, lane = null) {
    const { scene } = this;
    return scene.caption(which, scene.t(`moments.${kind}`), this.unit, lane);
  }

  /** Where two lanes are equal. */
  get base() {
    return this.scene.difference ? 0 : undefined;
  }

  get unit() {
    const { scene } = this;
    return scene.unit(this.field("mean", 0), `unit.${scene.mode}`);
  }

  sets(frame) {
    const sets = [];
    const { difference, schema } = this.scene;
    schema.lanes.forEach(({ layers }, lane) => {
      const mean = this.field(difference ? this.over : "mean", lane);
      const std = difference ? null : this.field("std", lane);
      if (mean) sets.push({ lane, values: frame.view(mean), spread: frame.view(std), scale: mean.scale, depth: layers, count: layers });
    });
    return sets;
  }

  paintNow(frame, now) {
    const panel = this.nowPanels[0];
    if (!panel?.visible) return;
    const { scene } = this;
    const sets = this.sets(frame);
    let lo = this.base ?? Infinity;
    let hi = this.base ?? -Infinity;
    for (const { values, spread, count } of sets) {
      for (let i = 0; i < count; i++) {
        const wide = spread && Number.isFinite(spread[i]) ? spread[i] : 0;
        if (values[i] - wide < lo) lo = values[i] - wide;
        if (values[i] + wide > hi) hi = values[i] + wide;
      }
    }
    const what = `${scene.mode} ${this.over}`;
    if (this.what !== what) this.domain.reset();
    this.what = what;
    const [from, to] = this.domain.update(lo, hi, now);
    paintAxes(panel, scene, {
      x: { kind: "layers", names: layerNames(scene.depth, false, scene.t), name: scene.layerName(false) },
      y: { kind: "linear", lo: from, hi: to, base: this.base },
      caption: this.caption("now", scene.difference ? this.over : "both"),
    });
    paintByLayer(panel, scene, sets, scene.depth);
  }

  paintOver() {
    const { scene } = this;
    const { schema } = scene;
    const shown = this.overPanels.find((panel) => panel.visible);
    if (!shown) return;
    const frames = drawnFrames(scene, shown);
    const fields = schema.lanes.map((_, lane) => this.field(this.over === "std" ? "std" : "mean", lane));
    const spreads = this.over === "both" ? schema.lanes.map((_, lane) => this.field("std", lane)) : [];
    const [least, most] = extent(frames, fields, -Infinity, spreads);
    const [lo, hi] = niceDomain(Math.min(least, this.base ?? Infinity), Math.max(most, this.base ?? -Infinity));
    this.overPanels.forEach((panel, lane) => {
      if (!panel.visible || !fields[lane]) return;
      paintAxes(panel, scene, {
        x: stepAxis(scene),
        y: { kind: "linear", lo, hi, base: this.base, bare: lane > 0 },
        caption: this.caption("over", this.over, lane),
        color: scene.several ? scene.laneColor(lane) : null,
      });
      paintLayerLines(panel, scene, frames, fields[lane], spreads[lane], schema.lanes[lane].layers);
    });
  }

  placeCursor(step) {
    for (const panel of this.overPanels) panel.setCursor(step);
  }

  rows(frame, lane, layer) {
    const { scene } = this;
    return ["mean", "std"].map((name) => [
      scene.named ? `${scene.schema.lanes[lane].name} ${scene.t(`moments.${name}`)}` : scene.t(`moments.${name}`),
      `${scene.signed(frame.value(this.field(name, lane), layer), (value) => number(value, 4))} ${this.field(name, lane)?.unit ?? ""}`,
      scene.several ? scene.laneColor(lane) : null,
    ]);
  }

  hitNow(x) {
    const { scene } = this;
    const frame = scene.shown;
    const panel = this.nowPanels[0];
    const layer = frame && panel.x ? slotAt(panel, x, scene.depth) : -1;
    if (layer < 0) return null;
    const rows = [];
    scene.schema.lanes.forEach(({ layers }, lane) => layer < layers && rows.push(...this.rows(frame, lane, layer)));
    return { layer, title: scene.title(layer, null, frame), rows };
  }

  hitOver(panel, lane, x, y) {
    const { scene } = this;
    const field = this.field(this.over === "std" ? "std" : "mean", lane);
    const found = field && lineAt(panel, scene, field, x, y);
    if (!found) return null;
    return { layer: found.layer, title: scene.title(found.layer, lane, found.frame), rows: this.rows(found.frame, lane, found.layer) };
  }
}
