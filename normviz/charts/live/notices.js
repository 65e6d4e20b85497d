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
        line.chip.title = lane.title;
        line.append(line.chip);
      }
      line.append(line.said);
      return line;
    });
    this.element.replaceChildren(...this.lines);
    this.color();
  }

  color() {
    this.lines.forEach((line, lane) => {
      if (line.chip) line.chip.style.backgroundColor = this.scene.laneColor(lane);
    });
  }

  update(frame, waiting) {
    const { t } = this.scene;
    this.lines.forEach((line, lane) => {
      const said = frame ? sentences(t, frame.notes, lane) : lane === 0 ? [waiting] : [];
      const text = said.join(" ");
      if (line.title === text) return;
      line.title = text;
      say(line.said, text);
      // as many whole sentences as there is room for; all of them on hover
      while (said.length > 1 && line.scrollHeight > line.clientHeight + 2) {
        said.pop();
        say(line.said, said.join(" "));
      }
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

const NOT_FINITE = { nan: "NaN", inf: "∞", "-inf": "−∞" };

/** The words of a notice, or of the plain status when its rule has no template. */
export function noticeText(t, state, schema = null) {
  const { notice, status, step } = state;
  const values = { step, ...(notice?.values && typeof notice.values === "object" ? notice.values : {}) };
  if (t.has(`reason.${values.reason}`)) values.reason = t(`reason.${values.reason}`);
  if (Object.hasOwn(NOT_FINITE, values.value)) values.value = NOT_FINITE[values.value];
  if (values.layer > schema?.lanes[values.lane]?.layers) values.layer = t("layer.out");
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
    const due = error || CARDS.has(state.status) || Boolean(state.notice);
    const text = error || (due ? noticeText(t, state, schema) : "");
    const lane = schema?.lanes[state.notice?.values?.lane];
    this.element.hidden = !due || this.dismissed === text;
    if (!due) this.dismissed = null;
    const kind = error ? "error" : CARDS.has(state.status) ? state.status : "diverged";
    this.element.dataset.kind = kind;
    say(this.what, due ? `${several && lane && !error ? `${lane.name}: ` : ""}${t(`notice.title.${kind}`)}` : "");
    say(this.text, text);
    this.again.hidden = Boolean(error) || !RUN_AGAIN.has(state.status);
  }
}
