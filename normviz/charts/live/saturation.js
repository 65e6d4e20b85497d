// The saturated share as a heat map: layer (1 on top) by step, one panel a lane, with a colour bar.
import { paintAxes } from "./axes.js";
import { layerNames } from "./bylayer.js";
import { Card, fitPanels, say } from "./card.js";
import { percent } from "./format.js";
import { drawnFrames, stepAxis } from "./oversteps.js";
import { nearestByStep } from "./scale.js";
import { heatTable, signedTable } from "./theme.js";

const LIMITS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

export class Saturation {
  constructor(parent, scene) {
    this.scene = scene;
    this.card = new Card(parent, "saturation", scene.t("saturation.title"));
    this.panels = [];
    this.bar = this.card.addPanel("bar");
    scene.observer.observe(this.bar.element);
    this.image = document.createElement("canvas");
    this.tables = {
      share: { light: heatTable(false), dark: heatTable(true) },
      difference: { light: signedTable(false), dark: signedTable(true) },
    };
    this.limit = 1;
  }

  build(schema) {
    const { scene } = this;
    const { observer, t } = scene;
    this.card.title.textContent = scene.heading("saturation.title");
    fitPanels(this.card, this.panels, schema.lanes.length, "", observer);
    this.card.body.append(this.bar.element);
    this.panels.forEach((panel, lane) => (panel.hit = (x, y) => this.hit(panel, lane, x, y)));
    const meant = scene.difference ? scene.recorded.lanes.filter((_, lane) => !lane || scene.solo === null || lane === scene.solo) : schema.lanes;
    const definitions = meant.map(({ name, saturation }) => [name, saturation]);
    const alike = definitions.every(([, text]) => text === definitions[0][1]);
    const each = definitions.map(([lane, definition]) => t("saturation.lane", { lane, definition }));
    const said = alike ? definitions[0][1] : each.join(" · ");
    const text = scene.difference ? `${t("saturation.note.difference", { base: schema.base })} · ${said}` : said;
    say(this.card.note, text);
    this.card.note.title = text;
  }

  paintNow() {}

  /** The colours of the values, from `least` to the limit. */
  get table() {
    const { difference, theme } = this.scene;
    return this.tables[difference ? "difference" : "share"][theme.dark ? "dark" : "light"];
  }

  get least() {
    return this.scene.difference ? -this.limit : 0;
  }

  /** Shares go to 100 %; differences as far as the largest that is drawn, in round numbers. */
  limits() {
    const { scene } = this;
    const shown = this.panels.find((panel) => panel.visible);
    if (!scene.difference || !shown) return 1;
    let most = 0;
    for (const frame of drawnFrames(scene, shown)) {
      scene.schema.lanes.forEach((_, lane) => {
        for (const value of frame.view(scene.schema.field("saturated", lane)) ?? []) most = Math.max(most, Math.abs(value) || 0);
      });
    }
    return LIMITS.find((limit) => most <= limit) ?? 1;
  }

  paintOver() {
    const { scene } = this;
    const { schema, t } = scene;
    this.limit = this.limits();
    if (this.bar.visible) this.paintBar();
    this.panels.forEach((panel, lane) => {
      const field = schema.field("saturated", lane);
      if (!panel.visible || !field) return;
      paintAxes(panel, scene, {
        x: stepAxis(scene),
        y: { kind: "layers", names: layerNames(field.size, false, t), bare: lane > 0 && field.size === schema.lanes[0].layers },
        caption: scene.layerName(false).map((name) => (scene.named ? t("panel.lane", { lane: schema.lanes[lane].name, panel: name }) : name)),
        color: scene.several ? scene.laneColor(lane) : null,
      });
      this.paintMap(panel, field);
    });
  }

  /** One pixel column a plot pixel, one row a layer, stretched onto the plot without smoothing. */
  paintMap(panel, field) {
    const { scene } = this;
    const { frames } = scene.store;
    const rows = field.size;
    const columns = Math.max(1, Math.round(panel.plot.w));
    const context = panel.begin();
    if (!frames.length || !rows) return;
    const { table, least, limit } = this;
    const pixels = context.createImageData(columns, rows);
    const first = Math.max(0, Math.round(panel.x.of(frames[0].step) - panel.plot.x));
    let at = 0;
    for (let column = first; column < columns; column++) {
      const step = panel.x.back(panel.plot.x + column + 0.5);
      while (at + 1 < frames.length && frames[at + 1].step <= step) at += 1;
      if (at === frames.length - 1 && step > frames[at].step && column > first + 2) break;
      const view = scene.frame(frames[at]).view(field);
      for (let row = 0; row < rows; row++) {
        const value = view[row] * field.scale || 0;
        const color = Math.round(Math.min(1, Math.max(0, (value - least) / (limit - least))) * 255) * 3;
        const pixel = (row * columns + column) * 4;
        pixels.data[pixel] = table[color];
        pixels.data[pixel + 1] = table[color + 1];
        pixels.data[pixel + 2] = table[color + 2];
        pixels.data[pixel + 3] = scene.dimmed(row) ? 90 : 255;
      }
    }
    if (this.image.width !== columns || this.image.height !== rows) Object.assign(this.image, { width: columns, height: rows });
    this.image.getContext("2d").putImageData(pixels, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.image, panel.plot.x + 1, panel.plot.y, panel.plot.w, panel.plot.h);
    this.outline(context, panel, rows);
  }

  outline(context, panel, rows) {
    const { highlight, theme } = this.scene;
    if (typeof highlight !== "number" || highlight >= rows) return;
    const pitch = panel.plot.h / rows;
    context.strokeStyle = theme.text;
    context.lineWidth = 2;
    context.strokeRect(panel.plot.x + 1, panel.plot.y + highlight * pitch, panel.plot.w - 2, pitch);
  }

  paintBar() {
    const { scene, bar } = this;
    const key = `${scene.type} ${scene.theme.key} ${this.least} ${this.limit}`;
    if (bar.axesKey === key) return;
    bar.axesKey = key;
    const context = bar.begin(bar.back);
    const font = scene.type;
    const top = Math.round(font * 1.95);
    const height = bar.height - top - Math.round(font * 2.75);
    const { table, least, limit } = this;
    const wide = Math.round(font * 0.9);
    for (let y = 0; y < height; y++) {
      const color = Math.round((1 - y / height) * 255) * 3;
      context.fillStyle = `rgb(${table[color]}, ${table[color + 1]}, ${table[color + 2]})`;
      context.fillRect(0, top + y, wide, 1.5);
    }
    context.strokeStyle = scene.theme.muted;
    context.strokeRect(0.5, top + 0.5, wide - 1, height - 1);
    context.font = `${font}px ${scene.theme.font}`;
    context.fillStyle = scene.theme.text;
    context.textBaseline = "middle";
    for (const share of [0, 0.5, 1]) {
      context.fillText(scene.signed(least + share * (limit - least), (value) => percent(value, 0)), wide + 3, top + height * (1 - share) + (share === 1 ? font * 0.3 : share ? 0 : -font * 0.3));
    }
  }

  placeCursor(step) {
    for (const panel of this.panels) panel.setCursor(step);
  }

  hit(panel, lane, x, y) {
    const { scene } = this;
    const { schema, store, t } = scene;
    const field = schema.field("saturated", lane);
    if (!field || !panel.y || !store.frames.length) return null;
    const layer = Math.round(panel.y.back(y)) - 1;
    if (layer < 0 || layer >= field.size) return null;
    const frame = scene.frame(store.frames[nearestByStep(store.frames, panel.x.back(x))]);
    const write = (value) => scene.signed(value, (share) => percent(share, 2));
    const rows = [[t("saturation.tip"), write(frame.value(field, layer))]];
    const dead = schema.field("dead", lane);
    if (dead) rows.push([t("saturation.dead"), write(frame.value(dead, layer))]);
    return { layer, title: scene.title(layer, lane, frame), rows };
  }
}
