// Projector mode: what is around the view is hidden and everything in it is larger. Nothing is loaded anew.

const MARK = "data-normviz-projector";
const PAGE = `
html[${MARK}] :is([data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stExpandSidebarButton"]) { display: none !important; }
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
    document.documentElement.toggleAttribute(MARK, on);
    this.layout.root.dataset.projector = on ? "1" : "0";
    this.layout.larger = on ? LARGER : 1;
    this.layout.measure();
  }

  close() {
    document.documentElement.removeAttribute(MARK);
    this.style.remove();
  }
}
