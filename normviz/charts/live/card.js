// The DOM of one card: title, tools, a two-way tab where the card is narrow, and a body for panels.
import { Panel } from "./panel.js";

export function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Sets the text only when it changed. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export class Card {
  constructor(parent, name, title) {
    this.element = element("section", `card ${name}`);
    this.element.setAttribute("aria-label", title);
    this.head = element("div", "head");
    this.title = element("h3", "title", title);
    this.tools = element("div", "tools");
    this.head.append(this.title, this.tools);
    this.note = element("p", "note");
    this.body = element("div", "body");
    this.element.append(this.head, this.note, this.body);
    parent.append(this.element);
  }

  /** Two buttons that choose which group of panels a narrow card shows. */
  addTabs(t) {
    const tabs = element("div", "tabs");
    tabs.setAttribute("role", "group");
    const buttons = ["now", "over"].map((which) => {
      const button = element("button", "tab", t(`tab.${which}`));
      button.type = "button";
      button.onclick = () => choose(which);
      tabs.append(button);
      return [which, button];
    });
    const choose = (which) => {
      this.element.dataset.tab = which;
      for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === which));
    };
    choose("now");
    this.tools.append(tabs);
  }

  /** A labelled select; options: [[value, text]]. */
  addSelect(label, options, chosen) {
    const select = element("select", "select");
    select.setAttribute("aria-label", label);
    this.tools.prepend(select);
    select.onchange = () => chosen(select.value);
    fillSelect(select, options);
    return select;
  }

  addPanel(group = "") {
    return new Panel(this.body, group);
  }
}

/** Replaces the options, keeping the chosen value where it still exists. */
export function fillSelect(select, options) {
  const value = select.value;
  select.replaceChildren(...options.map(([name, text]) => {
    const option = element("option", "", text);
    option.value = name;
    return option;
  }));
  if (options.some(([name]) => name === value)) select.value = value;
}

/** Adds or removes panels until the card has `count` of this group. */
export function fitPanels(card, panels, count, group, observer) {
  while (panels.length > count) {
    const panel = panels.pop();
    observer.unobserve(panel.element);
    panel.element.remove();
  }
  while (panels.length < count) {
    const panel = card.addPanel(group);
    observer.observe(panel.element);
    panels.push(panel);
  }
}
