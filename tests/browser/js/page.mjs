// As much of a page as tests need that look at what is said and press buttons.

class Node {
  constructor(name) {
    Object.assign(this, { localName: name, children: [], dataset: {}, attributes: {}, style: { setProperty: () => {} }, hidden: false, text: "" });
    this.classList = { toggle: () => {} };
  }

  get textContent() {
    return this.children.length ? this.children.map((child) => child.textContent ?? child).join("") : this.text;
  }

  set textContent(text) {
    this.text = text;
    this.children = [];
  }

  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }

  append(...nodes) {
    this.children.push(...nodes);
  }

  replaceChildren(...nodes) {
    this.children = nodes;
  }

  remove() {
    this.gone = true;
  }

  /** All nodes below of this name. */
  all(name) {
    return this.children.flatMap((child) => (child instanceof Node ? [...(child.localName === name ? [child] : []), ...child.all(name)] : []));
  }
}

export const page = () => ({ createElement: (name) => new Node(name), createElementNS: (_, name) => new Node(name) });
