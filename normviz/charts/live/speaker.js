// Charts in words and numbers: every canvas says what it shows, every card has its numbers as a table.
import { element } from "./card.js";
import { curveReading, momentsReading, normsReading, ridgeReading, saturationReading } from "./layerreadings.js";
import { NumbersDialog } from "./numbers.js";
import { learningReading, surfaceReading, unitsReading } from "./otherreadings.js";
import { describe } from "./reading.js";
import { CHARTS } from "./selection.js";

const EVERY = 1000; // ms between two descriptions of a chart
const NEXT = 30; // ms between two charts
const READINGS = {
  histograms: (chart) => (chart.units.on ? unitsReading(chart.units) : ridgeReading(chart)),
  moments: momentsReading,
  gradients: normsReading,
  saturation: saturationReading,
  learning: learningReading,
  shift: normsReading,
  surface: surfaceReading,
  curve: curveReading,
};

export class Speaker {
  /** `view` has scene, charts in the order of CHARTS, painter, layout. */
  constructor(view) {
    this.view = view;
    this.dialog = new NumbersDialog(view.layout.root, view.t);
    view.charts.forEach((chart, index) => this.addButton(chart, READINGS[CHARTS[index]]));
    this.at = -Infinity;
    this.said = "";
    this.waiting = [];
  }

  addButton(chart, read) {
    chart.read = () => read(chart);
    const { t } = this.view;
    const button = element("button", "tab numbers-button");
    Object.assign(button, { type: "button", title: t("table.button") });
    button.setAttribute("aria-haspopup", "dialog");
    button.setAttribute("aria-label", t("table.button.of", { title: chart.card.title.textContent }));
    button.append(icon());
    button.onclick = () => this.open(chart);
    chart.card.tools.append(button);
  }

  open(chart) {
    if (!this.view.paintable || !this.view.player.shown) return;
    const reading = chart.read();
    if (reading.sets.length) this.dialog.open(reading);
  }

  /** Begins to say what is shown now, at most once a second; one chart a turn. What must wait asks for a later turn. */
  update(now) {
    const { player, charts } = this.view;
    if (!this.view.paintable || !player.shown) return;
    if (!this.waiting.length && this.news !== this.said) {
      const left = EVERY - (now - this.at);
      if (left > 0) return this.later(left);
      this.at = now;
      this.said = this.news;
      this.waiting = charts.filter(({ card }) => !card.element.classList.contains("away"));
    }
    const chart = this.waiting.shift();
    if (!chart) return;
    this.describe(chart);
    if (this.waiting.length) this.later(NEXT);
  }

  /** Asks for a later turn, unless frames come and bring one. */
  later(delay) {
    const { player, painter } = this.view;
    if (!(player.following && player.status === "running")) painter.later(delay);
  }

  /** Whatever changes a description: the shown step, the drawn lanes, what is chosen in the cards. */
  get news() {
    const { player, scene, charts } = this.view;
    const chosen = charts.map(({ select, units }) => `${select?.value} ${units?.on} ${units?.shown}`);
    return [player.shown.seq, scene.schema.lanes.map(({ name }) => name), scene.mode, this.view.run, ...chosen].join();
  }

  describe(chart) {
    const reading = chart.read();
    for (const part of reading.parts) part.panel.label(describe(this.view.t, reading, part) ?? reading.title);
  }
}

/** A little table. */
function icon() {
  const made = element("span", "numbers-icon");
  made.setAttribute("aria-hidden", "true");
  return made;
}
