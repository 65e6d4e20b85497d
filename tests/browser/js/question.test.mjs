import assert from "node:assert/strict";
import { test } from "node:test";
import { WORDS, fill } from "../../../normviz/charts/live/words.js";
import { page } from "./page.mjs";

globalThis.document = page();
globalThis.ResizeObserver = class {
  observe() {}
  disconnect() {}
};
const { QuestionPanel, picture } = await import("../../../normviz/charts/live/question.js");

const t = (key, values) => fill(WORDS[key] ?? key, values);
const AXES = { x: "layer", y: "std", at: [1, 2, 3], low: 0, high: 1, log: false };

function setUp(part) {
  const said = [];
  const room = { part, view: { layout: { root: { dataset: {} } } }, say: (message) => said.push(message) > 0, reveal: (lesson) => said.push({ reveal: lesson }) };
  return { panel: new QuestionPanel(document.createElement("div"), room, t), said };
}

const asks = (more) => ({ is: "asked", text: "Which?", options: ["A", "B"], axes: null, lesson: false, revealed: false, right: null, results: null, own: null, ...more });
const pressed = (panel) => panel.options.map((option) => option.attributes["aria-pressed"]);

test("the class chooses, and changes its mind until the answers are revealed", () => {
  const { panel, said } = setUp("follow");
  panel.set(asks());
  assert.equal(panel.element.hidden, false);
  assert.deepEqual(pressed(panel), ["false", "false"]);
  panel.options[1].onclick();
  panel.options[0].onclick();
  assert.deepEqual(said, [{ do: "answer", value: 1 }, { do: "answer", value: 0 }]);
  assert.deepEqual(pressed(panel), ["true", "false"]);
  assert.match(panel.said.textContent, /Your answer is in/);
  panel.set(asks({ revealed: true, own: 0, results: { count: 3, counts: [1, 2] }, right: 1 }));
  assert.deepEqual(panel.options.map(({ localName }) => localName), ["div", "div"]);
  assert.deepEqual(panel.options.map(({ dataset }) => [dataset.own, dataset.right]), [["1", "0"], ["0", "1"]]);
  panel.answer(1);
  assert.equal(said.length, 2);
  panel.set(null);
  assert.equal(panel.element.hidden, true);
});

test("an answer that could not be sent is not marked", () => {
  const { panel } = setUp("follow");
  panel.room.say = () => false;
  panel.set(asks());
  panel.options[1].onclick();
  assert.deepEqual(pressed(panel), ["false", "false"]);
});

test("who leads sees the answers, reveals them, and answers nothing", () => {
  const { panel, said } = setUp("lead");
  panel.set(asks({ lesson: true, results: { count: 4, counts: [1, 3] } }));
  assert.equal(panel.element.all("button").length, 2);
  assert.match(panel.said.textContent, /Answers so far: 4/);
  assert.deepEqual(panel.element.all("b").map(({ textContent }) => textContent), ["1", "3"]);
  const [reveal, dismiss] = panel.element.all("button");
  reveal.onclick();
  dismiss.onclick();
  assert.deepEqual(said, [{ reveal: true }, { do: "dismiss" }]);
  panel.set(asks({ lesson: true, revealed: true, results: { count: 4, counts: [1, 3] } }));
  assert.match(panel.said.textContent, /the network trains/);
});

test("what a lecturer writes is text and nothing else", () => {
  const { panel } = setUp("follow");
  const text = "<img src=x onerror=alert(1)> **x** $y$";
  panel.set(asks({ text, options: [text, "B"] }));
  assert.equal(panel.element.all("h3")[0].textContent, text);
  assert.equal(panel.options[0].all("span")[0].textContent, text);
  assert.equal(panel.element.all("img").length, 0);
});

test("curves: the band, the median, one's own and what the run shows stand at their places", () => {
  const results = { count: 2, curves: [[0, 0.5, 1], [0.5, 0.5, 0.5]], band: [[0.1, 0.5, 0.6], [0.25, 0.5, 0.75], [0.4, 0.5, 0.9]] };
  const chart = picture({ axes: AXES, results, own: [1, 1, 1], right: [0, null, 1] }, t);
  const named = (name) => [...chart.all("polyline"), ...chart.all("polygon")].filter(({ attributes }) => attributes.class === name).map(({ attributes }) => attributes.points);
  assert.equal(named("one").length, 2);
  assert.deepEqual(named("median"), ["66.0,162.0 305.0,112.0 544.0,62.0"]);
  assert.deepEqual(named("own"), ["66.0,12.0 305.0,12.0 544.0,12.0"]);
  assert.deepEqual(named("right"), ["66.0,212.0 544.0,12.0"], "a value that is no number leaves its place out");
  assert.equal(named("band")[0].split(" ").length, 6);
  assert.equal(chart.attributes["aria-label"], "2 drawn answers: std, by layer");
});

test("without an answer there is no band", () => {
  const chart = picture({ axes: AXES, results: { count: 0, curves: [], band: [] }, own: null, right: null }, t);
  assert.equal(chart.all("polyline").length + chart.all("polygon").length, 0);
});
