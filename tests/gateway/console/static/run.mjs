// Calls functions of the console's scripts and prints what they gave: node run.mjs FOLDER < cases.json
//
// A case is {module, name, args}. Bytes are {"bytes": base64}, whole numbers {"whole": "17"}, in both directions; a
// `storage` argument is {"storage": {...}}. The answer to a case is {"value": ...} or {"thrown": class, "reason": word}.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const { cases, without } = JSON.parse(readFileSync(0, "utf8"));

if (without === "webcrypto") Object.defineProperty(globalThis, "crypto", { value: undefined });
if (without === "ed25519") {
  const real = globalThis.crypto.subtle;
  const importKey = (format, data, algorithm, ...rest) => {
    if (algorithm.name === "Ed25519") throw new DOMException("no such algorithm", "NotSupportedError");
    return real.importKey(format, data, algorithm, ...rest);
  };
  const subtle = { digest: (...given) => real.digest(...given), verify: () => true, importKey };
  Object.defineProperty(globalThis, "crypto", { value: { subtle } });
}

function read(value) {
  if (Array.isArray(value)) return value.map(read);
  if (value === null || typeof value !== "object") return value;
  if ("bytes" in value) return Uint8Array.from(Buffer.from(value.bytes, "base64"));
  if ("whole" in value) return BigInt(value.whole);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, read(one)]));
}

function written(value) {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("base64") };
  if (typeof value === "bigint") return { whole: String(value) };
  if (Array.isArray(value)) return value.map(written);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, written(one)]));
}

const answers = [];
for (const { module, name, args } of cases) {
  const functions = await import(pathToFileURL(join(folder, module)));
  try {
    answers.push({ value: written((await functions[name](...read(args))) ?? null) });
  } catch (error) {
    answers.push({ thrown: error.constructor.name, reason: error.reason ?? error.message });
  }
}
process.stdout.write(JSON.stringify(answers));
