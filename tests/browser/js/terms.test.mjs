import assert from "node:assert/strict";
import { test } from "node:test";
import { settings, translate } from "../../../normviz/charts/live/terms.js";
import { withChinese } from "../../../normviz/charts/live/theme.js";
import { makeWords } from "../../../normviz/charts/live/words.js";

const TERMS = {
  "{field}: {value}": "{field}：{value}", "from step {step} {change}": "第 {step} 步起 {change}", ", ": "，",
  "Normalization": "归一化", "Batch": "批", "Learning rate": "学习率", "MNIST digits, 28 x 28": "MNIST 数字，28 x 28", "Data set": "数据集",
  "Drift of the activation in {n} steps": "{n} 步内的漂移", "nats": "纳特", "ReLU output is 0": "ReLU 输出为 0",
};
const t = makeWords({}, TERMS);

test("a lane's title is taken apart, and a value may have a comma", () => {
  assert.equal(settings(t, "Data set: MNIST digits, 28 x 28, from step 300 Learning rate: 0.5"), "数据集：MNIST 数字，28 x 28，第 300 步起 学习率：0.5");
  assert.equal(settings(t, "Normalization: Batch", true), "批");
  assert.equal(settings(t, "from step 300 Normalization: Batch", true), "第 300 步起 批");
  assert.equal(settings(t, ""), "");
});

test("without a language a title stays as it is", () => {
  const english = makeWords();
  assert.equal(settings(english, "Normalization: Batch, Seed: 1"), "Normalization: Batch, Seed: 1");
  assert.equal(settings(english, "Normalization: Batch, Seed: 1", true), "Batch, 1");
});

test("a term with a number is that of the text around it; an unknown one stays", () => {
  assert.equal(t.term("Drift of the activation in 25 steps"), "25 步内的漂移");
  assert.equal(t.term("toString"), "toString");
  assert.equal(t.term("Layer 3"), "Layer 3");
});

test("a schema is put into the language of the page", () => {
  const schema = translate({
    lanes: [{ title: "Normalization: Batch", saturation: "ReLU output is 0", activation: "ReLU" }],
    fields: [{ label: "Loss, minibatch", unit: "nats" }], flags: [{ text: "Learning rate: 0.1" }],
  }, t);
  assert.deepEqual(schema.lanes[0], { title: "归一化：批", short: "批", saturation: "ReLU 输出为 0", activation: "ReLU" });
  assert.deepEqual(schema.fields[0], { label: "Loss, minibatch", unit: "纳特" });
  assert.equal(schema.flags[0].text, "学习率：0.1");
});

test("fonts of a language stand before the one for any", () => {
  assert.match(withChinese('"Source Sans", sans-serif', "zh-TW"), /^"Source Sans", "PingFang TC", .*"Noto Sans TC", sans-serif$/);
  assert.equal(withChinese('"Source Sans", sans-serif', "en"), '"Source Sans", sans-serif');
});
