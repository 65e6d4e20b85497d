// A 2d drawing context that writes SVG: charts draw on it as they draw on a canvas.

const number = (value) => String(Math.round(value * 100) / 100);

/** A text as XML. */
export function xml(value) {
  return String(value).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c])
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ""); // eslint-disable-line no-control-regex
}

const STYLE = {
  fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, lineJoin: "miter", lineCap: "butt", globalAlpha: 1,
  font: "10px sans-serif", textAlign: "start", textBaseline: "alphabetic", imageSmoothingEnabled: true,
};
const ANCHORS = { left: "start", start: "start", center: "middle", right: "end", end: "end" };

/** `real` measures texts; `scale` is what setTransform multiplies with (the canvas's pixels a CSS pixel). */
export class SvgContext {
  constructor(real, prefix) {
    this.real = real;
    this.prefix = prefix;
    this.clips = 0;
    Object.assign(this, STYLE);
    this.clear();
  }

  clear() {
    this.parts = [];
    this.path = "";
    this.dash = [];
    this.clipped = "";
    this.stack = [];
    this.unknown = null;
  }

  /** Panels begin with the scale of the screen: everything here is in CSS pixels. */
  setTransform() {
    this.clear();
  }

  clearRect() {
    this.parts = [];
  }

  save() {
    const { dash, clipped } = this;
    this.stack.push({ dash, clipped, style: Object.fromEntries(Object.keys(STYLE).map((key) => [key, this[key]])) });
  }

  restore() {
    const kept = this.stack.pop();
    if (!kept) return;
    Object.assign(this, kept.style, { dash: kept.dash, clipped: kept.clipped });
  }

  beginPath() {
    this.path = "";
  }

  moveTo(x, y) {
    this.path += `M${number(x)} ${number(y)}`;
  }

  lineTo(x, y) {
    this.path += `${this.path ? "L" : "M"}${number(x)} ${number(y)}`;
  }

  closePath() {
    this.path += "Z";
  }

  rect(x, y, w, h) {
    this.path += `M${number(x)} ${number(y)}h${number(w)}v${number(h)}h${number(-w)}Z`;
  }

  /** Whole circles and arcs; more than half of one is drawn in two parts. */
  arc(x, y, r, from, to, back = false) {
    const span = back ? from - to : to - from;
    const parts = Math.abs(span) > Math.PI ? 2 : 1;
    const sweep = Math.min(Math.abs(span), 2 * Math.PI) * (back ? -1 : 1);
    const at = (angle) => `${number(x + r * Math.cos(angle))} ${number(y + r * Math.sin(angle))}`;
    this.path += `${this.path && !this.path.endsWith("Z") ? "L" : "M"}${at(from)}`;
    for (let i = 1; i <= parts; i++) {
      this.path += `A${number(r)} ${number(r)} 0 0 ${sweep > 0 ? 1 : 0} ${at(from + (sweep * i) / parts)}`;
    }
  }

  clip() {
    const id = `${this.prefix}c${this.clips++}`;
    this.parts.push(`<clipPath id="${id}"><path d="${this.path}"/></clipPath>`);
    this.clipped = ` clip-path="url(#${id})"`;
  }

  setLineDash(dash) {
    this.dash = [...dash];
  }

  get alpha() {
    return this.globalAlpha === 1 ? "" : ` opacity="${number(this.globalAlpha)}"`;
  }

  get filled() {
    return ` fill="${xml(this.fillStyle)}"`;
  }

  get stroked() {
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.map(number).join(" ")}"` : "";
    const join = this.lineJoin === "miter" ? "" : ` stroke-linejoin="${xml(this.lineJoin)}"`;
    return ` fill="none" stroke="${xml(this.strokeStyle)}" stroke-width="${number(this.lineWidth)}"${join}${dash}`;
  }

  add(text) {
    this.parts.push(text);
  }

  fill() {
    if (this.path) this.add(`<path d="${this.path}"${this.filled}${this.alpha}${this.clipped}/>`);
  }

  stroke() {
    if (this.path) this.add(`<path d="${this.path}"${this.stroked}${this.alpha}${this.clipped}/>`);
  }

  box(x, y, w, h) {
    return `<rect x="${number(Math.min(x, x + w))}" y="${number(Math.min(y, y + h))}" width="${number(Math.abs(w))}" height="${number(Math.abs(h))}"`;
  }

  fillRect(x, y, w, h) {
    this.add(`${this.box(x, y, w, h)}${this.filled}${this.alpha}${this.clipped}/>`);
  }

  strokeRect(x, y, w, h) {
    this.add(`${this.box(x, y, w, h)}${this.stroked}${this.alpha}${this.clipped}/>`);
  }

  measureText(text) {
    this.real.font = this.font;
    return this.real.measureText(text);
  }

  text(words, x, y, painted) {
    const size = Number(/(\d+(?:\.\d+)?)px/.exec(this.font)?.[1] ?? 12);
    const weight = /\bbold\b|\b[6-9]00\b/.test(this.font) ? ' font-weight="bold"' : "";
    const down = { top: 0.8, hanging: 0.8, middle: 0.35, bottom: -0.2 }[this.textBaseline] ?? 0;
    const anchor = ANCHORS[this.textAlign] ?? "start";
    const placed = `x="${number(x)}" y="${number(y + down * size)}" text-anchor="${anchor}" font-size="${number(size)}"${weight}${this.wide(words)}`;
    this.add(`<text ${placed}${painted}${this.alpha}${this.clipped}>${xml(words)}</text>`);
  }

  /** As wide as it is here, whatever font draws it elsewhere. */
  wide(words) {
    const width = this.measureText(words).width;
    return width > 0 ? ` textLength="${number(width)}" lengthAdjust="spacingAndGlyphs"` : "";
  }

  fillText(words, x, y) {
    this.text(words, x, y, this.filled);
  }

  strokeText(words, x, y) {
    this.text(words, x, y, this.stroked);
  }

  createImageData(...size) {
    return this.real.createImageData(...size);
  }

  /** Only the short form with a place and a size. */
  drawImage(image, x, y, w = image.width, h = image.height) {
    const how = this.imageSmoothingEnabled ? "" : ' style="image-rendering:pixelated"';
    const place = `x="${number(x)}" y="${number(y)}" width="${number(w)}" height="${number(h)}"`;
    this.add(`<image ${place} preserveAspectRatio="none" href="${image.toDataURL()}"${how}${this.alpha}${this.clipped}/>`);
  }
}

/** An SvgContext that remembers what it was asked for and does not know. */
export function recorder(real, prefix) {
  const svg = new SvgContext(real, prefix);
  return new Proxy(svg, {
    get(target, name) {
      if (name in target || typeof real[name] !== "function") return target[name];
      return (...given) => {
        target.unknown = name;
        return real[name](...given);
      };
    },
  });
}
