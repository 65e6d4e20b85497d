// The saturated share as a heat map: layer (1 on top) by step, one panel a lane, with a colour bar.
import { paintAxes } from "./axes.js";
import { layerNames } from "./bylayer.js";
import { Card, fitPanels, say } from "./card.js";
import { percent } from "./format.js";
import { stepAxis } from "./oversteps.js";
import { nearestByStep } from "./scale.js";
import { heatTable } from "./theme.js";

export class Saturation {
  constructor(parent, scene) {
    this.scene = scene;
    this.card = new Card(parent, "saturation", scene.t("saturation.title"));
    this.panels = [];
    this.bar = this.card.addPanel("bar");
    scene.observer.observe(this.bar.element);
    this.image = document.createElement("canvas");
    this.tables = { light: heatTable(false), dark: heatTable(true) };
  }

  build(schema) {
    const { observer, t } = this.scene;
    fitPanels(this.card, this.panels, schema.lanes.length, "", observer);
    this.card.body.append(this.bar.element);
    this.panels.forEach((panel, lane) => (panel.hit = (x, y) => this.hit(panel, lane, x, y)));
    const definitions = schema.lanes.map(({ name, saturation }) => [name, saturation]);
    const alike = definitions.every(([, text]) => text === definitions[0][1]);
    const each = definitions.map(([lane, definition]) => t("saturation.lane", { lane, definition }));
    const text = alike ? definitions[0][1] : each.join(" · ");
    say(this.card.note, text);
    this.card.note.title = text;
  }

  paintNow() {}

  paintOver() {
    const { scene } = this;
    const { schema, t } = scene;
    if (this.bar.visible) this.paintBar();
    this.panels.forEach((panel, lane) => {
      const field = schema.field("saturated", lane);
      if (!panel.visible || !field) return;
      paintAxes(panel, scene, {
        x: stepAxis(scene),
        y: { kind: "layers", names: layerNames(field.size, false, t), bare: lane > 0 && field.size === schema.lanes[0].layers },
        caption: scene.layerName(false).map((name) => (scene.several ? t("panel.lane", { lane: schema.lanes[lane].name, panel: name }) : name)),
        color: scene.several ? scene.laneColor(lane) : null,
      });
      this.paintMap(panel, field);
      panel.label(this.card.title.textContent);
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
    const table = scene.theme.dark ? this.tables.dark : this.tables.light;
    const pixels = context.createImageData(columns, rows);
    const first = Math.max(0, Math.round(panel.x.of(frames[0].step) - panel.plot.x));
    let at = 0;
    for (let column = first; column < columns; column++) {
      const step = panel.x.back(panel.plot.x + column + 0.5);
      while (at + 1 < frames.length && frames[at + 1].step <= step) at += 1;
      if (at === frames.length - 1 && step > frames[at].step && column > first + 2) break;
      const view = frames[at].view(field);
      for (let row = 0; row < rows; row++) {
        const share = Math.min(1, Math.max(0, view[row] * field.scale)) || 0;
        const color = Math.round(share * 255) * 3;
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
    const key = `${scene.type} ${scene.theme.key}`;
    if (bar.axesKey === key) return;
    bar.axesKey = key;
    const context = bar.begin(bar.back);
    const font = scene.type;
    const top = Math.round(font * 1.95);
    const height = bar.height - top - Math.round(font * 2.75);
    const table = scene.theme.dark ? this.tables.dark : this.tables.light;
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
      context.fillText(percent(share, 0), wide + 3, top + height * (1 - share) + (share === 1 ? font * 0.3 : share ? 0 : -font * 0.3));
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
    const frame = store.frames[nearestByStep(store.frames, panel.x.back(x))];
    const rows = [[t("saturation.tip"), percent(frame.value(field, layer), 2)]];
    const dead = schema.field("dead", lane);
    if (dead) rows.push([t("saturation.dead"), percent(frame.value(dead, layer), 2)]);
    return { layer, title: scene.title(layer, lane, frame), rows };
  }
}
