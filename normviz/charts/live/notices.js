// The line of plain words above the charts, the connection banner, and the card of an ended run.
import { element, say } from "./card.js";
import { sentences } from "./words.js";

const CARDS = new Set(["diverged", "failed", "ended"]);
const UNDER_WAY = new Set(["connect", "receive", "check", "store", "done"]);
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
        line.chip = element("button", `chip lane${index}`, lane.name);
        line.chip.type = "button";
        line.chip.title = this.scene.t("views.lane", { lane: lane.name, title: lane.title });
        line.chip.setAttribute("aria-label", line.chip.title);
        line.chip.onclick = () => this.scene.view.showLane(index);
        const named = element("span", "named", lane.short);
        named.title = lane.title;
        line.append(line.chip, named);
      }
      line.append(line.said);
      return line;
    });
    this.element.replaceChildren(...this.lines);
    this.color();
  }

  /** Marks which lane is drawn alone; null: all are. */
  mark(solo) {
    this.lines.forEach((line, lane) => {
      line.dataset.away = solo === null || solo === lane ? "0" : "1";
      line.chip?.setAttribute("aria-pressed", String(solo === lane));
    });
  }

  color() {
    this.lines.forEach((line, lane) => {
      if (line.chip) line.chip.style.backgroundColor = this.scene.theme.lanes[lane % this.scene.theme.lanes.length];
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

  /**
   * `closing` is what the server has said of its end, if it has: the key of its words; `queue` is where the run waits
   * for its turn, null when it does not.
   */
  update(connection, closing = "", queue = null) {
    const key = connection !== "refused" && closing ? `connection.${closing}` : `connection.${connection}`;
    const away = closing || connection === "lost" || connection === "refused";
    const text = away ? this.t(key) : queue ? waitingText(this.t, queue) : "";
    this.element.hidden = !text;
    this.element.dataset.kind = away ? "away" : "queue";
    this.element.setAttribute("role", away ? "alert" : "status"); // not every second is read out at once
    say(this.element, text);
  }
}

/** Where a run waits for its turn, and for about how long: in seconds to a minute, in minutes from there. */
export function waitingText(t, { place, of, seconds }) {
  const time = seconds < 60 ? t("queue.seconds", { n: Math.max(1, Math.round(seconds)) }) : t("queue.minutes", { n: Math.round(seconds / 60) });
  return t("queue.waits", { place, of, time });
}

const NOT_FINITE = { nan: "NaN", inf: "∞", "-inf": "−∞" };

/** A divergence's values as they are spoken: its reason in words, the output layer by its name. */
export function spoken(t, raw, schema) {
  const values = { ...raw };
  if (t.has(`reason.${values.reason}`)) values.reason = t(`reason.${values.reason}`);
  if (Object.hasOwn(NOT_FINITE, values.value)) values.value = NOT_FINITE[values.value];
  if (values.layer > schema?.lanes[values.lane]?.layers) values.layer = t("layer.out");
  return values;
}

/** The words of a notice, or of the plain status when its rule has no template. */
export function noticeText(t, state, schema = null) {
  const { notice, status, step } = state;
  const values = spoken(t, { step, ...(notice?.values && typeof notice.values === "object" ? notice.values : {}) }, schema);
  const key = `notice.${notice?.rule}`;
  return t.has(key) ? t(key, values) : t(`notice.${status}`, values);
}

/** The words of data that are not on the server, or of their download: what the last one of them said, null if none. */
export function missingText(t, values, download) {
  const { stage } = download ?? {};
  const megabytes = (bytes) => (Number.isFinite(bytes) ? (bytes / 1e6).toFixed(1) : null);
  const title = t.term(String(values.title ?? ""));
  const filled = { ...values, title, come: megabytes(download?.come), total: megabytes(download?.total) };
  if (stage === "receive") {
    if (download.total === null) return t("download.receive.some", filled);
    return t(download.come < download.total ? "download.receive" : "download.check", filled);
  }
  if (stage === "failed") {
    const key = `download.reason.${download.reason}`;
    return t("download.failed", { ...filled, reason: t.has(key) ? t(key, download) : download.reason });
  }
  if (UNDER_WAY.has(stage)) return t(`download.${stage}`, filled);
  const offer = values.dataset ? [t("notice.data_missing.offer")] : [];
  return [t("notice.data_missing", filled), ...offer, t("notice.data_missing.instead")].join(" ");
}

export class NoticeCard {
  /** `send(message)` asks the server for a download, or to end it. */
  constructor(parent, scene, again, send) {
    this.scene = scene;
    this.send = send;
    const { t } = scene;
    this.element = element("div", "notice");
    this.element.setAttribute("role", "alert");
    this.element.hidden = true;
    this.what = element("b", "kind");
    this.text = element("span", "text");
    this.again = element("button", "button", t("button.again"));
    this.again.type = "button";
    this.again.onclick = again;
    this.get = element("button", "button primary get");
    this.get.type = "button";
    this.close = element("button", "close", "×");
    this.close.type = "button";
    this.close.setAttribute("aria-label", t("button.close"));
    this.close.onclick = () => {
      this.dismissed = this.text.textContent;
      this.element.hidden = true;
    };
    this.element.append(this.what, this.text, this.get, this.again, this.close);
    parent.append(this.element);
  }

  /** Shows the card of the run's state, or an error of the server or of the format, or how a download goes. */
  update(state, error, latest) {
    const { t, recorded: schema } = this.scene;
    const several = schema?.lanes.length > 1;
    const due = error || CARDS.has(state.status) || Boolean(state.notice);
    const missing = !error && state.notice?.rule === "data_missing" ? state.notice.values ?? {} : null;
    const download = missing?.dataset && latest?.dataset === missing.dataset ? latest : null;
    const text = error || (missing ? missingText(t, missing, download) : due ? noticeText(t, state, schema) : "");
    const lane = schema?.lanes[state.notice?.values?.lane];
    this.element.hidden = !due || this.dismissed === text;
    if (!due) this.dismissed = null;
    const kind = error ? "error" : missing ? "missing" : CARDS.has(state.status) ? state.status : state.notice?.rule === "loss_not_finite" ? "diverged" : "note";
    this.element.dataset.kind = kind;
    say(this.what, due ? `${several && lane && !error ? `${lane.name}: ` : ""}${t(`notice.title.${kind}`)}` : "");
    say(this.text, text);
    const underWay = UNDER_WAY.has(download?.stage);
    this.again.hidden = Boolean(error) || !RUN_AGAIN.has(state.status) || underWay;
    this.close.hidden = underWay;
    this.element.setAttribute("aria-live", underWay ? "off" : "assertive"); // not every megabyte is read out
    this.offer(missing, download, underWay);
  }

  /** The button that starts a download, starts it again, or ends it. */
  offer(missing, download, underWay) {
    const { t } = this.scene;
    this.get.hidden = !missing?.dataset || download?.stage === "done";
    if (this.get.hidden) return;
    const key = underWay ? "button.download.cancel" : download?.stage === "failed" ? "button.download.again" : "button.download";
    say(this.get, t(key, missing));
    this.get.classList.toggle("primary", !underWay);
    this.get.onclick = () => this.send(underWay ? { do: "cancel" } : { do: "download", dataset: missing.dataset });
  }
}
