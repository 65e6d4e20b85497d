// The histograms of all layers at the shown step, layer 1 on top, each row scaled to its own peak.
import { paintAxes } from "./axes.js";
import { Card, fitPanels, say } from "./card.js";
import { number, percent } from "./format.js";
import { layerNames } from "./bylayer.js";
import { paintDifferenceRow } from "./ridgedifference.js";
import { Units } from "./units.js";

const SHOWN_OUTSIDE = 0.005;

export class Ridgeline {
  constructor(parent, scene) {
    this.scene = scene;
    const t = scene.t;
    this.card = new Card(parent, "ridge", t("ridge.title"));
    this.panels = [];
    const options = ["pre", "act", "grad"].map((mode) => [mode, t(`show.${mode}`)]);
    this.select = this.card.addSelect(t("ridge.select"), options, (mode) => scene.setMode(mode));
    this.units = new Units(this);
  }

  /** Adapts to the schema's lanes. */
  build(schema) {
    this.card.title.textContent = this.scene.heading("ridge.title");
    fitPanels(this.card, this.panels, schema.lanes.length, "", this.scene.observer);
    this.panels.forEach((panel, lane) => (panel.hit = (x, y) => (this.units.on ? this.units : this).hit(panel, lane, x, y)));
    this.units.build();
  }

  paintNow(frame) {
    const { scene } = this;
    this.units.follow();
    if (this.units.on) {
      say(this.card.note, this.units.note());
      return this.units.paint();
    }
    say(this.card.note, this.note);
    const bins = this.commonBins();
    if (bins) this.panels.forEach((panel, lane) => panel.visible && this.paintLane(panel, lane, frame, bins));
  }

  get note() {
    const { difference, mode, schema, several, t } = this.scene;
    if (!difference) return t(mode === "grad" ? "ridge.note.grad" : "ridge.note");
    return t("ridge.note.difference", { base: schema.base, lane: several ? t("ridge.note.other") : schema.lanes[0].name.split(" ")[0] });
  }

  field(name, lane) {
    return this.scene.schema.field(`${this.scene.mode}_${name}`, lane);
  }

  /** The x axis that holds every lane's bins. */
  commonBins() {
    let all = null;
    this.scene.schema.lanes.forEach((_, lane) => {
      const bins = this.field("hist", lane)?.bins;
      if (bins) all = all ? { lo: Math.min(all.lo, bins.lo), hi: Math.max(all.hi, bins.hi), log10: all.log10 } : { ...bins };
    });
    return all;
  }

  /** "A  Normalization: none", and shorter where that has no room: "A  none". */
  laneTitle({ name, title, short }, alive) {
    return [title, short, ""].map((words) => {
      const shown = `${name}  ${words}`.trimEnd();
      return alive ? shown : this.scene.t("lane.diverged", { lane: shown });
    });
  }

  axes(panel, lane, bins, alive) {
    const { scene } = this;
    const { t, schema } = scene;
    const hist = this.field("hist", lane);
    const label = t(`long.${scene.mode}`);
    const unit = scene.unit(this.field("mean", lane), `unit.${scene.mode}`);
    const log = hist?.bins?.log10;
    const info = schema.lanes[lane];
    const short = { label: t(`show.${scene.mode}`), unit };
    const name = [t(log ? "axis.log10" : "axis.value", { label, unit }), t(log ? "axis.log10.short" : "axis.value", short), unit];
    return paintAxes(panel, scene, {
      x: { kind: log ? "exponents" : "linear", lo: bins.lo, hi: bins.hi, name },
      y: { kind: "layers", names: layerNames(info.layers, false, t), bare: lane > 0 && info.layers === schema.lanes[0].layers },
      caption: scene.named ? this.laneTitle(info, alive) : t("axis.layer"),
      color: scene.named ? scene.laneColor(lane) : null,
      right: Math.round(scene.type * 2.9),
      gutter: Math.round(scene.type * 0.9),
    });
  }

  paintLane(panel, lane, frame, bins) {
    const { scene } = this;
    const alive = scene.schema.field("alive", lane);
    this.axes(panel, lane, bins, !alive || frame.value(alive) !== 0);
    const hist = this.field("hist", lane);
    const context = panel.begin();
    if (!hist) return;
    const view = frame.view(hist);
    const layers = hist.shape[0];
    const pitch = panel.plot.h / layers;
    const small = Math.max(10, Math.min(scene.type, pitch * 0.95));
    const every = Math.ceil((small * 1.05) / pitch); // of many thin rows only some have room for words
    const row = { context, panel, scene, lane, frame, hist, view, pitch, every, tall: pitch * (layers > 14 ? 1.25 : 0.82) };
    context.font = `${small}px ${scene.theme.font}`;
    context.textBaseline = "alphabetic";
    for (let layer = 0; layer < layers; layer++) this.paintRow(row, layer);
    context.globalAlpha = 1;
  }

  paintRow(row, layer) {
    if (this.scene.difference) return paintDifferenceRow(row, layer, this.outside(row, layer));
    const { context, panel, hist, view, pitch, tall } = row;
    const { scene } = this;
    const bins = hist.shape[1];
    const from = layer * bins;
    let peak = 0;
    for (let i = from; i < from + bins; i++) if (view[i] > peak) peak = view[i];
    const base = panel.plot.y + (layer + 1) * pitch - 1;
    const color = scene.layerColor(layer);
    context.globalAlpha = scene.dimmed(layer) ? 0.15 : 1;
    context.fillStyle = context.strokeStyle = color;
    const top = Math.max(peak * hist.scale, ...this.outside(row, layer));
    if (peak > 0) this.fillHistogram(row, from, bins, base, (tall * hist.scale) / top);
    this.paintOutside(row, layer, base, top);
    this.paintStatistics(row, layer, base);
    if (layer % row.every) return;
    context.fillStyle = scene.theme.muted;
    context.textAlign = "right";
    context.fillText(percent(peak * hist.scale, 0), panel.width - 1, base - 1);
  }

  fillHistogram({ context, panel, hist, view }, from, bins, base, height) {
    const { lo, hi } = hist.bins;
    const width = (hi - lo) / bins;
    const x0 = panel.x.of(lo + width / 2);
    const dx = panel.x.of(lo + 1.5 * width) - x0;
    context.beginPath();
    context.moveTo(panel.x.of(lo), base);
    for (let i = 0; i < bins; i++) context.lineTo(x0 + i * dx, base - view[from + i] * height);
    context.lineTo(panel.x.of(hi), base);
    context.closePath();
    context.fill();
  }

  /** The shares below and above all bins. */
  outside({ lane, frame }, layer) {
    const field = this.field("outside", lane);
    return field ? [frame.value(field, layer * 2), frame.value(field, layer * 2 + 1)] : [0, 0];
  }

  /** Shares below and above the bins: bars in the two gutters on the histogram's own scale, with per cent. */
  paintOutside(row, layer, base, top) {
    const { context, panel, tall, pitch, every } = row;
    const { scene } = this;
    const shares = this.outside(row, layer);
    const wide = Math.round(scene.type * 0.6);
    const { x, w } = panel.plot;
    for (let side = 0; side < 2; side++) {
      const share = shares[side];
      if (!(share > SHOWN_OUTSIDE)) continue;
      const high = Math.max(2, (tall * share) / top);
      const left = side ? x + w + 2 : x - wide - 2;
      context.fillRect(left, base - high, wide, high);
      if (layer % every) continue;
      context.textAlign = side ? "right" : "left";
      const fill = context.fillStyle;
      const at = [percent(share, 0), side ? x + w - 2 : x + 3, base - Math.min(pitch * 0.3, scene.type * 0.5)];
      context.strokeStyle = scene.theme.background;
      context.lineWidth = 3;
      context.strokeText(...at);
      context.fillStyle = scene.theme.text;
      context.fillText(...at);
      context.fillStyle = fill;
    }
  }

  /** On the row's base: 15 to 85 % as a line, the median as a tick, the mean as a diamond. */
  paintStatistics({ context, panel, lane, frame, hist, pitch }, layer, base) {
    const { scene } = this;
    const size = Math.max(pitch < 8 ? 1.5 : 2.5, Math.min(scene.type * 0.4, pitch * 0.18));
    const clampX = (value) => Math.min(panel.plot.x + panel.plot.w, Math.max(panel.plot.x, panel.x.of(value)));
    context.strokeStyle = context.fillStyle = scene.theme.text;
    context.lineWidth = Math.min(Math.max(1.5, scene.type / 7), Math.max(0.75, pitch * 0.2));
    const log = hist.bins.log10;
    const percentiles = this.field("pct", lane);
    if (percentiles && !log) {
      const a = frame.value(percentiles, layer * 5 + 1);
      const b = frame.value(percentiles, layer * 5 + 3);
      const middle = frame.value(percentiles, layer * 5 + 2);
      if (Number.isFinite(a + b + middle)) {
        context.beginPath();
        context.moveTo(clampX(a), base);
        context.lineTo(clampX(b), base);
        context.moveTo(clampX(middle), base);
        context.lineTo(clampX(middle), base - size * 2);
        context.stroke();
      }
    }
    const field = this.field(log ? "std" : "mean", lane);
    const value = log ? Math.log10(frame.value(field, layer)) : frame.value(field, layer);
    if (!Number.isFinite(value) || value < hist.bins.lo || value > hist.bins.hi) return;
    const x = panel.x.of(value);
    context.beginPath();
    context.moveTo(x, base - 2 * size);
    context.lineTo(x + size, base - size);
    context.lineTo(x, base);
    context.lineTo(x - size, base - size);
    context.closePath();
    context.fill();
    context.strokeStyle = scene.theme.background;
    context.lineWidth = 1;
    context.stroke();
  }

  hit(panel, lane, x, y) {
    const { scene } = this;
    const hist = this.field("hist", lane);
    const frame = scene.shown;
    if (!hist || !frame || !panel.x) return null;
    const layer = Math.floor((y - panel.plot.y) / (panel.plot.h / hist.shape[0]));
    if (layer < 0 || layer >= hist.shape[0]) return null;
    const { t } = scene;
    const rows = [...this.binRow(panel, frame, hist, layer, x), ...this.statisticRows(frame, lane, layer)];
    const write = (value) => scene.signed(value, percent);
    const outside = this.field("outside", lane);
    const edge = (v) => (hist.bins.log10 ? number(10 ** v) : number(v));
    if (outside) {
      rows.push([t("tip.below", { lo: edge(hist.bins.lo) }), write(frame.value(outside, layer * 2))]);
      rows.push([t("tip.above", { hi: edge(hist.bins.hi) }), write(frame.value(outside, layer * 2 + 1))]);
    }
    return { layer, title: scene.title(layer, lane, frame), rows };
  }

  binRow(panel, frame, hist, layer, x) {
    const { lo, hi, log10 } = hist.bins;
    const bins = hist.shape[1];
    const bin = Math.floor(((panel.x.back(x) - lo) / (hi - lo)) * bins);
    if (bin < 0 || bin >= bins) return [];
    const edge = (i) => {
      const v = lo + ((hi - lo) * i) / bins;
      return number(log10 ? 10 ** v : v, 2);
    };
    return [[this.scene.t("tip.bin", { from: edge(bin), to: edge(bin + 1) }), this.scene.signed(frame.value(hist, layer * bins + bin), percent)]];
  }

  statisticRows(frame, lane, layer) {
    const { scene } = this;
    const { t } = scene;
    const percentiles = this.field("pct", lane);
    const write = (value) => scene.signed(value, number);
    const at = (i) => write(frame.value(percentiles, layer * 5 + i));
    const rows = [
      [t("tip.mean"), write(frame.value(this.field("mean", lane), layer))],
      [t("tip.std"), write(frame.value(this.field("std", lane), layer))],
    ];
    if (percentiles && scene.difference) rows.push([t("tip.median"), at(2)]);
    else if (percentiles) rows.push([t("tip.median"), at(2)], [t("tip.middle"), `${at(1)} … ${at(3)}`]);
    return rows;
  }
}
