// Points that a person draws on a decision surface, to train on them next.
import { element, say } from "./card.js";

const MOST = 1000;
const LEAST = 5; // points of a class
const CLASSES = 8;
const APART = 7; // pixels between two points of one stroke

/** The points as a CSV table, the form in which data of one's own arrive. */
export function csv({ inputs, classes }, { x1, x2, y }) {
  const quoted = (name) => `"${name.replaceAll('"', '""')}"`;
  const rows = y.map((label, i) => `${x1[i].toPrecision(6)},${x2[i].toPrecision(6)},${quoted(classes[label])}`);
  const last = inputs.includes("class") ? "class of the point" : "class";
  return [[...inputs, last].map(quoted).join(","), ...rows, ""].join("\n");
}

export class Drawing {
  /** `surface` has scene, card, planes, lanes, color(label), shape(label). */
  constructor(surface) {
    this.surface = surface;
    const { card, scene } = surface;
    this.t = scene.t;
    this.on = false;
    this.toggle = this.button(card.tools, "tab draw", this.t("draw.open"), () => this.set(!this.on));
    this.toggle.title = this.t("draw.name");
    card.tools.prepend(this.toggle);
    this.bar = element("div", "drawing");
    this.bar.hidden = true;
    card.note.after(this.bar);
    card.body.addEventListener("pointerdown", (event) => this.press(event));
    card.body.addEventListener("pointermove", (event) => event.buttons === 1 && this.press(event));
  }

  button(parent, name, text, pressed) {
    const button = element("button", name, text);
    button.type = "button";
    button.onclick = pressed;
    parent.append(button);
    return button;
  }

  /** Begins with an empty plane, or gives up. */
  set(on) {
    const { surface } = this;
    this.on = on && surface.lanes.length > 0;
    this.plane = surface.planes.get(surface.lanes[0]);
    this.cloud = { x1: [], x2: [], y: [] };
    this.label = 0;
    this.toggle.setAttribute("aria-pressed", String(this.on));
    this.bar.hidden = !this.on;
    surface.card.body.classList.toggle("drawn", this.on);
    if (this.on) this.fill();
    surface.scene.repaint();
  }

  fill() {
    const { t, plane, surface } = this;
    this.bar.replaceChildren();
    this.labels = plane.classes.slice(0, CLASSES).map((name, label) => {
      const button = this.button(this.bar, "tab", "", () => this.choose(label));
      const mark = element("span", "mark", `${surface.shape(label)} `);
      mark.style.color = surface.color(label);
      button.count = element("span");
      button.append(mark, button.count);
      return button;
    });
    this.use = this.button(this.bar, "tab", t("draw.use"), () => this.send());
    this.button(this.bar, "tab", t("draw.cancel"), () => this.set(false));
    this.hint = element("span", "hint-draw", t("draw.hint", { least: LEAST }));
    this.bar.append(this.hint);
    this.choose(0);
  }

  choose(label) {
    this.label = label;
    this.labels.forEach((button, i) => button.setAttribute("aria-pressed", String(i === label)));
    this.update();
  }

  get counts() {
    return this.labels.map((_, label) => this.cloud.y.filter((each) => each === label).length);
  }

  update() {
    const { counts } = this;
    this.labels.forEach((button, label) => say(button.count, `${this.plane.classes[label]}: ${counts[label]}`));
    const used = counts.filter((count) => count > 0);
    this.use.disabled = used.length < 2 || used.some((count) => count < LEAST);
  }

  /** A point where the pointer is, unless the last one of the stroke is too near. */
  press(event) {
    const panel = this.on && event.target.closest?.(".panel")?.panel;
    if (!panel?.x || this.cloud.y.length >= MOST) return;
    const box = panel.element.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top];
    const { x, y, w, h } = panel.plot;
    if (at[0] < x || at[0] > x + w || at[1] < y || at[1] > y + h) return;
    if (event.type === "pointermove" && this.last && Math.hypot(at[0] - this.last[0], at[1] - this.last[1]) < APART) return;
    this.last = at;
    const { x1, x2, y: labels } = this.cloud;
    this.cloud = { x1: [...x1, panel.x.back(at[0])], x2: [...x2, panel.y.back(at[1])], y: [...labels, this.label] };
    this.update();
    this.surface.scene.repaint();
  }

  /** Asks the page to make them the data set; the run that comes of it starts by itself. */
  send() {
    const { view } = this.surface.scene;
    const text = csv(this.plane, this.cloud);
    this.set(false);
    view.changing = true;
    view.page("drawn", text);
  }
}
