import assert from "node:assert/strict";
import { test } from "node:test";
import { missingText, waitingText } from "../../../normviz/charts/live/notices.js";
import { makeWords } from "../../../normviz/charts/live/words.js";

const t = makeWords({});
const VALUES = { error: "MNIST is not on this server.", title: "MNIST", into: "~/mnist", dataset: "mnist_full", megabytes: 15 };
const at = (stage, rest = {}) => missingText(t, VALUES, { dataset: "mnist_full", stage, come: 0, total: null, ...rest });

test("data that are not here: what was looked for, the offer, and what is there to go on with", () => {
  const text = missingText(t, VALUES, null);
  assert.match(text, /^MNIST is not on this server\. The server can download it .* MNIST digits come with normviz/);
  assert.equal(at("cancelled"), text);
});

test("where downloads are not allowed none is offered", () => {
  const { dataset, megabytes, ...rest } = VALUES;
  const text = missingText(t, rest, null);
  assert.doesNotMatch(text, /download/);
  assert.match(text, /MNIST digits come with normviz/);
});

test("a download says how far it is", () => {
  assert.equal(at("connect"), "MNIST: asking OpenML…");
  assert.equal(at("receive", { come: 3_240_000, total: 15_500_000 }), "MNIST: 3.2 of 15.5 MB have come");
  assert.equal(at("receive", { come: 3_240_000 }), "MNIST: 3.2 MB have come");
  assert.equal(at("receive", { come: 15_500_000, total: 15_500_000 }), "MNIST: unpacking and checking…");
  assert.equal(at("check"), "MNIST: unpacking and checking…");
  assert.match(at("store"), /^MNIST: /);
  assert.match(at("done"), /^MNIST: /);
});

test("a download that failed says why, what to go on with, and where files can be put by hand", () => {
  for (const reason of ["unreachable", "silent", "long", "contents", "storage", "died", "refused", "from_the_future"]) {
    const text = at("failed", { reason, detail: "because" });
    assert.match(text, /^The download did not work: /);
    assert.match(text, reason === "from_the_future" ? /from_the_future/ : /because/);
    assert.match(text, /MNIST digits come with normviz/);
    assert.match(text, /~\/mnist/);
    assert.doesNotMatch(text, /–|\{/); // nothing is left open
  }
});

test("who waits is told the place and the time in whole units", () => {
  const said = (seconds) => waitingText(t, { place: 2, of: 5, seconds });
  assert.match(said(0.2), /place 2 of 5, about 1 s/);
  assert.match(said(59), /about 59 s/);
  assert.match(said(150), /about 3 min/);
});
