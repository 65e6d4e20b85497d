// What every chart needs to know: schema, theme, type size, the pointed-at layer, colours, sizes.
import { alone, differences, measuredOf } from "./difference.js";
import { layerColors, readTheme } from "./theme.js";

export class Scene {
  constructor(view, t) {
    this.view = view;
    this.t = t;
    this.type = 12;
    this.mode = "pre";
    this.highlight = null; // index of a layer, or "out"
    this.recorded = null; // the schema as it came
    this.schema = null; // what the charts draw of it
    this.wantsDifference = false;
    this.solo = null; // index of the only lane that is drawn
    this.depth = 0;
    this.colors = [];
    this.observer = new ResizeObserver((entries) => this.resized(entries));
  }

  get store() {
    return this.view.store;
  }

  get shown() {
    return this.frame(this.view.player.shown);
  }

  /** A recorded frame as the charts read it. */
  frame(frame) {
    if (!frame || !this.difference) return frame;
    if (!this.frames.has(frame)) this.frames.set(frame, this.schema.frame(frame));
    return this.frames.get(frame);
  }

  /** The rarely measured numbers of the drawn lanes: [{seq, step, values}], `width` values a lane. */
  measured(width) {
    const { items } = this.store.measured;
    if (this.schema === this.recorded) return items;
    return items.map((item) => ({ ...item, values: measuredOf(item.values, width, this.schema) }));
  }

  get several() {
    return this.schema !== null && this.schema.lanes.length > 1;
  }

  /** Are the differences to lane A drawn? */
  get difference() {
    return this.schema !== null && this.schema.base !== undefined;
  }

  /** Do captions and rows have to say which lane they are of? */
  get named() {
    return this.several || this.difference;
  }

  setSchema(schema) {
    this.recorded = schema;
    if (this.solo >= schema.lanes.length) this.solo = null;
    this.setLanes(this.wantsDifference, this.solo);
  }

  /** Draws all lanes or one alone (an index), as recorded or as differences to lane A. */
  setLanes(wantsDifference, solo) {
    const { recorded } = this;
    const many = recorded.lanes.length > 1;
    Object.assign(this, { wantsDifference, solo: many ? solo : null, frames: new WeakMap() });
    if (wantsDifference && many) this.schema = differences(recorded, this.solo || null);
    else this.schema = this.solo === null ? recorded : alone(recorded, this.solo);
    this.depth = Math.max(...this.schema.lanes.map((lane) => lane.layers));
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

  /** The colour of a drawn lane; `baseColor` is lane A's. */
  laneColor(lane) {
    return this.theme.lanes[(this.schema?.lanes[lane]?.origin ?? lane) % this.theme.lanes.length];
  }

  get baseColor() {
    return this.theme.lanes[0];
  }

  /** "B − A", or of several lanes "difference to A"; as quotients "B / A" and "ratio to A". */
  get against() {
    const [{ name }] = this.schema.lanes;
    return this.several ? this.t("difference.to", { base: this.schema.base }) : name;
  }

  get quotient() {
    const [{ quotient }] = this.schema.lanes;
    return this.several ? this.t("difference.ratio", { base: this.schema.base }) : quotient;
  }

  /** A chart's title, with what is compared. */
  heading(key, against = this.difference ? this.against : "") {
    return this.difference ? this.t("difference.title", { title: this.t(key), against }) : this.t(key);
  }

  /** Wordings of a panel's caption, longest first; `which` is now or over, `lane` an index or null. */
  caption(which, what, unit, lane = null) {
    const { t } = this;
    const named = this.named && lane !== null;
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

  /** A value as text; of a difference with its sign. */
  signed(value, write) {
    return this.difference && value > 0 ? `+${write(value)}` : write(value);
  }

  layerName(output) {
    const key = output ? "axis.weights" : "axis.layer";
    return [this.t(key), this.t(`${key}.short`)];
  }

  /** "Layer 3 · step 120", with the lane's name where one lane is meant among several. */
  title(key, lane, frame) {
    const { t } = this;
    const layer = key === "out" ? t("layer.output") : t("layer.name", { layer: key + 1 });
    const named = this.named && lane !== null ? t("lane.layer", { lane: this.schema.lanes[lane].name, layer }) : layer;
    const flags = this.schema.flags.filter((flag) => flag.step === frame.step && (lane === null || flag.lane === null || flag.lane === lane));
    return [named, t("tip.step", { step: frame.step }), ...flags.map((flag) => flag.text)].join(" · ");
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
