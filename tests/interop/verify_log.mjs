// An auditor in JavaScript: verifies an export of the access log from its files and the public key alone.
// Written from C2SP (signed-note, tlog-checkpoint, tlog-tiles, tlog-proof) and RFC 9162 section 2.1.
//
//   node verify_log.mjs EXPORT VKEY [EARLIER-CHECKPOINT ...] [--proof FILE LEAF]...
//
// Rule of this file: only what Node has built in. Prints one line of JSON per step; exit status 1 when one fails.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "./note.mjs";
import { must, NotProved, sha256 } from "./token.mjs";

const HASH = 32;
const WIDTH = 256;

const leafHash = (entry) => sha256(Buffer.concat([Buffer.of(0), entry]));
const nodeHash = (left, right) => sha256(Buffer.concat([Buffer.of(1), left, right]));

/** The largest power of two smaller than `count`. */
function split(count) {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}

/** MTH of RFC 9162 section 2.1.1 over hashes; the last may stand for an unfinished subtree. */
function root(hashes) {
  if (hashes.length === 1) return hashes[0];
  const k = split(hashes.length);
  return nodeHash(root(hashes.slice(0, k)), root(hashes.slice(k)));
}

const hashesOf = (data) => Array.from({ length: data.length / HASH }, (_, n) => data.subarray(HASH * n, HASH * (n + 1)));

/** The part of a path behind the level: groups of three digits, all but the last behind an x; the width if partial. */
function numbered(n, width) {
  const groups = [String(n % 1000).padStart(3, "0")];
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  }
  return groups.join("/") + (width === WIDTH ? "" : `.p/${width}`);
}

/** The tiles of the tree of a checkpoint, each read from its file when it is asked for. */
class Tree {
  constructor(folder, size) {
    this.folder = folder;
    this.size = size;
    this.tiles = new Map();
  }

  count(level) {
    return Math.floor(this.size / WIDTH ** level);
  }

  width(level, n) {
    return Math.min(WIDTH, this.count(level) - WIDTH * n);
  }

  tile(level, n) {
    const path = join("tile", String(level), numbered(n, this.width(level, n)));
    if (!this.tiles.has(path)) {
      must(existsSync(join(this.folder, path)), `${path} is there`);
      const data = readFileSync(join(this.folder, path));
      must(data.length === HASH * this.width(level, n), `${path} has its length`);
      this.tiles.set(path, hashesOf(data));
    }
    return this.tiles.get(path);
  }

  levels() {
    let level = 0;
    while (this.count(level) > 0) level += 1;
    return level;
  }

  /** The root of the first `size` leaves, from what each level has outside its full tiles. */
  head(size) {
    let below = [];
    for (let level = 0; Math.floor(size / WIDTH ** level) > 0; level += 1) {
      const count = Math.floor(size / WIDTH ** level);
      if (count % WIDTH === 0) continue;
      below = [root([...this.tile(level, Math.floor(count / WIDTH)).slice(0, count % WIDTH), ...below])];
    }
    return below[0];
  }

  /** The root over the leaves start to end - 1, a range of a proof. */
  range(start, end) {
    const count = end - start;
    const k = count === 1 ? 1 : split(count) * 2 === count ? count : split(count);
    if (k < count) return nodeHash(this.range(start, start + k), this.range(start + k, end));
    const level = Math.floor(Math.log2(count) / 8);
    const unit = WIDTH ** level;
    const place = start / unit;
    return root(this.tile(level, Math.floor(place / WIDTH)).slice(place % WIDTH, (place % WIDTH) + count / unit));
  }
}

/** PATH of RFC 9162 section 2.1.3.1, nearest first. */
function inclusion(tree, index, start, end) {
  if (end - start === 1) return [];
  const middle = start + split(end - start);
  return index < middle
    ? [...inclusion(tree, index, start, middle), tree.range(middle, end)]
    : [...inclusion(tree, index, middle, end), tree.range(start, middle)];
}

/** SUBPROOF of RFC 9162 section 2.1.4.1. */
function consistency(tree, old, start, end, whole) {
  if (old === end) return whole ? [] : [tree.range(start, end)];
  const middle = start + split(end - start);
  return old <= middle
    ? [...consistency(tree, old, start, middle, whole), tree.range(middle, end)]
    : [...consistency(tree, old, middle, end, false), tree.range(start, middle)];
}

/** RFC 9162 section 2.1.3.2: the root a proof leads to. */
function climbed(leaf, index, size, proof) {
  must(index < size, "the tree has the entry");
  let [fn, sn, node] = [BigInt(index), BigInt(size) - 1n, leaf];
  for (const sibling of proof) {
    must(sn !== 0n, "the inclusion proof is not too long");
    if (fn & 1n || fn === sn) {
      node = nodeHash(sibling, node);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      node = nodeHash(node, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  must(sn === 0n, "the inclusion proof is not too short");
  return node;
}

/** RFC 9162 section 2.1.4.2. */
function verifyConsistency(old, oldRoot, size, newRoot, given) {
  if (old === size) {
    must(given.length === 0 && oldRoot.equals(newRoot), "equal trees have equal roots");
    return;
  }
  const proof = Number.isInteger(Math.log2(old)) ? [oldRoot, ...given] : [...given];
  must(proof.length > 0, "the consistency proof is not empty");
  let [fn, sn] = [BigInt(old) - 1n, BigInt(size) - 1n];
  while (fn & 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [first, second] = [proof[0], proof[0]];
  for (const sibling of proof.slice(1)) {
    must(sn !== 0n, "the consistency proof is not too long");
    if (fn & 1n || fn === sn) {
      [first, second] = [nodeHash(sibling, first), nodeHash(sibling, second)];
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      second = nodeHash(second, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  must(sn === 0n && first.equals(oldRoot), "the consistency proof leads to the old root");
  must(second.equals(newRoot), "the consistency proof leads to the new root");
}

/** Every tile has the root that the tile above it names. */
function everyTile(tree) {
  let tiles = 0;
  for (let level = 1; level < tree.levels(); level += 1) {
    for (let number = 0; number < tree.count(level); number += 1) {
      const named = tree.tile(level, Math.floor(number / WIDTH))[number % WIDTH];
      must(root(tree.tile(level - 1, number)).equals(named), `tile ${level - 1}/${number} is the one named above it`);
      tiles += 1;
    }
  }
  return { full_tiles: tiles };
}

/** Every entry of every bundle hashes to its leaf. */
function everyEntry(folder, tree) {
  for (let n = 0; WIDTH * n < tree.size; n += 1) {
    const leaves = tree.tile(0, n);
    const data = readFileSync(join(folder, "tile", "entries", numbered(n, leaves.length)));
    let at = 0;
    leaves.forEach((leaf, number) => {
      must(at + 2 <= data.length, `entry ${WIDTH * n + number} is there`);
      const length = data.readUInt16BE(at);
      const entry = data.subarray(at + 2, at + 2 + length);
      must(entry.length === length && leafHash(entry).equals(leaf), `entry ${WIDTH * n + number} hashes to its leaf`);
      at += 2 + length;
    });
    must(at === data.length, "a bundle holds its entries and nothing else");
  }
  return { entries: tree.size };
}

/** A file of C2SP tlog-proof@v1, for the leaf that a receipt names. */
function verifyProof(file, leaf, vkey) {
  const text = readFileSync(file, "utf8");
  const gap = text.indexOf("\n\n");
  const lines = text.slice(0, gap).split("\n");
  must(lines.shift() === "c2sp.org/tlog-proof@v1", "the first line names the format");
  if (lines[0].startsWith("extra ")) lines.shift();
  const index = /^index (0|[1-9][0-9]*)$/.exec(lines.shift());
  must(index, "the proof names its entry");
  const checkpoint = openCheckpoint(text.slice(gap + 2), vkey);
  const hashes = lines.map((line) => Buffer.from(line, "base64"));
  must(hashes.every((hash) => hash.length === HASH), "a hash has 32 bytes");
  const found = climbed(Buffer.from(leaf, "base64"), Number(index[1]), checkpoint.size, hashes);
  must(found.toString("base64") === checkpoint.root, "the proof leads to the root the log signed");
  return { index: Number(index[1]), size: checkpoint.size };
}

let failed = 0;

function step(name, work) {
  try {
    console.log(JSON.stringify({ step: name, ok: true, ...work() }));
  } catch (error) {
    if (!(error instanceof NotProved)) throw error;
    failed += 1;
    console.log(JSON.stringify({ step: name, ok: false, expected: error.message }));
  }
}

const [folder, keyText, ...rest] = process.argv.slice(2);
const vkey = (existsSync(keyText) ? readFileSync(keyText, "utf8") : keyText).trim();
const earlier = rest.includes("--proof") ? rest.slice(0, rest.indexOf("--proof")) : rest;

let checkpoint;
step("checkpoint", () => {
  checkpoint = openCheckpoint(readFileSync(join(folder, "checkpoint"), "utf8"), vkey);
  return { origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root };
});
if (checkpoint) {
  const { size } = checkpoint;
  const head = Buffer.from(checkpoint.root, "base64");
  const tree = new Tree(folder, size);
  step("right edge", () => {
    must(tree.head(size).equals(head), "the tiles of the right edge lead to the root");
    return {};
  });
  step("tiles", () => everyTile(tree));
  step("entries", () => everyEntry(folder, tree));
  step("inclusion", () => {
    for (let index = 0; index < size; index += 1) {
      const leaf = tree.tile(0, Math.floor(index / WIDTH))[index % WIDTH];
      const found = climbed(leaf, index, size, inclusion(tree, index, 0, size));
      must(found.equals(head), `entry ${index} is included`);
    }
    return { proved: size };
  });
  for (const file of earlier) {
    step("consistency", () => {
      const old = openCheckpoint(readFileSync(file, "utf8"), vkey);
      must(old.origin === checkpoint.origin && old.size <= size, "the earlier checkpoint is one of this log");
      const proof = old.size === size ? [] : consistency(tree, old.size, 0, size, true);
      verifyConsistency(old.size, Buffer.from(old.root, "base64"), size, head, proof);
      return { from: old.size, to: size, hashes: proof.length };
    });
  }
}
for (let at = rest.indexOf("--proof"); at >= 0 && at < rest.length; at += 3) {
  step("proof", () => verifyProof(rest[at + 1], rest[at + 2], vkey));
}
process.exit(failed ? 1 : 0);
