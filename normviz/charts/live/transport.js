// The bar: Train/Pause, step, ten steps, reset, speed, the time slider, and the numbers.
import { element, fillSelect, say } from "./card.js";
import { rate } from "./format.js";
import { nearestByStep } from "./scale.js";

const SPEEDS = { training: [0, 30, 10, 1], replay: [0.25, 1, 4, 16] };
const ARROWS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };

export class Transport {
  /** `held()` tells whether another page says which step is shown. */
  constructor(parent, { t, player, store, change, held = () => false }) {
    Object.assign(this, { t, player, store, held });
    this.element = element("div", "transport");
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", t("name.transport"));
    this.train = this.button("train primary", t("button.train"), null, () => player.toggle());
    this.step = this.button("step", t("button.step"), t("button.step.name"), () => player.step(1));
    this.ten = this.button("ten", t("button.ten"), t("button.ten.name"), () => player.step(10));
    this.again = this.button("reset", t("button.reset"), null, () => player.restart());
    this.addSpeed();
    this.addSlider();
    this.live = this.button("live", t("button.live"), t("button.live.name"), () => player.follow());
    this.change = this.button("change", t("button.change"), t("button.change.name"), () => {
      if (player.playing) player.toggle();
      change(player.shown.step);
    });
    parent.append(this.element);
  }

  button(name, text, label, pressed) {
    const button = element("button", `button ${name}`, text);
    button.type = "button";
    if (label) {
      button.setAttribute("aria-label", label);
      button.title = label;
    }
    button.onclick = pressed;
    this.element.append(button);
    return button;
  }

  addSpeed() {
    const { player } = this;
    this.speed = element("select", "select speed");
    this.speed.onchange = () => {
      if (this.speeds === "replay") player.setReplaySpeed(Number(this.speed.value));
      else player.setSpeed(Number(this.speed.value));
    };
    this.element.append(this.speed);
    this.updateSpeed();
  }

  /** The speeds of what plays: of training, or of the record. */
  updateSpeed() {
    const { t, player } = this;
    const speeds = player.replays ? "replay" : "training";
    if (this.speeds === speeds) return;
    this.speeds = speeds;
    this.speed.setAttribute("aria-label", t(`name.speed.${speeds}`));
    fillSelect(this.speed, SPEEDS[speeds].map((value) => [String(value), t(`speed.${speeds}.${value}`)]));
    this.speed.value = String(speeds === "replay" ? player.replaySpeed : player.speed);
  }

  addSlider() {
    const { t, player, store } = this;
    const box = element("div", "time");
    this.slider = element("input", "slider");
    Object.assign(this.slider, { type: "range", min: "0", max: "1", step: "1", value: "0" });
    this.slider.setAttribute("aria-label", t("name.slider"));
    this.slider.oninput = () => {
      const { frames } = store;
      player.show(frames[nearestByStep(frames, Number(this.slider.value))]);
    };
    this.slider.onkeydown = (event) => {
      const direction = ARROWS[event.key];
      if (!direction || !player.shown) return;
      event.preventDefault();
      player.show(store.beside(player.shown, direction) ?? player.shown);
    };
    this.hint = element("span", "hint");
    this.numbers = element("div", "numbers"); // below the slider, which so keeps its room
    box.append(this.slider, this.hint, this.numbers);
    this.element.append(box);
  }

  /** Brings the bar up to date; cheap, called at most once a painted frame. */
  update(usable) {
    const { t, player, store } = this;
    const { state, shown } = player;
    const playing = player.playing;
    say(this.train, t(playing ? "button.pause" : player.replays ? "button.replay" : "button.train"));
    this.element.dataset.playing = playing ? "1" : "0";
    for (const button of [this.train, this.step, this.ten, this.again]) set(button, "disabled", !usable);
    set(this.live, "disabled", !store.newest);
    set(this.change, "disabled", !shown || !usable);
    const inviting = player.invited && Boolean(state.status) && Boolean(shown) && usable;
    this.element.dataset.inviting = inviting ? "1" : "0";
    const hint = player.over ? "hint.record" : store.newest !== shown || state.status === "running" ? "hint.joined" : "hint.ready";
    say(this.hint, inviting ? t(hint) : "");
    const pressed = String(player.following && !player.over);
    if (this.live.getAttribute("aria-pressed") !== pressed) this.live.setAttribute("aria-pressed", pressed);
    this.updateSpeed();
    this.updateSlider();
    this.updateNumbers();
  }

  updateSlider() {
    const { store, slider } = this;
    const { shown } = this.player;
    const first = store.frames[0]?.step ?? 0;
    const last = store.newest?.step ?? 1;
    const max = String(Math.max(last, first + 1));
    if (slider.min !== String(first)) slider.min = String(first);
    if (slider.max !== max) slider.max = max;
    const value = String(shown?.step ?? first);
    if (slider.value !== value) slider.value = value;
    set(slider, "disabled", store.frames.length < 2 || this.held());
    if (this.said !== value) {
      this.said = value;
      slider.setAttribute("aria-valuetext", this.t("name.slider.value", { step: Number(value) }));
      const share = (Number(value) - first) / Math.max(1, last - first);
      slider.style.setProperty("--share", `${(share * 100).toFixed(1)}%`);
    }
  }

  updateNumbers() {
    const { t, player, store } = this;
    const { state, shown } = player;
    if (!shown) return say(this.numbers, "");
    const parts = [t("bar.step", { step: shown.step })];
    if (state.steps) parts[0] += ` ${t("bar.of", { steps: state.steps })}`;
    if (store.newest.seq > shown.seq && !player.following) parts.push(t("bar.live", { step: store.newest.step }));
    else if (state.status === "running") parts.push(t("bar.rate", { rate: rate(state.rate) }));
    parts.push(t("bar.device", { device: devices(shown.schema).join(", ") }));
    say(this.numbers, parts.join(" · "));
    set(this.numbers, "title", parts.at(-1)); // a GPU's name may be cut off
  }
}

/** What the lanes train on, each once. */
export function devices(schema) {
  return [...new Set(schema.lanes.map((lane) => lane.device))];
}

function set(node, property, value) {
  if (node[property] !== value) node[property] = value;
}
