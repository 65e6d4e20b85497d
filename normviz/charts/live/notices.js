// The line of plain words above the charts, the connection banner, and the card of an ended run.
import { element, say } from "./card.js";
import { sentences } from "./words.js";

const CARDS = new Set(["diverged", "failed", "ended"]);
const RUN_AGAIN = new Set(["failed", "ended"]);

/** One line a lane: with several lanes each begins with the lane's name in its colour. */
export class WordsLine {
  constructor(parent, scene) {
    this.scene = scene;
    this.element = element("div", "words");
    this.element.setAttribute("role", "status");
    this.element.setAttribute("aria-live", "off");
    parent.append(this.element);
    this.lines = [];
    this.build(null);
  }

  build(schema) {
    const lanes = schema?.lanes ?? [null];
    this.element.dataset.lanes = String(lanes.length);
    this.lines = lanes.map((lane, index) => {
      const line = element("p", "line");
      line.said = element("span", "said");
      if (lanes.length > 1) {
        line.chip = element("b", `chip lane${index}`, lane.name);
        line.append(line.chip, element("b", "lane", `${lane.title}: `));
      }
      line.append(line.said);
      return line;
    });
    this.element.replaceChildren(...this.lines);
    this.color();
  }

  color() {
    this.lines.forEach((line, lane) => {
      if (line.chip) line.chip.style.backgroundColor = line.children[1].style.color = this.scene.laneColor(lane);
    });
  }

  update(frame, waiting) {
    const { t } = this.scene;
    this.lines.forEach((line, lane) => {
      const text = frame ? sentences(t, frame.notes, lane) : lane === 0 ? waiting : "";
      say(line.said, text);
      if (line.title !== text) line.title = text;
    });
  }
}

export class Banner {
  constructor(parent, t) {
    this.t = t;
    this.element = element("div", "banner");
    this.element.setAttribute("role", "alert");
    this.element.hidden = true;
    parent.append(this.element);
  }

  update(connection) {
    const text = connection === "lost" || connection === "refused" ? this.t(`connection.${connection}`) : "";
    this.element.hidden = !text;
    say(this.element, text);
  }
}

/** The words of a notice, or of the plain status when its rule has no template. */
export function noticeText(t, state) {
  const { notice, status, step } = state;
  const values = { step, ...(notice?.values && typeof notice.values === "object" ? notice.values : {}) };
  const key = `notice.${notice?.rule}`;
  return t.has(key) ? t(key, values) : t(`notice.${status}`, values);
}

export class NoticeCard {
  constructor(parent, scene, again) {
    this.scene = scene;
    const { t } = scene;
    this.element = element("div", "notice");
    this.element.setAttribute("role", "alert");
    this.element.hidden = true;
    this.what = element("b", "kind");
    this.text = element("span", "text");
    this.again = element("button", "button", t("button.again"));
    this.again.type = "button";
    this.again.onclick = again;
    this.close = element("button", "close", "×");
    this.close.type = "button";
    this.close.setAttribute("aria-label", t("button.close"));
    this.close.onclick = () => {
      this.dismissed = this.text.textContent;
      this.element.hidden = true;
    };
    this.element.append(this.what, this.text, this.again, this.close);
    parent.append(this.element);
  }

  /** Shows the card of the run's state, or an error of the server or of the format. */
  update(state, error) {
    const { t, schema, several } = this.scene;
    const due = error || CARDS.has(state.status);
    const text = error || (due ? noticeText(t, state) : "");
    const lane = schema?.lanes[state.notice?.values?.lane];
    this.element.hidden = !due || this.dismissed === text;
    if (!due) this.dismissed = null;
    this.element.dataset.kind = error ? "error" : state.status;
    say(this.what, due ? `${several && lane && !error ? `${lane.name}: ` : ""}${t(`notice.title.${error ? "error" : state.status}`)}` : "");
    say(this.text, text);
    this.again.hidden = Boolean(error) || !RUN_AGAIN.has(state.status);
  }
}
