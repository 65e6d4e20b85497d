// What the lecturer asks: the class chooses or draws, and how the answers are distributed is shown while they come.
import { element, say } from "./card.js";
import { axis, named, ticks } from "../sketch/scale.js";
import { Sketch } from "../sketch/sketch.js";

const SVG = "http://www.w3.org/2000/svg";
const FRAME = { left: 66, right: 16, top: 12, bottom: 48, width: 560, height: 260 };

/** A random number by which the server tells this page from others; it says nothing of who sits before it. */
export const pageNumber = {
  key: "normviz.page",
  get() {
    const fresh = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");
    try {
      const kept = sessionStorage.getItem(this.key) ?? fresh;
      sessionStorage.setItem(this.key, kept);
      return kept;
    } catch {
      return fresh;
    }
  },
};

export class QuestionPanel {
  /** `say(message)` tells the room. */
  constructor(parent, room, t) {
    Object.assign(this, { room, t });
    this.element = element("section", "question");
    this.element.hidden = true;
    this.element.setAttribute("aria-label", t("question.name"));
    parent.append(this.element);
  }

  /** What the server says of the question; null: nothing is asked. */
  set(asked) {
    const { t, room } = this;
    this.sketch?.close();
    this.sketch = null;
    this.asked = asked;
    this.element.hidden = !asked;
    room.view.layout.root.dataset.asked = asked ? "1" : "0";
    if (!asked) return this.element.replaceChildren();
    const leads = room.part === "lead";
    const head = element("div", "head");
    head.append(element("h3", "title", asked.text));
    if (leads && !asked.revealed) head.append(this.button("reveal primary", "button.question.reveal", () => room.reveal(asked.lesson)));
    if (leads) head.append(this.button("dismiss", "button.question.dismiss", () => room.say({ do: "dismiss" })));
    this.said = element("p", "said");
    this.said.setAttribute("role", "status");
    const body = asked.axes ? this.curves(leads) : this.choices(leads);
    this.element.replaceChildren(head, body, this.said);
    this.tell(leads);
    return undefined;
  }

  button(name, words, pressed) {
    const button = element("button", `button ${name}`, this.t(words));
    Object.assign(button, { type: "button", onclick: pressed });
    return button;
  }

  tell(leads) {
    const { t, asked } = this;
    const { results, revealed, own } = asked;
    if (revealed) say(this.said, asked.right === null && asked.lesson ? t("question.runs", results) : t("question.revealed", results));
    else if (leads) say(this.said, t("question.answers", results));
    else say(this.said, t(own === null ? "question.open" : "question.given"));
  }

  answer(value) {
    if (this.asked.revealed || !this.room.say({ do: "answer", value })) return;
    this.asked.own = value;
    this.mark();
    this.tell(false);
  }

  // -- options -------------------------------------------------------------------------------------------------------

  /** A button an option for who answers; a bar an option once the answers are seen. */
  choices(leads) {
    const { asked, t } = this;
    const list = element("div", "options");
    const most = Math.max(1, ...(asked.results?.counts ?? []));
    this.options = asked.options.map((text, index) => {
      const option = element(leads || asked.revealed ? "div" : "button", "option");
      if (!leads && !asked.revealed) Object.assign(option, { type: "button", onclick: () => this.answer(index) });
      option.append(element("span", "text", text));
      if (asked.results) {
        const count = asked.results.counts[index];
        const bar = element("span", "share");
        bar.style.setProperty("--share", String(count / most));
        option.append(bar, element("b", "count", t("question.count", { count })));
      }
      if (asked.right === index) option.append(element("b", "right", t("question.right")));
      option.dataset.right = asked.right === index ? "1" : "0";
      list.append(option);
      return option;
    });
    this.mark();
    return list;
  }

  /** Marks this page's own answer. */
  mark() {
    const { asked } = this;
    this.options?.forEach((option, index) => {
      option.dataset.own = asked.own === index ? "1" : "0";
      if (option.localName === "button") option.setAttribute("aria-pressed", String(asked.own === index));
    });
  }

  // -- curves --------------------------------------------------------------------------------------------------------

  curves(leads) {
    const { asked, t } = this;
    this.options = null;
    const box = element("div", "curves");
    if (!leads && !asked.revealed) {
      this.sketch = new Sketch(box, asked.axes, (key) => t(`sketch.${key}`));
      this.sketch.commit = (values) => this.answer(values);
      return box;
    }
    box.append(picture(asked, t));
    const key = element("p", "legend");
    const names = [["band", "question.band"], ["median", "question.median"], ["own", "question.own"], ["right", "question.right"]];
    for (const [name, words] of names) if (shown(asked, name)) key.append(element("span", name, t(words)));
    box.append(key);
    return box;
  }

  close() {
    this.sketch?.close();
    this.element.remove();
  }
}

/** Is there such a line in the picture? */
function shown({ results, own, right }, name) {
  if (name === "own") return Boolean(own);
  if (name === "right") return Array.isArray(right);
  return results.band.length > 0;
}

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** The answers as curves: the newest few, the band from 25th to 75th percentile, the median, one's own, what the run shows. */
export function picture({ axes, results, own, right }, t) {
  const { left, top, width, height } = FRAME;
  const wide = width - left - FRAME.right, tall = height - top - FRAME.bottom;
  const y = axis(axes.low, axes.high, axes.log);
  const [first] = axes.at, last = axes.at.at(-1);
  const across = (at) => left + ((at - first) / (last - first || 1)) * wide;
  const down = (value) => top + (1 - Math.min(1, Math.max(0, y.share(value)))) * tall;
  const point = (value, i) => `${across(axes.at[i]).toFixed(1)},${down(value).toFixed(1)}`;
  const line = (curve, name) => shape("polyline", { class: name, points: curve.flatMap((value, i) => (Number.isFinite(value) ? [point(value, i)] : [])).join(" ") });
  const chart = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": t("question.picture", { y: axes.y, x: axes.x, count: results.count }) });
  for (const value of ticks(axes.low, axes.high, axes.log)) {
    const at = down(value);
    chart.append(shape("line", { class: "rule", x1: left, x2: width - FRAME.right, y1: at, y2: at }));
    chart.append(shape("text", { x: left - 8, y: at + 5, "text-anchor": "end" }, named(value, axes.log)));
  }
  const every = Math.ceil(axes.at.length / 12);
  axes.at.forEach((at, i) => i % every || chart.append(shape("text", { x: across(at), y: height - FRAME.bottom + 20, "text-anchor": "middle" }, named(at, false))));
  const middle = top + tall / 2;
  chart.append(shape("text", { x: left + wide / 2, y: height - 6, "text-anchor": "middle", class: "name" }, axes.x));
  chart.append(shape("text", { x: 14, y: middle, transform: `rotate(-90 14 ${middle})`, "text-anchor": "middle", class: "name" }, axes.y));
  for (const curve of results.curves) chart.append(line(curve, "one"));
  if (results.band.length) {
    const [low, median, high] = results.band;
    const back = high.map(point).reverse();
    chart.append(shape("polygon", { class: "band", points: [...low.map(point), ...back].join(" ") }), line(median, "median"));
  }
  if (own) chart.append(line(own, "own"));
  if (Array.isArray(right)) chart.append(line(right, "right"));
  return chart;
}
