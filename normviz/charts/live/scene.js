// What every chart needs to know: schema, theme, type size, the pointed-at layer, colours, sizes.
import { layerColors, readTheme } from "./theme.js";

export class Scene {
  constructor(view, t) {
    this.view = view;
    this.t = t;
    this.type = 12;
    this.mode = "pre";
    this.highlight = null; // index of a layer, or "out"
    this.schema = null;
    this.depth = 0;
    this.colors = [];
    this.observer = new ResizeObserver((entries) => this.resized(entries));
  }

  get store() {
    return this.view.store;
  }

  get shown() {
    return this.view.player.shown;
  }

  get several() {
    return this.schema !== null && this.schema.lanes.length > 1;
  }

  setSchema(schema) {
    this.schema = schema;
    this.depth = Math.max(...schema.lanes.map((lane) => lane.layers));
    this.highlight = null;
    this.recolor();
  }

  recolor() {
    this.colors = layerColors(this.depth, this.theme.dark);
  }

  /** True when the theme or the type size is another than before. */
  readTheme(root, type = this.type) {
    const theme = readTheme(root);
    const same = this.theme && theme.key === this.theme.key && type === this.type;
    this.theme = theme;
    this.type = type ?? this.type;
    if (!same) this.recolor();
    return !same;
  }

  setMode(mode) {
    this.mode = mode;
    this.repaint();
  }

  setHighlight(layer) {
    if (layer === this.highlight) return;
    this.highlight = layer;
    this.repaint();
  }

  repaint() {
    this.view.painter.all();
  }

  dimmed(key) {
    return this.highlight !== null && this.highlight !== key;
  }

  layerColor(key) {
    return key === "out" ? this.theme.muted : this.colors[key] ?? this.theme.text;
  }

  laneColor(lane) {
    return this.theme.lanes[lane % this.theme.lanes.length];
  }

  /** Wordings of a panel's caption, longest first; `which` is now or over, `lane` an index or null. */
  caption(which, what, unit, lane = null) {
    const { t } = this;
    const named = this.several && lane !== null;
    const name = named ? this.schema.lanes[lane].name : "";
    const wordings = ["", ".short", ".unit"].map((form) => {
      const panel = t(`panel.${which}${form}`, { what, unit });
      return named ? t("panel.lane", { lane: name, panel }) : panel;
    });
    return named ? [...wordings, t("panel.lane", { lane: name, panel: unit }), name] : [...wordings, unit];
  }

  /** The unit that the schema gives, else the words under this key. */
  unit(field, key) {
    return field?.unit || this.t(key);
  }

  layerName(output) {
    const key = output ? "axis.weights" : "axis.layer";
    return [this.t(key), this.t(`${key}.short`)];
  }

  /** "Layer 3 · step 120", with the lane's name where one lane is meant among several. */
  title(key, lane, frame) {
    const { t } = this;
    const layer = key === "out" ? t("layer.output") : t("layer.name", { layer: key + 1 });
    const named = this.several && lane !== null ? t("lane.layer", { lane: this.schema.lanes[lane].name, layer }) : layer;
    return `${named} · ${t("tip.step", { step: frame.step })}`;
  }

  resized(entries) {
    let changed = false;
    const dpr = Math.min(3, window.devicePixelRatio || 1);
    for (const { target, contentRect } of entries) {
      if (target.panel?.resize(Math.floor(contentRect.width), Math.floor(contentRect.height), dpr)) changed = true;
    }
    if (!changed) return;
    if (document.hidden) this.view.painter.full = true;
    else this.view.painter.paintAll(performance.now());
  }

  close() {
    this.observer.disconnect();
  }
}
