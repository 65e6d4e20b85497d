import assert from "node:assert/strict";
import { test } from "node:test";
import { noticeText } from "../../../normviz/charts/live/notices.js";
import { makeWords, sentences } from "../../../normviz/charts/live/words.js";

test("a division by zero is named with its layer and its cause", () => {
  const t = makeWords({});
  const values = { lane: 0, step: 3, layer: 2, reason: "normalized_by_zero", value: "nan" };
  const text = noticeText(t, { status: "diverged", step: 3, notice: { rule: "loss_not_finite", values } }, { lanes: [{ layers: 4 }] });
  assert.match(text, /^Step 3: the loss became NaN\. First non-finite layer: 2\. Rule: its normalization divided by 0: epsilon is 0/);
});

test("what happens at the edges is said of the layers it happens in", () => {
  const t = makeWords({});
  const notes = [
    { lane: 0, rule: "one_example", values: { first: 1, last: 10 } },
    { lane: 0, rule: "constant", values: { first: 2, last: 2 } },
    { lane: 0, rule: "empty_class", values: { missing: 1, classes: 10 } },
  ];
  assert.deepEqual(sentences(t, notes, 0), [
    "Layers 1-10: the variance of one example is 0, so the normalization gives beta, whatever comes in.",
    "Layer 2: every unit has the same pre-activation for every example.",
    "1 of 10 classes have no training example: they cannot be learned.",
  ]);
});
