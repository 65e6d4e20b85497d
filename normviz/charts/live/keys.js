// The keyboard: what each key does, when a press is meant for the view, and the list of keys in a dialog.
import { element } from "./card.js";
import { pointAt } from "./pointing.js";

const ARROWS = { ArrowLeft: -1, ArrowRight: 1 };

/** Every key with its words; `act(view, key)` does it. */
export const KEYS = [
  { keys: [" "], words: "keys.train", steers: true, act: ({ bar, player }) => bar.train.disabled || player.toggle() },
  { keys: ["ArrowLeft", "ArrowRight"], words: "keys.step", steers: true, repeats: true, act: (view, key) => view.stepTo(view.player.beside(ARROWS[key])) },
  { keys: ["Home", "End"], words: "keys.ends", steers: true, act: (view, key) => view.stepTo(key === "Home" ? view.player.first() : view.player.follow()) },
  { keys: ["1", "2", "3", "4"], words: "keys.lane", act: (view, key) => view.showLane(Number(key) - 1) },
  { keys: ["k", "j"], words: "keys.layer", repeats: true, act: (view, key) => pointAt(view, key.toLowerCase() === "j" ? 1 : -1) },
  { keys: ["d"], words: "keys.difference", act: (view) => view.showDifference(!view.scene.wantsDifference) },
  { keys: ["f"], words: "keys.projector", act: (view) => view.project(!view.projector.on) },
  { keys: ["Escape"], words: "keys.escape", act: (view) => view.scene.setHighlight(null) || view.project(false) },
  { keys: ["?"], words: "keys.help", act: (view) => view.help.open() },
];

const BYKEY = new Map(KEYS.flatMap((entry) => entry.keys.map((key) => [key, entry])));
const PRESSES = new Set([" ", "Enter"]);
/** Where a page has the focus when nothing in it was chosen. */
const NOWHERE = '[data-testid="stMain"], [data-testid="stApp"]';

/** Is this press meant for the view, and not for a field, a dialog, a control or another part of the page? */
export function meant(event, root, page) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return false;
  const path = event.composedPath();
  const [target] = path;
  if (target.isContentEditable) return false;
  if (path.some((node) => node.localName === "dialog" || node.getAttribute?.("role") === "dialog")) return false;
  const own = path.includes(root);
  if (target.localName === "input" && target.type === "range") return own && !(event.key in ARROWS) && event.key !== "Home" && event.key !== "End";
  if (/^(input|select|textarea)$/.test(target.localName)) return false;
  if (own) return !(PRESSES.has(event.key) && /^(button|a)$/.test(target.localName));
  return target === page.body || target === page.documentElement || Boolean(target.matches?.(NOWHERE));
}

/** Whether single keys do anything; kept in this browser. */
const memory = {
  key: "normviz.keys",
  get off() {
    try {
      return localStorage.getItem(this.key) === "off";
    } catch {
      return false;
    }
  },
  set off(off) {
    try {
      if (off) localStorage.setItem(this.key, "off");
      else localStorage.removeItem(this.key);
    } catch {
      // storage may be forbidden; then the choice holds until the page is left
    }
  },
};

export class Keyboard {
  /** Listens on the whole page as long as it is not closed. */
  constructor(view) {
    this.view = view;
    this.off = memory.off;
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  turn(off) {
    this.off = memory.off = off;
  }

  key(event) {
    const entry = BYKEY.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (!entry || this.off || (event.repeat && !entry.repeats) || !meant(event, this.view.layout.root, document)) return;
    if (entry.steers && this.view.room?.follows) return;
    if (event.key !== "Escape") event.preventDefault();
    entry.act(this.view, event.key);
  }

  close() {
    document.removeEventListener("keydown", this.onKey);
  }
}

/** The list of keys: a dialog that closes by Escape, by its button or by a press beside it. */
export class Help {
  constructor(parent, t, keyboard) {
    this.element = element("dialog", "keys");
    this.element.setAttribute("aria-label", t("keys.title"));
    const head = element("h3", "title", t("keys.title"));
    const list = element("dl", "list");
    for (const { keys, words } of KEYS) {
      const names = element("dt");
      names.append(...keys.map((key) => element("kbd", "", t.has(`key.${key}`) ? t(`key.${key}`) : key)));
      list.append(names, element("dd", "", t(words)));
    }
    const label = element("label", "switch", t("keys.on"));
    const box = element("input");
    Object.assign(box, { type: "checkbox", checked: !keyboard.off, onchange: () => keyboard.turn(!box.checked) });
    label.prepend(box);
    const close = element("button", "button", t("keys.close"));
    Object.assign(close, { type: "button", autofocus: true, onclick: () => this.element.close() });
    this.element.append(head, list, label, close);
    this.element.onclick = (event) => event.target === this.element && this.element.close();
    parent.append(this.element);
  }

  open() {
    if (!this.element.open) this.element.showModal();
  }
}
