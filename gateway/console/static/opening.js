// An answer somebody kept, held against the commitments of the log: which values are the ones that were disclosed.
// The format is that of signing/commitments.py:
//
//   commitment = HMAC-SHA256(HMAC-SHA256(salt, place), canonical JSON)      place: a JSON Pointer, /form/full_name
//
// Rule of this file: pure functions; what is pasted stays in this browser. A number that is no whole number is told
// to be beyond this check rather than compared wrongly: its canonical text is Python's, not JavaScript's.

const SALT = 32;
const PARTS = ["fields", "form"];
const WHOLE = /^-?(?:0|[1-9][0-9]*)$/;
const SHORT = { '"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** What was pasted cannot be read. `reason`: body, signature, salt. */
export class Unreadable extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** A number whose canonical text is not known here. */
class Beyond extends Error {}

/** A number as it is written, so that no digit is lost. */
class Written {
  constructor(text) {
    this.text = text;
  }
}

/** JSON with numbers as Written and objects as Map. Throws Unreadable. */
export function parsed(text) {
  let at = 0;
  const fail = () => new Unreadable("body");
  const blank = () => {
    while (" \t\n\r".includes(text[at] ?? "x")) at += 1;
  };
  const take = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) throw fail();
    at += found[0].length;
    return found[0];
  };
  const expect = (sign) => {
    if (text[at] !== sign) throw fail();
    at += 1;
  };
  const string = () => {
    try {
      return JSON.parse(take(/"(?:[^"\\\u0000-\u001f]|\\.)*"/y));
    } catch {
      throw fail();
    }
  };
  const several = (end, read) => {
    at += 1;
    blank();
    if (text[at] === end) {
      at += 1;
      return;
    }
    for (;;) {
      read();
      blank();
      if (text[at] === end) break;
      expect(",");
      blank();
    }
    at += 1;
  };
  const value = (depth) => {
    if (depth > 64) throw fail();
    blank();
    const sign = text[at];
    if (sign === '"') return string();
    if (sign === "{") {
      const members = new Map();
      several("}", () => {
        const name = string();
        if (members.has(name)) throw fail();
        blank();
        expect(":");
        members.set(name, value(depth + 1));
      });
      return members;
    }
    if (sign === "[") {
      const items = [];
      several("]", () => items.push(value(depth + 1)));
      return items;
    }
    if (sign === "-" || (sign >= "0" && sign <= "9")) {
      return new Written(take(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y));
    }
    return { true: true, false: false, null: null }[take(/true|false|null/y)];
  };
  const whole = value(0);
  blank();
  if (at !== text.length) throw fail();
  return whole;
}

/** The one text of a value: sorted names, no white space, ASCII. Throws Beyond for fractions. */
export function canonical(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quoted(value);
  if (value instanceof Written) {
    if (!WHOLE.test(value.text)) throw new Beyond();
    return value.text === "-0" ? "0" : value.text;
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const names = [...value.keys()].sort(byCodePoint);
  return `{${names.map((name) => `${quoted(name)}:${canonical(value.get(name))}`).join(",")}}`;
}

/** Place -> value of everything that is committed to. */
export function places(document) {
  const found = new Map();
  for (const part of PARTS) {
    const members = document instanceof Map ? document.get(part) : undefined;
    if (!(members instanceof Map)) continue;
    for (const [name, value] of members) {
      found.set(`/${part}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, value);
    }
  }
  return found;
}

/** Claims of a Gateway-Signature, not verified: only the salt is used, and a wrong salt opens nothing. */
export function claimsOf(signature) {
  const parts = signature.trim().split(".");
  if (parts.length !== 3) throw new Unreadable("signature");
  try {
    const text = atob(parts[1].replaceAll("-", "+").replaceAll("_", "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0))));
  } catch {
    throw new Unreadable("signature");
  }
}

/**
 * Each place of the body or the log with what became of it, sorted: same, differs, unrecorded (the log commits to
 * nothing there), absent (the body has nothing there), beyond. `digest`: the body's Content-Digest.
 * Throws Unreadable.
 */
export async function compared(bodyText, signature, recorded) {
  const body = new TextEncoder().encode(bodyText);
  const document = parsed(bodyText);
  const salt = saltOf(claimsOf(signature));
  const shown = places(document);
  const results = [];
  for (const place of [...new Set([...Object.keys(recorded), ...shown.keys()])].sort(byCodePoint)) {
    results.push({ place, said: await judged(place, shown, recorded, salt) });
  }
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return { results, digest: `sha-256=:${base64(hash)}:` };
}

async function judged(place, shown, recorded, salt) {
  if (!shown.has(place)) return "absent";
  if (!Object.hasOwn(recorded, place)) return "unrecorded";
  try {
    const found = await hmac(await hmac(salt, utf8(place)), utf8(canonical(shown.get(place))));
    return base64(found) === recorded[place] ? "same" : "differs";
  } catch (error) {
    if (error instanceof Beyond) return "beyond";
    throw error;
  }
}

function saltOf(claims) {
  try {
    const text = atob(claims.salt.replaceAll("-", "+").replaceAll("_", "/"));
    const salt = Uint8Array.from(text, (c) => c.charCodeAt(0));
    if (salt.length === SALT) return salt;
  } catch {
    // said below
  }
  throw new Unreadable("salt");
}

async function hmac(key, message) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

const utf8 = (text) => new TextEncoder().encode(text);

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

function quoted(text) {
  const escaped = text.replace(/["\\]|[^ -~]/g, (unit) => {
    return SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

/** Names are ordered by code point, as Python does; JavaScript's own order is that of UTF-16. */
function byCodePoint(a, b) {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let place = 0; place < Math.min(left.length, right.length); place += 1) {
    const difference = left[place].codePointAt(0) - right[place].codePointAt(0);
    if (difference) return difference;
  }
  return left.length - right.length;
}
