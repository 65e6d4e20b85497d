// What is shown and what is asked for: following the newest frame, holding one, or replaying the record.
import { nearestByStep } from "./scale.js";

/** Milliseconds between two recorded frames at replay speed 1, and the longest stretch that is caught up with. */
const REPLAY_MS = 33;
const LONGEST_MS = 250;
const OVER = new Set(["finished", "ended", "diverged", "failed"]);
/** It trains, or will as soon as it is its turn. */
const ON_THE_WAY = new Set(["running", "queued"]);

/** Remembers in this tab which configuration was playing, so that a reload goes on. */
export const memory = {
  key: "normviz.playing",
  get() {
    try {
      return sessionStorage.getItem(this.key);
    } catch {
      return null;
    }
  },
  set(text) {
    try {
      if (text === null) sessionStorage.removeItem(this.key);
      else sessionStorage.setItem(this.key, text);
    } catch {
      // storage may be forbidden; then a reload simply does not go on
    }
  },
};

export class Player {
  /** `send(message)` -> sent?; `changed()` after anything that concerns the screen. */
  constructor(store, send, changed, remember = memory) {
    Object.assign(this, { store, send, changed, remember });
    this.speed = 0;
    this.replaySpeed = 1;
    this.configText = "";
    this.wantsPlay = false; // send play as soon as the run is open
    this.reset();
  }

  reset() {
    this.shown = null;
    this.following = false;
    this.replaying = false;
    this.scrubbed = false; // a person went to the shown frame
    this.invited = true;
    this.how = null;
    this.at = null; // what to show once the record has come
    this.pressedEarly = false;
    this.state = { status: "", step: 0, steps: 0, rate: 0, watchers: 0, notice: null };
  }

  get status() {
    return this.state.status;
  }

  /** Does the run train, or wait for its turn to? */
  get underWay() {
    return ON_THE_WAY.has(this.status);
  }

  get over() {
    return OVER.has(this.status);
  }

  /** Does something move on the screen because of this viewer? */
  get playing() {
    return this.replaying || (this.following && (this.underWay || this.asked === true));
  }

  /** Was this configuration asked to train in this tab, and not to pause since? */
  get trained() {
    return this.remember.get() === this.configText;
  }

  /** Has a person gone back to a frame that is not the newest? */
  get back() {
    return this.scrubbed && !this.following && Boolean(this.shown) && this.shown.seq < (this.store.newest?.seq ?? 0);
  }

  /** Is it the record that plays, or would play, and not the training? */
  get replays() {
    return this.replaying || this.back || (this.over && !this.invited && this.store.frames.length > 1);
  }

  /** The run is open: `how` is new, joined or resumed; `same` tells whether it is the one that was open before. */
  opened(how, same = false) {
    if (how === "resumed") {
      // the server does not know what this connection asked for before
      if (this.wantsPlay || ((this.following || this.trained) && this.underWay)) this.askPlay();
      return;
    }
    const wanted = this.wantsPlay;
    const again = how === "joined" && this.trained;
    const at = same && !this.invited && this.shown ? { step: this.shown.step, scrubbed: this.scrubbed } : null;
    const held = Boolean(at) && !this.following; // who looks at an earlier step stays there, and the run goes on
    this.reset();
    this.how = how;
    this.at = at;
    this.following = wanted || (again && !held);
    this.invited = !this.following && !at;
    this.asked = false;
    this.wantsPlay = false;
    if (again || wanted) this.askPlay();
    this.changed();
  }

  askPlay() {
    this.remember.set(this.configText);
    this.asked = this.send({ do: "play", speed: this.speed });
    this.wantsPlay = !this.asked;
  }

  setState(state) {
    this.state = state;
    this.asked = false;
    if (ON_THE_WAY.has(state.status)) this.wantsPlay = false;
    if (this.pressedEarly && this.over) this.startReplay();
    this.pressedEarly = false;
    this.changed();
  }

  /** The server has refused what was asked for. */
  refused() {
    this.asked = false;
    this.wantsPlay = false;
    this.changed();
  }

  /** A frame came in; `newest` tells whether it is the newest of the run. */
  received(newest) {
    if (this.following && newest) this.shown = this.store.newest;
    else if (!this.shown) this.shown = this.store.frames[0] ?? null;
  }

  /** All recorded frames have come. */
  historyDone() {
    const { frames, newest } = this.store;
    if (this.following) this.shown = newest;
    else if (this.at && newest) {
      this.shown = frames[nearestByStep(frames, this.at.step)];
      this.scrubbed = this.at.scrubbed;
    } else if (this.invited && frames.length) this.shown = frames[0];
    this.at = null;
    this.changed();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    this.invited = false;
    if (this.over || this.back) this.startReplay();
    else {
      this.pressedEarly = this.status === ""; // whether there is anything to train is not known yet
      this.follow();
      this.askPlay();
    }
    this.changed();
  }

  pause() {
    const replaying = this.replaying;
    this.scrubbed = replaying;
    this.hold();
    this.remember.set(null);
    this.wantsPlay = false;
    if (!replaying && !this.over) this.send({ do: "pause" });
    this.asked = false;
    this.changed();
  }

  hold() {
    this.following = false;
    this.replaying = false;
  }

  /** Shows the newest frame and every one that comes. */
  follow() {
    this.invited = false;
    this.replaying = false;
    this.following = true;
    if (this.store.newest) this.shown = this.store.newest;
    this.changed();
  }

  show(frame) {
    if (!frame) return;
    this.invited = false;
    this.hold();
    this.scrubbed = true;
    this.shown = frame;
    this.changed();
  }

  /** Goes to the recorded frame before (-1) or after (1) the shown one, if there is one. */
  beside(direction) {
    if (this.shown) this.show(this.store.beside(this.shown, direction));
  }

  first() {
    this.show(this.store.frames[0]);
  }

  startReplay() {
    const { frames, newest } = this.store;
    if (frames.length < 2) return this.follow();
    this.following = false;
    this.replaying = true;
    if (!this.shown || this.shown === newest) this.shown = frames[0];
    this.replayAt = null;
  }

  /** Called once an animation frame while replaying. */
  tick(now) {
    if (!this.replaying) return;
    this.replayAt ??= now;
    const interval = REPLAY_MS / this.replaySpeed;
    const due = Math.floor((Math.min(now - this.replayAt, LONGEST_MS) + 4) / interval);
    if (due < 1) return;
    this.replayAt = Math.max(this.replayAt + due * interval, now - interval);
    const next = this.store.ahead(this.shown, due);
    if (next) this.shown = next;
    else this.replayed();
    this.changed();
  }

  /** The record is at its end: of a run that still trains, the newest frames follow. */
  replayed() {
    this.hold();
    this.scrubbed = false;
    if (this.status === "running") this.following = true;
  }

  /** n steps on: through the record while something newer is recorded, else by training. */
  step(n) {
    const { newest } = this.store;
    this.invited = false;
    if (this.shown && newest && this.shown.seq < newest.seq) {
      const target = this.shown.step + n;
      let frame = this.store.beside(this.shown, 1);
      while (n > 1 && frame && frame.step < target && frame !== newest) frame = this.store.beside(frame, 1);
      return this.show(frame);
    }
    if (this.over) return;
    if (this.underWay) this.send({ do: "pause" });
    this.remember.set(null);
    this.follow();
    this.send({ do: "step", n });
  }

  restart() {
    this.remember.set(null);
    this.wantsPlay = false;
    this.hold();
    this.send({ do: "reset" });
    this.changed();
  }

  /** Runs the same again after a failure. */
  again() {
    this.wantsPlay = true;
    this.follow();
    this.send({ do: "again" });
  }

  /** 1 is thirty recorded frames a second; what the screen has no time for is skipped. */
  setReplaySpeed(speed) {
    this.replaySpeed = speed;
  }

  setSpeed(speed) {
    this.speed = speed;
    if (this.following && this.status === "running") this.send({ do: "play", speed });
  }
}
