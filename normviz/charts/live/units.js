// The histograms of a layer's single units, in the place of those of all layers: a heat map, one row a unit. What looks
// healthy with all units together can be constant unit by unit.
import { paintAxes } from "./axes.js";
import { element } from "./card.js";
import { percent } from "./format.js";
import { heatTable } from "./theme.js";

const NAME = "unit_hist";

export class Units {
  /** `ridge` is the chart in whose card it stands. */
  constructor(ridge) {
    this.ridge = ridge;
    this.scene = ridge.scene;
    this.wanted = false;
    this.layer = null;
    this.image = document.createElement("canvas");
    this.tables = { light: heatTable(false), dark: heatTable(true) };
    const { t } = this.scene;
    this.button = element("button", "tab units", t("units.button"));
    this.button.type = "button";
    this.button.title = t("units.name");
    this.button.setAttribute("aria-label", this.button.title);
    this.button.setAttribute("aria-pressed", "false");
    this.button.onclick = () => {
      this.wanted = !this.wanted;
      this.button.setAttribute("aria-pressed", String(this.wanted));
      this.scene.repaint();
    };
    ridge.card.tools.append(this.button);
  }

  /** The recorded lane that a panel is of; units have no difference to those of another network. */
  origin(lane) {
    return this.scene.schema.lanes[lane].origin ?? lane;
  }

  field(lane) {
    return this.scene.recorded.field(NAME, this.origin(lane));
  }

  build() {
    this.button.hidden = this.scene.schema.lanes.every((_, lane) => !this.field(lane));
  }

  get on() {
    return this.wanted && !this.button.hidden;
  }

  /** Remembers the layer that is pointed at, in whatever chart. */
  follow() {
    const { highlight } = this.scene;
    if (typeof highlight === "number") this.layer = highlight;
  }

  /** The layer pointed at last. */
  get shown() {
    return Math.min(this.layer ?? 0, this.scene.depth - 1);
  }

  note() {
    const { scene } = this;
    const { t, recorded } = scene;
    const frame = scene.view.player.shown;
    const step = frame ? frame.value(recorded.field("drift_step", this.origin(0))) : 0;
    const constant = frame ? frame.value(recorded.field("constant_units", this.origin(0)), this.shown) : NaN;
    const warning = constant > 0 && scene.schema.lanes.length === 1 ? ` ${t("units.constant", { share: constant })}` : "";
    return t("units.note", { step }) + warning;
  }

  paint() {
    const frame = this.scene.view.player.shown;
    this.ridge.panels.forEach((panel, lane) => panel.visible && this.paintLane(panel, lane, frame));
  }

  paintLane(panel, lane, frame) {
    const { scene } = this;
    const { t } = scene;
    const info = scene.recorded.lanes[this.origin(lane)];
    const field = this.field(lane);
    if (!field) return void panel.begin();
    const layer = Math.min(this.shown, info.layers - 1);
    const [, units, bins] = field.shape;
    const titles = this.ridge.laneTitle(info, true);
    const what = [t("units.axis", { layer: layer + 1 }), t("units.axis.short", { layer: layer + 1 })];
    const unit = t("unit.pre");
    paintAxes(panel, scene, {
      x: { kind: "linear", lo: field.bins.lo, hi: field.bins.hi, name: [t("axis.value", { label: t("long.pre"), unit }), t("axis.value", { label: t("show.pre"), unit }), unit] },
      y: { kind: "layers", names: Array.from({ length: units }, (_, i) => String(i + 1)), bare: lane > 0 },
      caption: scene.several ? titles.flatMap((title) => what.map((words) => `${title}, ${words}`)) : what,
      color: scene.several ? scene.theme.lanes[this.origin(lane) % scene.theme.lanes.length] : null,
      right: Math.round(scene.type * 2.9),
      gutter: Math.round(scene.type * 0.9),
    });
    this.paintMap(panel, frame.view(field), layer * units * bins, units, bins);
  }

  /** Every row on its own scale, with the share in its fullest bin at the right. */
  paintMap(panel, view, from, units, bins) {
    const { scene, image } = this;
    const context = panel.begin();
    const table = scene.theme.dark ? this.tables.dark : this.tables.light;
    const pixels = context.createImageData(bins, units);
    const { x, y, w, h } = panel.plot;
    const pitch = h / units;
    const every = Math.ceil((scene.type * 1.05) / pitch);
    context.font = `${Math.max(10, Math.min(scene.type, pitch * 0.95))}px ${scene.theme.font}`;
    context.textBaseline = "middle";
    context.textAlign = "right";
    context.fillStyle = scene.theme.muted;
    for (let unit = 0; unit < units; unit++) {
      const row = view.subarray(from + unit * bins, from + (unit + 1) * bins);
      const peak = Math.max(...row);
      for (let bin = 0; bin < bins; bin++) {
        const color = peak ? Math.round((row[bin] / peak) * 255) * 3 : 0;
        pixels.data.set(table.subarray(color, color + 3), (unit * bins + bin) * 4);
        pixels.data[(unit * bins + bin) * 4 + 3] = 255;
      }
      if (unit % every === 0) context.fillText(percent(peak / 255, 0), panel.width - 1, y + (unit + 0.5) * pitch);
    }
    if (image.width !== bins || image.height !== units) Object.assign(image, { width: bins, height: units });
    image.getContext("2d").putImageData(pixels, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(image, x + 1, y, w - 1, h);
  }

  hit(panel, lane, x, y) {
    const { scene } = this;
    const { t } = scene;
    const frame = scene.view.player.shown;
    const field = this.field(lane);
    if (!field || !frame || !panel.x) return null;
    const [layers, units, bins] = field.shape;
    const layer = Math.min(this.shown, layers - 1);
    const unit = Math.round(panel.y.back(y)) - 1;
    const { lo, hi } = field.bins;
    const bin = Math.floor(((panel.x.back(x) - lo) / (hi - lo)) * bins);
    if (unit < 0 || unit >= units || bin < 0 || bin >= bins) return null;
    const width = (hi - lo) / bins;
    const row = (i) => frame.value(field, (layer * units + unit) * bins + i) / 255;
    const edges = { from: bin ? String(lo + bin * width) : "−∞", to: bin < bins - 1 ? String(lo + (bin + 1) * width) : "∞" };
    return {
      layer,
      title: scene.title(layer, scene.several ? lane : null, frame),
      rows: [[t("units.unit"), String(unit + 1)], [t("tip.bin", edges), percent(row(bin))]],
    };
  }
}
