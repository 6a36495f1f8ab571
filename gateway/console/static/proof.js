// The entry page's own check of what the server shows: envelope, leaf, signature, inclusion, and that the log still
// is the one this browser saw before. All of it happens here; nothing is sent but a request for hashes.
//
// Rule of this file: it moves text between the page and tlog.js and decides nothing. A step that could not be done is
// said to be undone, never passed over.

import {
  CannotCheck,
  NotProved,
  envelopeHeader,
  equal,
  fromBase64,
  leafHash,
  openCheckpoint,
  parseCheckpoint,
  parseProof,
  parseVkey,
  toHex,
  verifyConsistency,
  verifyInclusion,
} from "./tlog.js";
import { shelf } from "./seen.js";

const section = document.getElementById("proof");
const shown = (id) => document.getElementById(id)?.textContent ?? "";
const texts = document.getElementById("proof-texts").content;

function text(key, values = {}) {
  const found = texts.querySelector(`[data-text="${key}"]`)?.textContent ?? key;
  return Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, String(value)), found);
}

/** What the page shows and what was typed, read anew for each run. */
function given() {
  const own = document.getElementById("proof-own-key").value.trim();
  return {
    own: own !== "",
    vkey: own || shown("proof-vkey").trim(),
    envelope: () => fromBase64(shown("proof-envelope").trim(), "not_an_envelope"),
    leaf: shown("proof-leaf").trim(),
    proof: shown("proof-text"),
    index: BigInt(section.dataset.index),
    kind: Number(section.dataset.kind),
    at: BigInt(section.dataset.at),
    epoch: section.dataset.epoch,
  };
}

// Each step returns what its sentence is filled with, and may name another sentence than `<step>_ok`.
const STEPS = {
  async envelope(page) {
    const header = envelopeHeader(page.envelope());
    if (header.kind !== page.kind || header.at !== page.at || header.epoch !== page.epoch) {
      throw new NotProved("other_header");
    }
    return {};
  },
  async leaf(page, state) {
    state.leaf = await leafHash(page.envelope());
    if (toHex(state.leaf) !== page.leaf) throw new NotProved("other_leaf");
    return {};
  },
  async key(page, state) {
    const key = await parseVkey(page.vkey);
    state.earlier = shelf(key.name).read();
    if (page.own && page.vkey !== shown("proof-vkey").trim()) throw new NotProved("not_your_key");
    if (state.earlier && state.earlier.vkey !== page.vkey) throw new NotProved("key_changed");
    return { said: page.own ? "key_yours" : "key_ok" };
  },
  async signature(page, state) {
    state.proof = parseProof(page.proof);
    state.checkpoint = await openCheckpoint(state.proof.checkpoint, page.vkey);
    return { size: state.checkpoint.size };
  },
  async inclusion(page, state) {
    if (!state.leaf || !state.checkpoint) throw new CannotCheck("before");
    const { size, root } = state.checkpoint;
    if (state.proof.index !== page.index) throw new NotProved("other_entry");
    await verifyInclusion({ leaf: state.leaf, index: page.index, size, root, hashes: state.proof.hashes });
    return { index: page.index, size };
  },
  async earlier(page, state) {
    if (!state.checkpoint) throw new CannotCheck("before");
    if (!state.earlier) return { said: "earlier_first" };
    const before = parseCheckpoint(state.earlier.note);
    document.getElementById("proof-earlier").textContent = state.earlier.note;
    const [small, large] = [before, state.checkpoint].sort((a, b) => (a.size < b.size ? -1 : 1));
    await verifyConsistency({
      oldSize: small.size,
      oldRoot: small.root,
      size: large.size,
      root: large.root,
      hashes: small.size === large.size ? [] : await extension(small.size, large.size),
    });
    return { size: before.size };
  },
};

/** The hashes between two trees, from the server: worth what they hash to. */
async function extension(from, to) {
  let answer;
  try {
    answer = await fetch(`${section.dataset.consistency}?from=${from}&to=${to}`, { redirect: "manual" });
  } catch {
    throw new CannotCheck("unreachable");
  }
  if (answer.status === 404) throw new NotProved("cut_back");
  if (!answer.ok) throw new CannotCheck("unreachable");
  const { hashes } = await answer.json();
  return hashes.map((hash) => fromBase64(hash));
}

async function run() {
  const [page, state, said] = [given(), {}, []];
  for (const [name, step] of Object.entries(STEPS)) {
    said.push(await result(name, () => step(page, state)));
    show(name, said.at(-1));
  }
  const verdict = ["failed", "unknown", "ok"].find((state) => said.some((one) => one.state === state));
  const key = verdict === "ok" && page.own ? "verdict_yours" : `verdict_${verdict}`;
  const line = document.getElementById("proof-verdict");
  line.textContent = text(key);
  line.className = { ok: "ok", failed: "alert", unknown: "notice" }[verdict];
  line.dataset.state = verdict;
  if (verdict !== "ok") section.querySelector("details").open = true;
  if (verdict === "ok") shelf(state.checkpoint.origin).keep(state.proof.checkpoint, page.vkey, state.checkpoint.size);
}

async function result(name, step) {
  try {
    const { said = `${name}_ok`, ...values } = await step();
    return { state: "ok", sentence: text(said, values) };
  } catch (error) {
    if (error instanceof CannotCheck) return { state: "unknown", sentence: text(`cannot_${error.message}`) };
    // whatever else went wrong, nothing was proved
    const reason = error instanceof NotProved ? error.reason : "malformed";
    return { state: "failed", sentence: `${text(`${name}_failed`)} (${reason})` };
  }
}

function show(name, { state, sentence }) {
  const item = section.querySelector(`[data-step="${name}"]`);
  item.dataset.state = state;
  item.querySelector("[data-part=state]").textContent = text(`state_${state}`);
  item.querySelector("[data-part=said]").textContent = sentence;
}

document.getElementById("proof-again").addEventListener("click", run);
for (const tool of section.querySelectorAll("[data-script]")) tool.disabled = false;
await run();
