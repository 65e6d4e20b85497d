// Every visible word. The Python side may override any entry by key, for another language.
import { integer, number, percent } from "./format.js";

export const WORDS = {
  "says.untrained": "Untrained network: the first minibatch has passed through, no step has been taken.",
  "says.vanishing": "Layers {first}-{last}: {ratio} of the last hidden layer's gradient reaches layer {first}.",
  "says.exploding": "The gradient grows from the last hidden layer to layer {layer} {ratio} times.",
  "says.overshoot": "The signal explodes: pre-activations of layer {layer} have a standard deviation of {std}, the loss is {loss}.",
  "says.saturated": "Layers {first}-{last}: {share} of the activations are saturated.",
  "says.dead": "Layers {first}-{last}: {share} of the units are dead on this minibatch.",
  "says.half": "Sigmoid outputs of layer {layer} are within {distance} of {centre}.",
  "says.collapsed": "Activations shrink with depth: layer {layer} has a standard deviation of {std}.",
  "says.chance": "It does not learn: held-out accuracy {accuracy} is at chance.",
  "says.learning": "It learns: held-out accuracy {accuracy}.",
  "says.lagging": "Held-out accuracy lags because the running averages lag: {running} with them, {batch} with batch statistics.",
  "says.healthy": "All layers: gradients within a factor of {factor} of each other.",

  "notice.loss_not_finite": "Step {step}: the loss became {value}. First non-finite layer: {layer}. Rule: {reason}",
  "notice.worker_died": "The training process ended unexpectedly at step {step}. The frames so far are kept. Run again replays the same run.",
  "notice.run_error": "The run stopped with an error at step {step}: {error}",
  "notice.diverged": "The run diverged at step {step}. The last good frame stays on the screen.",
  "notice.failed": "The run ended unexpectedly at step {step}. The frames so far are kept.",
  "notice.ended": "Nobody watched this run for a while, so it was stopped at step {step}. Its record is kept.",
  "notice.title.diverged": "Diverged",
  "notice.title.failed": "Stopped",
  "notice.title.ended": "Ended",
  "notice.title.error": "Problem",
  "reason.weights_not_finite": "the weights are no longer finite numbers",
  "reason.pre-activation_overflow": "a pre-activation is no longer a finite number, its weights still are",
  "reason.logits_overflow": "an output is no longer a finite number, its weights still are",
  "reason.loss_overflow": "the outputs are finite, their loss is not",
  "error.config": "{text}",
  "error.message": "{text}",
  "error.busy": "{text}",
  "error.other": "The server did not accept this: {rule}",
  "error.frame": "The data from the server cannot be read ({reason}). Reload the page; if that does not help, server and page have different versions.",
  "connection.connecting": "Connecting…",
  "connection.lost": "Connection lost, reconnecting…",
  "connection.refused": "The server refused the connection: this page does not come from an address it allows.",

  "name.view": "Live view of the network",
  "name.transport": "Playback",
  "name.slider": "Recorded step",
  "name.slider.value": "step {step}",
  "name.speed": "Training speed",
  "button.train": "Train",
  "button.pause": "Pause",
  "button.replay": "Replay",
  "button.step": "Step",
  "button.step.name": "One step",
  "button.ten": "+10",
  "button.ten.name": "Ten steps",
  "button.reset": "Reset",
  "button.live": "Live",
  "button.live.name": "Follow the newest step",
  "button.again": "Run again",
  "button.close": "Close this message",
  "speed.full": "full speed",
  "speed.some": "{rate} steps/s",
  "speed.one": "1 step/s",
  "hint.ready": "Press Train: the network starts to learn and every chart moves",
  "hint.joined": "Press Train: this run is already under way, you join it",
  "hint.record": "Press Train: this run is recorded, watch it from the start",
  "bar.step": "step {step}",
  "bar.of": "of {steps}",
  "bar.rate": "{rate} steps/s",
  "bar.live": "now at {step}",

  "axis.step": "step (minibatches)",
  "axis.step.short": "step",
  "axis.layer": "layer (number)",
  "axis.layer.short": "layer",
  "axis.weights": "weights into layer (number)",
  "axis.weights.short": "into layer",
  "axis.value": "{label} ({unit})",
  "axis.log10": "|{label}| ({unit}, log scale)",
  "axis.log10.short": "|{label}| ({unit})",
  "layer.out": "out",
  "layer.name": "Layer {layer}",
  "layer.output": "Output layer",
  "lane.diverged": "{lane} (diverged)",
  "lane.layer": "{lane} · {layer}",

  "show.pre": "pre-activation",
  "show.act": "activation",
  "show.grad": "gradient",
  "long.pre": "Pre-activation",
  "long.act": "Activation",
  "long.grad": "Gradient of the loss by pre-activation",
  "unit.pre": "value",
  "unit.act": "value",
  "unit.grad": "loss per unit of z",
  "tab.now": "Now",
  "tab.over": "Over steps",
  "panel.now": "now, by layer: {what} ({unit})",
  "panel.now.short": "now: {what} ({unit})",
  "panel.now.unit": "now ({unit})",
  "panel.over": "over steps: {what} ({unit})",
  "panel.over.short": "{what} ({unit})",
  "panel.over.unit": "over steps ({unit})",
  "panel.lane": "{lane}, {panel}",

  "ridge.title": "Histogram of every layer",
  "ridge.select": "Shown quantity",
  "ridge.note": "base line: 15 to 85 %, tick: median, diamond: mean; at the right: share in the fullest bin",
  "ridge.note.grad": "diamond: standard deviation; left edge: smaller ones and zeros; at the right: share in the fullest bin",
  "tip.mean": "mean",
  "tip.std": "standard deviation",
  "tip.median": "median",
  "tip.middle": "15 to 85 %",
  "tip.bin": "bin {from} … {to}",
  "tip.below": "below {lo}",
  "tip.above": "above {hi}",
  "tip.step": "step {step}",

  "moments.title": "Mean ± standard deviation",
  "moments.select": "Shown over steps",
  "moments.mean": "mean",
  "moments.std": "standard deviation",
  "moments.both": "mean ± std",
  "gradients.title": "Gradient by layer",
  "gradients.select": "Shown norm",
  "saturation.title": "Saturated share",
  "saturation.lane": "{lane}: {definition}",
  "saturation.tip": "saturated",
  "saturation.dead": "dead units",
  "learning.title": "Loss and accuracy",
  "learning.loss": "loss ({unit})",
  "learning.accuracy": "accuracy (share right)",
  "learning.train": "train",
  "learning.heldout": "held-out",
  "learning.batch": "held-out, batch statistics",
};

// How a placeholder's number is written, by its name; others get three significant digits.
const WRITTEN = {
  share: percent, accuracy: percent, running: percent, batch: percent,
  step: integer, steps: integer, first: integer, last: integer, layer: integer, lane: integer,
  ratio: (value) => number(value, 2), factor: (value) => number(value, 2), distance: (value) => number(value, 2),
};

/** One placeholder's value as text. */
export function written(name, value) {
  if (typeof value === "number") return (WRITTEN[name] ?? number)(value);
  return value === null || value === undefined ? "–" : String(value);
}

/** The template with its {placeholders} filled. */
export function fill(template, values) {
  return template.replace(/\{([a-z_]+)\}/g, (_, name) =>
    values && Object.hasOwn(values, name) ? written(name, values[name]) : "–");
}

/** Makes t(key, values); t.has(key) tells whether a template exists. */
export function makeWords(overrides) {
  const table = Object.assign(Object.create(null), WORDS);
  for (const [key, text] of Object.entries(overrides ?? {})) if (typeof text === "string") table[key] = text;
  const t = (key, values) => (table[key] === undefined ? key : fill(table[key], values));
  t.has = (key) => table[key] !== undefined;
  return t;
}

/** The sentences of one lane's notes; notes of unknown rules say nothing. */
export function sentences(t, notes, lane) {
  const said = [];
  for (const note of notes) {
    if ((note.lane ?? 0) !== lane) continue;
    const key = `says.${note.rule}`;
    if (t.has(key)) said.push(t(key, note.values));
  }
  return said;
}
