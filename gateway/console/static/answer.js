// The entry page's check of an answer somebody kept: which of its values are those that were disclosed.
//
// Rule of this file: what is pasted never leaves the browser. The fields have no name and stand in no form, so that
// nothing can send them.

import { Unreadable, compared } from "./opening.js";

const section = document.getElementById("answer");
const rows = [...section.querySelectorAll("[data-place]")];
const texts = document.getElementById("answer-texts").content;
const text = (key) => texts.querySelector(`[data-text="${key}"]`)?.textContent ?? key;
const verdict = document.getElementById("answer-verdict");

const recorded = Object.fromEntries(rows.map((row) => [row.dataset.place, row.dataset.commitment]));

async function run() {
  for (const row of rows) row.querySelector("[data-part=said]").textContent = "";
  document.getElementById("answer-more").replaceChildren();
  if (!globalThis.crypto?.subtle) {
    say("cannot", "notice");
    return;
  }
  try {
    const body = document.getElementById("answer-body").value.trim();
    const { results, digest } = await compared(body, document.getElementById("answer-signature").value, recorded);
    results.forEach(mark);
    judge(results, digest === section.dataset.digest);
  } catch (error) {
    say(error instanceof Unreadable ? `unreadable_${error.reason}` : "unreadable_body", "alert");
  }
}

function mark({ place, said }) {
  const row = rows.find((one) => one.dataset.place === place);
  if (row) {
    row.dataset.state = said;
    row.querySelector("[data-part=said]").textContent = text(said);
    return;
  }
  const item = document.createElement("li");
  item.textContent = `${place}: ${text(said)}`;
  document.getElementById("answer-more").append(item);
}

function judge(results, sameBytes) {
  const wrong = results.some(({ said }) => said === "differs" || said === "unrecorded" || said === "absent");
  const beyond = results.some(({ said }) => said === "beyond");
  if (wrong) say("verdict_other", "alert");
  else if (beyond) say(sameBytes ? "verdict_digest" : "verdict_beyond", sameBytes ? "ok" : "notice");
  else say(sameBytes ? "verdict_same" : "verdict_fields", sameBytes ? "ok" : "notice");
}

function say(key, kind) {
  verdict.textContent = text(key);
  verdict.className = kind;
  verdict.dataset.state = key;
}

document.getElementById("answer-check").addEventListener("click", run);
for (const tool of section.querySelectorAll("[data-script]")) tool.disabled = false;
