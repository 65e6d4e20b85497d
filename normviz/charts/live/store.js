// The history of one run: bounded, thinned uniformly in seq, with a few early and round steps pinned.

const ROUND = new Set([1, 2, 5]);
const MOST_PINNED = 64;

/** Steps that are never thinned away: up to 10, then 20, 50, 100, 200, 500, … */
export function isPinned(step) {
  if (step <= 10) return true;
  const magnitude = 10 ** Math.floor(Math.log10(step) + 1e-9);
  return step % magnitude === 0 && ROUND.has(step / magnitude);
}

/** Is there a multiple of `stride` strictly between a and b? */
export function holdsMultiple(a, b, stride) {
  return Math.floor((b - 1) / stride) * stride > a;
}

/** At most `most` of the frames, evenly chosen, first and last among them. */
export function spread(frames, most) {
  if (frames.length <= most) return frames;
  const stride = Math.ceil((frames.length - 1) / (most - 1));
  const chosen = [];
  for (let i = 0; i < frames.length - 1; i += stride) chosen.push(frames[i]);
  chosen.push(frames[frames.length - 1]);
  return chosen;
}

export class Store {
  /** `ask(after, before)` requests the frames with after < seq < before. */
  constructor({ limit = 400, ask = null, delay = 600, timers = globalThis } = {}) {
    Object.assign(this, { limit, ask, delay, timers });
    this.timer = null;
    this.clear();
  }

  clear() {
    this.frames = []; // ascending in seq
    this.stride = 1;
    this.crowded = false;
    this.measured = new Sparse();
    this.newest = null;
    this.received = 0;
    this.version = 0;
    this.live = false; // gaps are asked for only once the recorded history has arrived
    this.gap = null;
    if (this.timer !== null) this.timers.clearTimeout(this.timer);
    this.timer = null;
  }

  /** Takes a frame in; true when it is the newest so far. */
  add(frame) {
    this.received += 1;
    const last = this.newest;
    if (last && frame.seq <= last.seq) {
      this.insert(frame);
      return false;
    }
    if (last && this.live && frame.seq > last.seq + 1) this.noteGap(last.seq, frame.seq);
    if (last && !this.keeps(last)) this.frames.pop();
    this.newest = frame;
    this.frames.push(frame);
    this.version += 1;
    this.thin();
    return true;
  }

  keeps(frame) {
    return frame.seq % this.stride === 0 || (!this.crowded && isPinned(frame.step));
  }

  insert(frame) {
    if (!this.keeps(frame)) return;
    const at = this.lowerBound(frame.seq);
    if (this.frames[at]?.seq === frame.seq) return;
    this.frames.splice(at, 0, frame);
    this.version += 1;
    this.thin();
  }

  /** Doubles the stride until the history fits; far too many pinned frames lose their pins. */
  thin() {
    while (this.frames.length > this.limit && this.stride < 2 ** 30) {
      if (!this.crowded && this.frames.filter((frame) => isPinned(frame.step)).length > MOST_PINNED) this.crowded = true;
      else this.stride *= 2;
      this.frames = this.frames.filter((frame) => frame === this.newest || this.keeps(frame));
    }
  }

  noteGap(after, before) {
    if (!this.ask || !holdsMultiple(after, before, this.stride)) return;
    this.gap = this.gap ? { after: Math.min(this.gap.after, after), before: Math.max(this.gap.before, before) } : { after, before };
    this.timer ??= this.timers.setTimeout(() => {
      this.timer = null;
      const { after: a, before: b } = this.gap;
      this.gap = null;
      this.ask(a, b);
    }, this.delay);
  }

  /** Index of the first kept frame with at least this seq. */
  lowerBound(seq) {
    let a = 0;
    let b = this.frames.length;
    while (a < b) {
      const middle = (a + b) >> 1;
      if (this.frames[middle].seq < seq) a = middle + 1;
      else b = middle;
    }
    return a;
  }

  /** The kept frame at or just before this seq (or the first). */
  at(seq) {
    const i = this.lowerBound(seq);
    if (this.frames[i]?.seq === seq) return this.frames[i];
    return this.frames[Math.max(0, i - 1)] ?? null;
  }

  /** The next recorded frame after (or before, with -1) a frame; null at the end. */
  beside(frame, direction) {
    const i = this.lowerBound(frame.seq);
    if (direction < 0) return this.frames[i - 1] ?? null;
    return this.frames[this.frames[i]?.seq === frame.seq ? i + 1 : i] ?? null;
  }

  /** The recorded frame so many after this one, at most the last; null at the end. */
  ahead(frame, count) {
    const next = this.beside(frame, 1);
    return next && this.frames[Math.min(this.lowerBound(next.seq) + count - 1, this.frames.length - 1)];
  }
}

/** Numbers measured only now and then (held-out loss): kept apart, so that thinning frames loses none. */
export class Sparse {
  constructor(limit = 256) {
    this.limit = limit;
    this.items = []; // {seq, step, values}, ascending in seq
  }

  add(seq, step, values) {
    let i = this.items.length;
    while (i > 0 && this.items[i - 1].seq > seq) i -= 1;
    if (this.items[i - 1]?.seq === seq) return;
    this.items.splice(i, 0, { seq, step, values });
    if (this.items.length > this.limit) this.items = this.items.filter((_, n) => n % 2 === 0 || n > this.items.length - 3);
  }
}
