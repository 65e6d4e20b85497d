import assert from "node:assert/strict";
import { test } from "node:test";
import { findings, sentence } from "../../../normviz/charts/live/diagnosis.js";
import { makeWords } from "../../../normviz/charts/live/words.js";

const t = makeWords({});
const schema = { lanes: [{ name: "A", layers: 4 }, { name: "B", layers: 2 }] };
const vanishing = { lane: 0, rule: "why.vanishing", values: { first: 1, last: 3, value: 2e-6, threshold: 0.01, step: 0 } };
const died = { lane: 1, step: 3, layer: 3, reason: "logits_overflow", value: "nan" };

test("findings are the notes that say why, lane by lane", () => {
  const healthy = { lane: 0, rule: "healthy", values: { factor: 2 } };
  const dead = { lane: 1, rule: "why.dead", values: {} };
  assert.deepEqual(findings({ notes: [healthy, dead, vanishing] }, null, true), [vanishing, dead]);
  assert.deepEqual(findings({ notes: [healthy] }, null, true), []);
  assert.deepEqual(findings(null, null, true), []);
});

test("what ended the run comes first in its lane, once, and behind the newest frame only", () => {
  const notice = { rule: "loss_not_finite", values: died };
  const frame = { notes: [{ lane: 1, rule: "why.rate", values: {} }, vanishing] };
  assert.deepEqual(findings(frame, notice, true).map(({ rule }) => rule), ["why.vanishing", "why.diverged", "why.rate"]);
  assert.deepEqual(findings(frame, notice, false).map(({ rule }) => rule), ["why.vanishing", "why.rate"]);
  const told = { notes: [{ lane: 1, rule: "why.diverged", values: died }] };
  assert.equal(findings(told, notice, true).length, 1);
  assert.equal(findings({ notes: [] }, { rule: "run_error", values: {} }, true).length, 0);
});

test("a sentence has the layers, the value and the threshold", () => {
  assert.equal(sentence(t, vanishing, schema), "Layers 1-3: vanishing gradients. Layer 1 gets 2·10⁻⁶ of the last hidden layer's (threshold 0.01).");
  const dead = { lane: 1, rule: "why.dead", values: { first: 2, last: 2, value: 0.95, threshold: 0.65, step: 4 } };
  assert.equal(sentence(t, dead, schema), "Layer 2: dead units, up to 95 % of a layer (threshold 65 %).");
  const gone = { lane: 1, rule: "why.diverged", values: died };
  assert.equal(sentence(t, gone, schema), "It diverged: after step 3 the loss is NaN. First layer that is not finite: out (an output is no longer a finite number, its weights still are).");
});
