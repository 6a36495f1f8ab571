// The newest checkpoint of a log that this browser has verified. It says nothing about anyone: a size, a root, a
// signature. A server that shows another history later can be caught with it.
//
// Rule of this file: a smaller checkpoint never replaces a larger one; a browser that keeps nothing is said to.

const PREFIX = "lienthong.checkpoint.";

/** What is kept of the log `origin`: `read()` is { note, vkey } or null. `storage`: gives a Storage, or throws. */
export function shelf(origin, storage = () => globalThis.localStorage) {
  const name = PREFIX + origin;

  function read() {
    try {
      const kept = JSON.parse(storage().getItem(name) ?? "null");
      return typeof kept?.note === "string" && typeof kept?.vkey === "string" ? kept : null;
    } catch {
      return null; // no storage, or not ours
    }
  }

  function keep(note, vkey, size) {
    try {
      const before = read();
      if (before && sizeOf(before.note) >= size) return;
      storage().setItem(name, JSON.stringify({ note, vkey }));
    } catch {
      // a browser that keeps nothing still checks everything else
    }
  }

  return { read, keep };
}

const sizeOf = (note) => {
  const size = note.split("\n")[1] ?? "";
  return /^[0-9]+$/.test(size) ? BigInt(size) : -1n;
};
