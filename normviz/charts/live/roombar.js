// The line that says in which room the page is, and the dialog from which a class takes the room's code.
import { element, say } from "./card.js";

export class RoomBar {
  constructor(parent, room, t) {
    Object.assign(this, { parent, room, t });
    this.element = element("div", "room");
    this.element.setAttribute("role", "status");
    this.element.hidden = true;
    this.said = element("span", "said");
    this.element.append(this.said);
    this.show = this.button("show", "button.room.show", () => this.dialog?.showModal());
    this.explore = this.button("explore", "button.room.explore", () => room.ask({ do: "explore" }));
    this.follow = this.button("follow primary", "button.room.follow", () => room.ask({ do: "follow" }));
    this.end = this.button("end", "button.room.end", () => room.end());
    this.leave = this.button("leave", "button.room.leave", () => room.ask({ do: "leave" }));
    parent.append(this.element);
  }

  button(name, words, pressed) {
    const button = element("button", `button ${name}`, this.t(words));
    button.type = "button";
    button.onclick = pressed;
    this.element.append(button);
    return button;
  }

  /** Another room, or none: null. */
  set(room) {
    this.dialog?.remove();
    this.dialog = null;
    if (!room) return;
    if (!this.sheet) {
      this.sheet = element("link");
      Object.assign(this.sheet, { rel: "stylesheet", href: new URL("room.css", import.meta.url).href });
      this.parent.append(this.sheet);
    }
    if (room.qr) this.dialog = this.poster(room);
  }

  /** Code, link and QR code, as large as the window. */
  poster({ code, link, qr }) {
    const { t } = this;
    const dialog = element("dialog", "poster");
    dialog.setAttribute("aria-label", t("room.poster", { code }));
    const picture = element("img");
    Object.assign(picture, { src: qr, alt: t("room.qr") });
    const words = element("div", "words");
    const close = element("button", "button", t("keys.close"));
    Object.assign(close, { type: "button", autofocus: true, onclick: () => dialog.close() });
    words.append(element("p", "lead", t("room.scan")), element("p", "link", link), element("p", "lead", t("room.type")), element("p", "code", code), close);
    dialog.append(picture, words);
    dialog.onclick = (event) => event.target === dialog && dialog.close();
    this.parent.append(dialog);
    return dialog;
  }

  /** Brings words and buttons up to date. */
  update() {
    const { room, t } = this;
    const { code, part, over } = room;
    this.element.hidden = !part;
    if (!part) return;
    this.element.dataset.kind = over ? "over" : room.connection === "lost" || !room.led ? "away" : part;
    say(this.said, t(...this.words(code, part)));
    const there = !over;
    this.show.hidden = !(there && part === "lead");
    this.end.hidden = !(there && part === "lead");
    this.explore.hidden = !(there && part === "follow" && room.shown);
    this.follow.hidden = !(there && part === "explore");
    this.leave.hidden = there;
  }

  words(code, part) {
    const { over, connection, led, shown, people } = this.room;
    if (over) return [over.words, { code, ...over.values }];
    if (connection === "refused") return ["room.refused", { code }];
    if (connection === "lost") return ["room.lost", { code }];
    if (part === "lead") return [people.follow + people.explore ? "room.lead" : "room.lead.alone", { code, ...people }];
    if (!led) return ["room.away", { code }];
    if (part === "explore") return ["room.explore", { code }];
    return [shown ? "room.follow" : "room.follow.waits", { code }];
  }

  close() {
    this.element.remove();
    this.dialog?.remove();
    this.sheet?.remove();
  }
}
