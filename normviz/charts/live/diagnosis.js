// "Why did it die?": one line when all is well, else what the rules have found, and a button that tries the remedy.
import { element, say } from "./card.js";
import { percent } from "./format.js";
import { spoken } from "./notices.js";
import { settings } from "./terms.js";

const PREFIX = "why.";
const DIVERGED = `${PREFIX}diverged`;
const SHARES = new Set(["saturated", "dead", "constant", "lagging"]);
const MOST_LANES = 4;

/** All findings of a frame, lane by lane and causes first; behind the newest frame, the divergence that ended the run. */
export function findings(frame, notice, newest) {
  const found = (frame?.notes ?? []).filter(({ rule }) => rule.startsWith(PREFIX));
  if (newest && notice?.rule === "loss_not_finite") {
    const { lane = 0, ...values } = notice.values ?? {};
    if (!found.some((note) => note.rule === DIVERGED && (note.lane ?? 0) === lane)) found.push({ lane, rule: DIVERGED, values });
  }
  const place = ({ lane, rule }) => 2 * (lane ?? 0) + (rule === DIVERGED ? 0 : 1);
  return found.sort((a, b) => place(a) - place(b));
}

/** A finding's sentence: layers, value and threshold. */
export function sentence(t, { rule, lane, values }, schema) {
  if (rule === DIVERGED) return t(`says.${rule}`, spoken(t, { ...values, lane }, schema));
  const share = SHARES.has(rule.slice(PREFIX.length));
  const written = share ? { value: percent(values?.value), threshold: percent(values?.threshold) } : {};
  return t(`says.${rule}`, { ...values, ...written });
}

const isChange = (changes) => changes && typeof changes === "object" && !Array.isArray(changes);

class Item {
  constructor(parent, scene, attempt) {
    this.scene = scene;
    this.element = element("li", "finding");
    this.chip = element("b", "chip");
    this.text = element("span", "text");
    this.source = element("span", "source");
    this.button = element("button", "button try");
    this.button.type = "button";
    this.button.onclick = () => attempt({ lane: this.note.lane ?? 0, changes: this.note.values.try });
    this.element.append(this.chip, this.text, this.source, this.button);
    parent.append(this.element);
  }

  update(note) {
    const { scene } = this;
    const { t, recorded: schema } = scene;
    this.note = note;
    const lane = note.lane ?? 0;
    this.chip.hidden = schema.lanes.length < 2;
    say(this.chip, schema.lanes[lane]?.name ?? "");
    this.chip.style.backgroundColor = scene.theme.lanes[lane % scene.theme.lanes.length];
    const since = note.rule === DIVERGED ? "" : t("why.since", note.values);
    say(this.text, [sentence(t, note, schema), since].join(" ").trim());
    say(this.source, t("why.source", { source: t(`${note.rule}.source`) }));
    this.button.hidden = !isChange(note.values?.try) || scene.view.closed.has("lanes");
    this.button.disabled = schema.lanes.length >= MOST_LANES;
    this.button.title = this.button.disabled ? t("why.full") : "";
    say(this.button, t("why.try", { named: settings(t, String(note.values?.named ?? "")) }));
  }
}

export class DiagnosisCard {
  /** `attempt({lane, changes})` asks for a new lane. */
  constructor(parent, scene, attempt) {
    const { t } = scene;
    this.scene = scene;
    this.attempt = attempt;
    this.element = element("section", "diagnosis");
    this.element.setAttribute("aria-label", t("why.title"));
    this.head = element("button", "why");
    this.head.type = "button";
    this.head.onclick = () => this.open(this.element.dataset.open !== "1");
    this.list = element("ul", "findings");
    this.element.append(this.head, this.list);
    this.items = [];
    parent.append(this.element);
    this.open(false);
    this.update(null, null, false);
  }

  /** Closed it shows the first finding only, in one line. */
  open(open) {
    this.element.dataset.open = open ? "1" : "0";
    this.head.setAttribute("aria-expanded", String(open));
  }

  update(frame, notice, newest) {
    const { t, recorded: schema } = this.scene;
    const said = schema ? findings(frame, notice, newest).filter(({ rule }) => t.has(`says.${rule}`)) : [];
    while (this.items.length > said.length) this.items.pop().element.remove();
    while (this.items.length < said.length) this.items.push(new Item(this.list, this.scene, this.attempt));
    said.forEach((note, index) => this.items[index].update(note));
    const count = said.length;
    this.element.dataset.findings = String(count);
    this.head.disabled = count === 0;
    const dead = said.some(({ rule }) => rule === DIVERGED);
    say(this.head, count === 0 ? t(schema ? "why.none" : "why.title") : t(dead ? "why.died" : count === 1 ? "why.one" : "why.some", { count }));
  }
}
