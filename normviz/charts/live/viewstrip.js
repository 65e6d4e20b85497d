// Beside the words: all lanes or the difference to lane A, projector mode, the list of keys.
import { element, say } from "./card.js";

export class ViewStrip {
  constructor(parent, view) {
    this.view = view;
    const { t } = view;
    this.element = element("div", "strip");
    this.group = element("div", "tabs views");
    this.group.setAttribute("role", "group");
    this.group.setAttribute("aria-label", t("views.name"));
    this.lanes = this.button(this.group, "tab", "views.lanes.name", () => view.showDifference(false));
    this.difference = this.button(this.group, "tab", "views.difference.name", () => view.showDifference(true));
    this.element.append(this.group);
    this.projector = this.button(this.element, "button icon screen", "views.projector", () => view.project(!view.projector.on));
    this.help = this.button(this.element, "button icon", "views.keys", () => view.help.open(), "?");
    parent.append(this.element);
    this.update();
  }

  button(parent, name, label, pressed, text = "") {
    const button = element("button", name, text);
    button.type = "button";
    button.title = this.view.t(label);
    button.setAttribute("aria-label", button.title);
    button.onclick = pressed;
    parent.append(button);
    return button;
  }

  /** Names and states of the buttons for the lanes that there are. */
  update() {
    const { scene, projector } = this.view;
    const names = (scene.recorded?.lanes ?? []).map(({ name }) => name);
    this.group.hidden = names.length < 2;
    say(this.lanes, names.join(", "));
    say(this.difference, names.length === 2 ? `${names[1]} − ${names[0]}` : this.view.t("views.difference", { base: names[0] }));
    this.lanes.setAttribute("aria-pressed", String(!scene.difference));
    this.difference.setAttribute("aria-pressed", String(scene.difference));
    this.projector.setAttribute("aria-pressed", String(projector?.on ?? false));
  }
}
