// A panel: two stacked canvases, axes behind (painted seldom) and data in front, and a step cursor.

const make = (tag, name) => {
  const element = document.createElement(tag);
  element.className = name;
  return element;
};

export class Panel {
  constructor(parent, name = "") {
    this.element = make("div", `panel ${name}`);
    this.back = make("canvas", "back");
    this.front = make("canvas", "front");
    this.cursor = make("div", "cursor");
    for (const part of [this.back, this.front, this.cursor]) part.setAttribute("aria-hidden", "true");
    this.element.append(this.back, this.front, this.cursor);
    parent.append(this.element);
    this.element.panel = this;
    this.width = this.height = 0;
    this.dpr = 1;
    this.axesKey = "";
    this.plot = { x: 0, y: 0, w: 0, h: 0 };
    this.x = this.y = null; // scales, set with the axes
    this.hit = null; // (x, y) -> what lies there, set by the chart
    this.cursorAt = null;
  }

  get visible() {
    return this.width > 20 && this.height > 20;
  }

  /** Takes a new size in CSS pixels; true when anything changed. */
  resize(width, height, dpr) {
    if (width === this.width && height === this.height && dpr === this.dpr) return false;
    Object.assign(this, { width, height, dpr, axesKey: "" });
    for (const canvas of [this.back, this.front]) {
      canvas.width = Math.max(1, Math.round(width * dpr));
      canvas.height = Math.max(1, Math.round(height * dpr));
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    return true;
  }

  /** A cleared drawing context in CSS pixels. */
  begin(canvas = this.front) {
    const context = (canvas.context ??= canvas.getContext("2d"));
    context.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.globalAlpha = 1;
    return context;
  }

  /** Begins the data layer, clipped to the plot (a little wider, so that markers stay whole). */
  beginClipped(slack = 0) {
    const context = this.begin();
    const { x, y, w, h } = this.plot;
    context.save();
    context.beginPath();
    context.rect(x - slack, y - slack, w + 2 * slack, h + 2 * slack);
    context.clip();
    return context;
  }

  /** Moves the step cursor; null hides it. Its own element, so that the lines need no repaint. */
  setCursor(step) {
    const at = step === null || !this.x || !this.visible ? null : Math.round(this.x.of(step));
    const inside = at !== null && at >= this.plot.x - 1 && at <= this.plot.x + this.plot.w + 1 ? at : null;
    const key = inside === null ? "" : `${inside} ${this.plot.y} ${this.plot.h}`;
    if (key === this.cursorAt) return;
    this.cursorAt = key;
    this.cursor.style.display = inside === null ? "none" : "block";
    if (inside === null) return;
    this.cursor.style.transform = `translate(${inside}px, ${this.plot.y}px)`;
    this.cursor.style.height = `${this.plot.h}px`;
  }

  /** What the picture shows, in words; before it has any it is none. */
  label(text) {
    if (this.front.ariaLabel === text) return;
    this.front.ariaLabel = text;
    this.front.setAttribute("role", "img");
    this.front.removeAttribute("aria-hidden");
  }
}
