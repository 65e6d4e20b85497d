// When to paint: in animation frames, only what changed, the over-steps charts a few times a second.

const OVER_EVERY = 200; // ms between two rounds of the over-steps charts
const LEAST = 15; // ms between two painted frames
const REST = 1.5; // times what the last one took: a slow machine paints fewer and has time to answer
const APART = 200; // ms to the next over-steps chart while frames come, unless one is painted before

export class Painter {
  /** `view` has player, store, scene, charts, paintable, afterPaint(newFrame, now). */
  constructor(view) {
    this.view = view;
    this.painted = null;
    this.overVersion = -1;
    this.overAt = 0;
    this.cost = 0;
    this.queue = [];
    this.full = false;
    this.asked = 0;
    this.timer = null;
    this.onVisible = () => !document.hidden && this.all();
    document.addEventListener("visibilitychange", this.onVisible);
  }

  /** Everything is to be painted anew. */
  all() {
    this.full = true;
    this.request();
  }

  request() {
    if (this.asked || document.hidden || this.closed) return;
    this.asked = requestAnimationFrame((now) => {
      this.asked = 0;
      this.frame(now);
    });
  }

  /** Asks for an animation frame after a while at the latest, for what still waits for its turn. */
  later(delay) {
    const at = performance.now() + delay;
    if (this.timer !== null && this.timerAt <= at) return;
    clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.request();
    }, delay);
  }

  frame(now) {
    const { view } = this;
    const { player, store } = view;
    player.tick(now);
    if (view.paintable && player.shown) {
      const fresh = player.shown !== this.painted;
      if (this.full) this.paintAll(now);
      else {
        const left = Math.max(LEAST, REST * this.cost) - (now - (this.paintedAt ?? 0));
        if (fresh && left > 0) return this.wait(left, now);
        const began = performance.now();
        if (fresh) this.paintShown(now);
        this.paintOver(now);
        if (fresh) this.cost = performance.now() - began;
      }
      view.afterPaint(fresh, now);
    } else view.afterPaint(false, now);
    const comes = player.following && player.status === "running";
    if (player.replaying || (this.queue.length && !comes)) this.request();
    else if (this.queue.length) this.later(APART);
    else if (this.overVersion !== store.version) this.later(Math.max(10, OVER_EVERY - (now - this.overAt)));
  }

  /** Too early for the next frame; what a person has just asked for is answered. */
  wait(left, now) {
    if (left <= LEAST) return this.request();
    this.view.afterPaint(false, now);
    this.later(left);
  }

  paintShown(now) {
    const { player, charts, scene } = this.view;
    this.painted = player.shown;
    this.paintedAt = now;
    for (const chart of charts) {
      chart.paintNow(scene.shown, now);
      chart.placeCursor?.(player.following ? null : player.shown.step);
    }
  }

  /** One over-steps chart an animation frame, so that none takes long; while frames come, in theirs: each costs the page. */
  paintOver(now) {
    const { store, charts } = this.view;
    if (!this.queue.length && this.overVersion !== store.version && now - this.overAt >= OVER_EVERY) {
      this.queue = charts.filter((chart) => chart.paintOver);
      this.overAt = now;
      this.overVersion = store.version;
    }
    this.queue.shift()?.paintOver();
  }

  /** At once, without waiting for an animation frame: after a resize the canvases are empty. */
  paintAll(now) {
    const { player, charts, store } = this.view;
    this.full = false;
    this.queue = [];
    if (!this.view.paintable || !player.shown) return;
    for (const chart of charts) chart.paintOver?.();
    this.overVersion = store.version;
    this.overAt = now;
    this.paintShown(now);
  }

  close() {
    this.closed = true;
    cancelAnimationFrame(this.asked);
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
  }
}
