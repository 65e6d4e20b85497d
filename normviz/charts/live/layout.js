// The component's frame: style sheet, regions, height, and the type size that goes with it.
import { element } from "./card.js";

const WIDE = 820;
/** What is above the charts, and a row of some charts, in CSS pixels. */
const BAR = 150;
const ROW = 340;
const REFERENCE = { width: 950, height: 690 };

/** Axis type in CSS pixels for a component of this size: 12 at 950 x 690, growing with it up to 4K. */
export function typeSize(width, height) {
  if (width < WIDE) return 12;
  const grown = Math.sqrt((width * height) / (REFERENCE.width * REFERENCE.height));
  return Math.round(Math.min(36, Math.max(12, 12 * grown)) * 2) / 2;
}

/** How far the element's top lies below the top of its page, whatever has been scrolled. */
function distanceFromTop(node) {
  let top = node.getBoundingClientRect().top;
  for (let at = node; at; at = at.parentNode ?? at.host) top += at.scrollTop || 0;
  return top;
}

export class Layout {
  constructor(parent, t, resized) {
    this.resized = resized;
    this.sheet = element("link");
    this.sheet.rel = "stylesheet";
    this.sheet.href = new URL("style.css", import.meta.url).href;
    this.root = element("div", "normviz");
    this.root.setAttribute("role", "region");
    this.root.setAttribute("aria-label", t("name.view"));
    this.root.style.visibility = "hidden";
    this.sheet.onload = this.sheet.onerror = () => {
      this.root.style.visibility = "";
      this.measure();
    };
    this.root.tabIndex = -1; // a press on a chart gives it the keyboard
    this.larger = 1;
    this.filled = Infinity; // the height that fills the window, once it is measured
    this.grid = element("div", "grid");
    parent.append(this.sheet, this.root);
    this.measure = this.measure.bind(this);
    window.addEventListener("resize", this.measure);
    this.watch = new ResizeObserver(() => this.adapt());
    this.watch.observe(this.root);
  }

  /** Fills the window's height on a wide screen; a narrow one scrolls. With some charts only, so many rows are high. */
  measure() {
    if (!this.root.isConnected) return;
    const wide = this.root.clientWidth >= WIDE;
    const room = window.innerHeight - distanceFromTop(this.root) - 8;
    this.filled = Math.round(Math.min(2400, Math.max(560, room)));
    this.root.style.height = wide ? `${this.rows ? BAR + this.rows * ROW : this.filled}px` : "";
    const header = document.querySelector('[data-testid="stHeader"]');
    this.root.style.setProperty("--nv-top", `${header?.offsetHeight ?? 0}px`);
    this.adapt();
  }

  adapt() {
    const { clientWidth: width, clientHeight: height } = this.root;
    if (!width) return;
    const wide = width >= WIDE ? "1" : "0";
    if (wide !== this.root.dataset.wide) {
      this.root.dataset.wide = wide;
      return this.measure();
    }
    // a question to the class makes the view longer than the window, and its type no larger
    const seen = this.root.dataset.asked === "1" ? Math.min(height, this.filled) : height;
    const type = Math.round(typeSize(width, seen) * this.larger * 2) / 2;
    if (type === this.type) return;
    this.type = type;
    this.root.style.setProperty("--nv-type", `${type}px`);
    this.resized(type);
  }

  close() {
    window.removeEventListener("resize", this.measure);
    this.watch.disconnect();
    this.root.remove();
    this.sheet.remove();
  }
}
