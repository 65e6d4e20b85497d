// Projector mode: what is around the view is hidden, everything in it is larger, lines are thicker, and the theme's light or
// dark becomes black and white. Nothing is loaded anew.
import { readTheme } from "./theme.js";

const MARK = "data-normviz-projector";
const PAGE = `
html[${MARK}] :is([data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stExpandSidebarButton"]) { display: none !important; }
html[${MARK}] :is([data-testid="stApp"], [data-testid="stMain"]) { background: #fff !important; }
html[${MARK}="dark"] :is([data-testid="stApp"], [data-testid="stMain"]) { background: #000 !important; }
html[${MARK}] [data-testid="stMainBlockContainer"] { padding: 0.4rem 0.6rem 0 !important; max-width: none !important; }
`;
const LARGER = 1.25;

export class Projector {
  constructor(layout) {
    this.layout = layout;
    this.on = false;
    this.style = document.createElement("style");
    this.style.textContent = PAGE;
    document.head.append(this.style);
  }

  set(on) {
    this.on = on;
    const { root } = this.layout;
    root.dataset.dark = readTheme(root).dark ? "1" : "0"; // of the page, before our black and white stand for it
    if (on) document.documentElement.setAttribute(MARK, root.dataset.dark === "1" ? "dark" : "light");
    else document.documentElement.removeAttribute(MARK);
    root.dataset.projector = on ? "1" : "0";
    this.layout.larger = on ? LARGER : 1;
    this.layout.measure();
    this.layout.resized(this.layout.type);
  }

  close() {
    document.documentElement.removeAttribute(MARK);
    this.style.remove();
  }
}
