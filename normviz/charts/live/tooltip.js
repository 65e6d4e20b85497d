// Hover and tap: finds what lies under the pointer, lights up its layer everywhere, shows exact values.
import { element } from "./card.js";

export class Tooltip {
  constructor(root) {
    this.root = root;
    this.box = element("div", "tooltip");
    this.box.setAttribute("role", "tooltip");
    this.box.hidden = true;
    root.append(this.box);
  }

  show(info, x, y) {
    const rows = info.rows.map(([name, value, color]) => {
      const row = element("div", "row");
      const label = element("span", "name", name);
      if (color) label.style.borderLeftColor = color;
      label.classList.toggle("keyed", Boolean(color));
      row.append(label, element("span", "value", value));
      return row;
    });
    this.box.replaceChildren(element("div", "what", info.title), ...rows);
    this.box.hidden = false;
    const width = this.box.offsetWidth;
    const height = this.box.offsetHeight;
    const left = x + 16 + width > this.root.clientWidth ? Math.max(0, x - width - 12) : x + 16;
    // below the pointer, so that the pointed-at row stays free, across lanes too
    const top = y + 20 + height > this.root.clientHeight ? Math.max(0, y - height - 14) : y + 20;
    this.box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  hide() {
    this.box.hidden = true;
  }
}

/** Listens on the whole component; `scene.setHighlight(layer)` is told which layer is pointed at. */
export function attachPointer(root, tooltip, scene) {
  let at = null; // {panel, x, y, rootX, rootY}

  const leave = () => {
    if (!at) return;
    at = null;
    tooltip.hide();
    scene.setHighlight(null);
  };
  const refresh = () => {
    const info = at?.panel.hit && at.panel.visible ? at.panel.hit(at.x, at.y) : null;
    if (!info) {
      tooltip.hide();
      scene.setHighlight(null);
      return;
    }
    tooltip.show(info, at.rootX, at.rootY);
    scene.setHighlight(info.layer ?? null);
  };
  const move = (event) => {
    const panel = event.target.closest?.(".panel")?.panel;
    if (!panel) return leave();
    const own = panel.element.getBoundingClientRect();
    const whole = root.getBoundingClientRect();
    at = {
      panel, x: event.clientX - own.left, y: event.clientY - own.top,
      rootX: event.clientX - whole.left, rootY: event.clientY - whole.top,
    };
    refresh();
  };
  root.addEventListener("pointermove", move); // of a finger only what the browser does not take for scrolling
  root.addEventListener("pointercancel", leave);
  root.addEventListener("pointerdown", move);
  root.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && leave());
  return { refresh: () => at && refresh(), leave };
}
