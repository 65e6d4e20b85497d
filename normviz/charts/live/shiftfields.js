// The fields of covariate shift, by name: what is measured on the fixed batch, and what takes extra passes.

export const TYPICAL = "typical_pct";
export const DRIFTS = ["pre_drift_start", "act_drift_start", "unit_drift_start", "pre_drift_recent", "act_drift_recent", TYPICAL];
export const SHIFTS = ["grad_shift", "grad_cosine", "loss_range", "gradient_change", "effective_beta"];

/** Is this field one of them? */
export const isShift = (name) => DRIFTS.includes(name) || SHIFTS.includes(name);

/** What a schema has of them: [[name, label]]. */
export function shiftFields(schema) {
  const labels = new Map(schema.fields.map(({ name, label }) => [name, label]));
  return [...DRIFTS, ...SHIFTS].filter((name) => labels.has(name)).map((name) => [name, labels.get(name)]);
}
