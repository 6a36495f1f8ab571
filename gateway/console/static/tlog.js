// Proofs of the access log, checked by whoever reads this and by nobody else: C2SP signed-note, tlog-checkpoint,
// tlog-proof@v1, and RFC 9162 section 2.1, with WebCrypto alone.
//
// Rule of this file: pure functions over bytes and text; nothing of a page, nothing from a network. What does not hold
// is thrown as NotProved with a word for it; what this browser cannot do is thrown as CannotCheck. Nothing answers
// with a boolean that could be overlooked. Sizes and indices are BigInt: a log may be longer than 2^53 entries.

const HASH = 32;
const ED25519 = 1;
const ID_BYTES = 4;
const SIGNATURE = 64;
const MOST_HASHES = 63;
const MOST_SIGNATURES = 100;
const LARGEST = 1n << 63n;
const DECIMAL = /^(0|[1-9][0-9]{0,18})$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f]/;
const NAME = /^[^\s+\x00-\x1f\x7f]+$/;
const SIGNED = /^— (\S+) (\S+)$/;
const FIRST_LINE = "c2sp.org/tlog-proof@v1";

/** A proof that does not hold. `reason`: a word. */
export class NotProved extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** This browser lacks what the check needs. */
export class CannotCheck extends Error {}

function must(holds, reason) {
  if (!holds) throw new NotProved(reason);
}

// -- bytes

export const utf8 = (text) => new TextEncoder().encode(text);

/** The bytes of base64 with padding, exactly one text for each. */
export function fromBase64(text, reason = "malformed") {
  must(BASE64.test(text), reason);
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  must(toBase64(bytes) === text, reason); // unused bits that are set would be a second text for the same bytes
  return bytes;
}

export function toBase64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const equal = (a, b) => a.length === b.length && a.every((byte, place) => byte === b[place]);

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// -- the tree

function subtle() {
  const found = globalThis.crypto?.subtle; // absent where the page is neither https nor from this machine
  if (!found) throw new CannotCheck("webcrypto");
  return found;
}

export async function sha256(bytes) {
  return new Uint8Array(await subtle().digest("SHA-256", bytes));
}

/** RFC 9162 section 2.1.1. */
export const leafHash = (entry) => sha256(joined(Uint8Array.of(0), entry));

const nodeHash = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

const isHash = (bytes) => bytes instanceof Uint8Array && bytes.length === HASH;

/** Does a leaf hash stand at `index` of the tree? RFC 9162 section 2.1.3.2. Throws NotProved. */
export async function verifyInclusion({ leaf, index, size, root, hashes }) {
  must([leaf, root, ...hashes].every(isHash), "malformed");
  must(index >= 0n && index < size, "no_such_leaf");
  let [position, last, node] = [index, size - 1n, leaf];
  for (const sibling of hashes) {
    must(last !== 0n, "too_long");
    if (position & 1n || position === last) {
      node = await nodeHash(sibling, node);
      while (!(position & 1n) && position !== 0n) [position, last] = [position >> 1n, last >> 1n];
    } else {
      node = await nodeHash(node, sibling);
    }
    [position, last] = [position >> 1n, last >> 1n];
  }
  must(last === 0n, "too_short");
  must(equal(node, root), "other_root");
}

/** Is the old tree the beginning of the new one? RFC 9162 section 2.1.4.2. Throws NotProved. */
export async function verifyConsistency({ oldSize, oldRoot, size, root, hashes }) {
  must([oldRoot, root, ...hashes].every(isHash), "malformed");
  must(oldSize > 0n && oldSize <= size, "cut_back");
  if (oldSize === size) {
    must(hashes.length === 0, "too_long");
    must(equal(oldRoot, root), "two_histories");
    return;
  }
  const path = (oldSize & (oldSize - 1n)) === 0n ? [oldRoot, ...hashes] : [...hashes];
  must(path.length > 0, "too_short");
  let [position, last] = [oldSize - 1n, size - 1n];
  while (position & 1n) [position, last] = [position >> 1n, last >> 1n];
  let [before, now] = [path[0], path[0]];
  for (const sibling of path.slice(1)) {
    must(last !== 0n, "too_long");
    if (position & 1n || position === last) {
      [before, now] = [await nodeHash(sibling, before), await nodeHash(sibling, now)];
      while (!(position & 1n) && position !== 0n) [position, last] = [position >> 1n, last >> 1n];
    } else {
      now = await nodeHash(now, sibling);
    }
    [position, last] = [position >> 1n, last >> 1n];
  }
  must(last === 0n, "too_short");
  must(equal(before, oldRoot) && equal(now, root), "two_histories");
}

// -- signed notes

/** `name+id+key` taken apart; the id must be the one that name and key have. Throws NotProved. */
export async function parseVkey(text) {
  const [name, id, ...rest] = text.trim().split("+");
  const data = fromBase64(rest.join("+"), "not_a_key"); // base64 itself has plus signs
  must(NAME.test(name) && data.length === 1 + HASH && data[0] === ED25519, "not_a_key");
  const computed = (await sha256(joined(utf8(`${name}\n`), data))).slice(0, ID_BYTES);
  must(toHex(computed) === id, "key_id");
  return { name, id: computed, raw: data.slice(1) };
}

/** What a checkpoint note states, before anybody looked at its signature. Throws NotProved. */
export function parseCheckpoint(note) {
  const gap = note.lastIndexOf("\n\n");
  must(gap > 0 && note.endsWith("\n"), "not_a_note");
  const body = note.slice(0, gap + 1);
  must(!CONTROL.test(body), "not_a_note");
  const lines = note.slice(gap + 2, -1).split("\n");
  must(lines.length <= MOST_SIGNATURES, "not_a_note");
  const signatures = lines.map((line) => {
    const found = SIGNED.exec(line);
    must(found && NAME.test(found[1]), "not_a_note");
    const data = fromBase64(found[2], "not_a_note");
    must(data.length > ID_BYTES, "not_a_note");
    return { name: found[1], id: data.slice(0, ID_BYTES), signature: data.slice(ID_BYTES) };
  });
  const [origin, size, root, ...more] = body.slice(0, -1).split("\n");
  must([origin, size, root, ...more].every(Boolean) && DECIMAL.test(size), "not_a_checkpoint");
  must(BigInt(size) < LARGEST, "not_a_checkpoint");
  const hash = fromBase64(root, "not_a_checkpoint");
  must(hash.length === HASH, "not_a_checkpoint");
  return { origin, size: BigInt(size), root: hash, body, signatures };
}

/** The checkpoint of a note that the key of a vkey signed, for the log of the key's name. Throws both errors. */
export async function openCheckpoint(note, vkey) {
  const key = await parseVkey(vkey);
  const checkpoint = parseCheckpoint(note);
  const ours = checkpoint.signatures.filter((one) => one.name === key.name && equal(one.id, key.id));
  must(ours.length > 0, "other_key");
  for (const { signature } of ours) {
    must(signature.length === SIGNATURE, "bad_signature");
    must(await signedBy(key.raw, signature, utf8(checkpoint.body)), "bad_signature");
  }
  must(checkpoint.origin === key.name, "other_log");
  return checkpoint;
}

/** Whether an Ed25519 signature holds. Throws CannotCheck where WebCrypto has no Ed25519. */
async function signedBy(raw, signature, message) {
  const crypto = subtle();
  let key;
  try {
    key = await crypto.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    if (error.name === "NotSupportedError") throw new CannotCheck("ed25519");
    throw new NotProved("not_a_key");
  }
  return crypto.verify({ name: "Ed25519" }, key, signature, message);
}

// -- an entry

/** A text of tlog-proof@v1 taken apart. Throws NotProved. */
export function parseProof(text) {
  const gap = text.indexOf("\n\n");
  must(gap > 0, "not_a_proof");
  const lines = text.slice(0, gap).split("\n");
  must(lines.shift() === FIRST_LINE, "not_a_proof");
  if (lines[0]?.startsWith("extra ")) fromBase64(lines.shift().slice("extra ".length), "not_a_proof");
  const index = /^index (\S+)$/.exec(lines.shift() ?? "");
  must(index && DECIMAL.test(index[1]) && lines.length <= MOST_HASHES, "not_a_proof");
  const hashes = lines.map((line) => fromBase64(line, "not_a_proof"));
  must(hashes.every(isHash), "not_a_proof");
  return { index: BigInt(index[1]), hashes, checkpoint: text.slice(gap + 2) };
}

const HEADER_BYTES = 70;
const VERSION = 1;

/** What an envelope says in clear: the number of its kind, its time in microseconds since 1970, its key epoch. */
export function envelopeHeader(envelope) {
  must(envelope.length > HEADER_BYTES && envelope[0] === VERSION, "not_an_envelope");
  const view = new DataView(envelope.buffer, envelope.byteOffset, envelope.byteLength);
  return { kind: envelope[1], at: view.getBigUint64(2), epoch: toHex(envelope.slice(10, 26)) };
}
