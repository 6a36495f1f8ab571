// Receipts: the checkpoint in an answer is a C2SP signed note (signed-note v1, tlog-checkpoint v1).
// Rule of this file: a note is believed only through the vkey the portal was given.

import { createPublicKey, verify } from "node:crypto";
import { must, sha256 } from "./token.mjs";

const ED25519 = 1;
const ID_BYTES = 4;
const HASH_BYTES = 32;
const DECIMAL = /^(0|[1-9][0-9]*)$/;

/** `name+id+key` as { name, id, key }; the id is computed anew from name and key. */
export function parseVkey(vkey) {
  const [name, id, ...rest] = vkey.split("+");
  const data = Buffer.from(rest.join("+"), "base64"); // base64 itself has plus signs
  must(data.length === 1 + 32 && data[0] === ED25519, "the vkey holds an Ed25519 key");
  const computed = sha256(Buffer.concat([Buffer.from(`${name}\n`), data])).subarray(0, ID_BYTES);
  must(computed.toString("hex") === id, "the key id of the vkey is that of its name and key");
  const jwk = { kty: "OKP", crv: "Ed25519", x: data.subarray(1).toString("base64url") };
  return { name, id: computed, key: createPublicKey({ key: jwk, format: "jwk" }) };
}

/** { origin, size, root } of a checkpoint whose signature by `vkey` verifies. */
export function openCheckpoint(note, vkey) {
  const { name, id, key } = parseVkey(vkey);
  const split = note.lastIndexOf("\n\n");
  must(split > 0 && note.endsWith("\n"), "the note has a body and signatures");
  const body = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split("\n");
  const signatures = lines.map((line) => {
    const match = /^— (\S+) ([A-Za-z0-9+/]+=*)$/.exec(line);
    must(match, "a signature line has a name and base64");
    return { name: match[1], data: Buffer.from(match[2], "base64") };
  });
  const ours = signatures.filter((s) => s.name === name && s.data.subarray(0, ID_BYTES).equals(id));
  must(ours.length > 0, "the note is signed by the log's key");
  for (const { data } of ours) must(verify(null, Buffer.from(body), key, data.subarray(ID_BYTES)), "the note verifies");
  const [origin, size, root] = body.split("\n");
  must(DECIMAL.test(size), "the size is a decimal number");
  const hash = Buffer.from(root, "base64");
  must(hash.length === HASH_BYTES && hash.toString("base64") === root, "the root is a hash");
  return { origin, size: Number(size), root };
}

/** The entry of an answer, held against the checkpoint that comes with it. */
export function checkReceipt(entry, log) {
  must(entry, "the answer names its log entry");
  const checkpoint = openCheckpoint(entry.checkpoint, log.public_key);
  must(checkpoint.origin === log.origin && entry.log === log.origin, "the entry is in the log that is known");
  must(Number.isInteger(entry.index) && entry.index >= 0 && entry.index < checkpoint.size, "the tree holds the index");
  const leaf = Buffer.from(entry.leaf, "base64");
  must(leaf.length === HASH_BYTES && leaf.toString("base64") === entry.leaf, "the leaf is a hash");
  return { index: entry.index, size: checkpoint.size };
}
