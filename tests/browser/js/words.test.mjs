import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { number, percent, power, rate, tick } from "../../../normviz/charts/live/format.js";
import { shortTitle } from "../../../normviz/charts/live/terms.js";
import { WORDS, fill, makeWords, sentences } from "../../../normviz/charts/live/words.js";

const live = new URL("../../../normviz/charts/live/", import.meta.url);

test("numbers are written for reading", () => {
  assert.equal(number(0.000012345), "1.23·10⁻⁵");
  assert.equal(number(1e-6), "10⁻⁶");
  assert.equal(number(0.5), "0.5");
  assert.equal(number(-0.0123456), "−0.0123");
  assert.equal(number(9.999e-7, 2), "10⁻⁶");
  assert.equal(number(NaN), "NaN");
  assert.equal(number(-Infinity), "−∞");
  assert.equal(percent(0.1135), "11.4 %");
  assert.equal(percent(0.0001), "<0.1 %");
  assert.equal(percent(0), "0 %");
  assert.equal(percent(1), "100 %");
  assert.equal(power(-12), "10⁻¹²");
  assert.equal(tick(0.30000000000000004, 0.1), "0.3");
  assert.equal(rate(118.4), "118");
});

test("templates are filled, by the placeholder's name", () => {
  const t = makeWords({});
  assert.equal(t("says.vanishing", { first: 1, last: 9, ratio: 1.4e-5 }), "Layers 1-9: 1.4·10⁻⁵ of the last hidden layer's gradient reaches layer 1.");
  assert.equal(t("says.chance", { accuracy: 0.1135 }), "It does not learn: held-out accuracy 11.4 % is at chance.");
  assert.equal(t("bar.step", { step: 1234 }), "step 1,234");
  assert.equal(fill("{missing} and {constructor}", {}), "– and –");
});

test("words can be overridden, by text only", () => {
  const t = makeWords({ "button.train": "Trainieren", "button.pause": 5 });
  assert.equal(t("button.train"), "Trainieren");
  assert.equal(t("button.pause"), "Pause");
  assert.equal(t.has("constructor"), false);
});

test("notes become sentences of their lane; unknown rules say nothing", () => {
  const t = makeWords({});
  const notes = [
    { lane: 1, rule: "learning", values: { accuracy: 0.9 } },
    { lane: 0, rule: "from_the_future", values: {} },
    { lane: 0, rule: "untrained", values: {} },
  ];
  assert.deepEqual(sentences(t, notes, 0), [WORDS["says.untrained"]]);
  assert.deepEqual(sentences(t, notes, 1), ["It learns: held-out accuracy 90 %."]);
});

test("every key that the code asks for exists", () => {
  for (const name of readdirSync(live).filter((file) => file.endsWith(".js"))) {
    const source = readFileSync(new URL(name, live), "utf8");
    for (const [, key] of source.matchAll(/\bt\("([a-z0-9_.]+)"/g)) assert.ok(WORDS[key] !== undefined, `${name}: ${key}`);
  }
});

test("nothing writes markup", () => {
  for (const name of readdirSync(live).filter((file) => file.endsWith(".js"))) {
    assert.doesNotMatch(readFileSync(new URL(name, live), "utf8"), /innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function/, name);
  }
});

test("one layer is no range, and a recurrent network's layers are time steps", () => {
  const t = makeWords();
  const values = { first: 3, last: 3, share: 0.5 };
  assert.equal(t("says.saturated", values), "Layer 3: 50 % of the activations are saturated.");
  t.model = "rnn";
  assert.equal(t("says.saturated", values), "Time step 3: 50 % of the activations are saturated.");
  assert.equal(t("says.saturated", { ...values, last: 5 }), "Time steps 3-5: 50 % of the activations are saturated.");
  assert.equal(t("layer.name", { layer: 2 }), "Time step 2");
  assert.equal(t("layer.output"), "Output layer");
});

test("a lane's title without the names of its controls", () => {
  assert.equal(shortTitle("Normalization: Batch, Seed: 1"), "Batch, 1");
  assert.equal(shortTitle("from step 120 Learning rate: 0.1"), "from step 120 0.1");
  assert.equal(shortTitle(""), "");
});
