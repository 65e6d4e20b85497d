import assert from "node:assert/strict";
import { test } from "node:test";
import { logFields } from "../../../normviz/charts/live/gradients.js";
import { isShift, shiftFields } from "../../../normviz/charts/live/shiftfields.js";

const field = (name, axes, log = true, lane = 0) => ({ name, axes, log, lane, label: `the ${name}` });
const schema = {
  fields: [
    field("dw_spectral", ["weights"]), field("dw_frobenius", ["weights"]),
    field("pre_drift_start", ["layer"]), field("grad_shift", ["weights"]), field("typical_pct", ["layer", "percentile"], false),
    field("pre_drift_start", ["layer"], true, 1), field("effective_beta", [], false),
  ],
};

test("covariate shift has a card of its own, and the gradients' card has the rest", () => {
  assert.deepEqual(logFields(schema).map(([name]) => name), ["dw_spectral", "dw_frobenius"]);
  assert.deepEqual(shiftFields(schema), [
    ["pre_drift_start", "the pre_drift_start"], ["typical_pct", "the typical_pct"],
    ["grad_shift", "the grad_shift"], ["effective_beta", "the effective_beta"],
  ]);
  assert.deepEqual(shiftFields({ fields: [] }), []);
  assert.ok(!isShift("dw_spectral"));
});
