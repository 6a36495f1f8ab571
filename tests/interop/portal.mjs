// A portal written from the public contract alone: node portal.mjs READY.json
// Needs Node 18 or later and nothing else. Prints one JSON line per step and ends with status 0 when all hold.

import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { checkReceipt } from "./note.mjs";
import { NotProved, must, request, verified } from "./token.mjs";

const ready = JSON.parse(readFileSync(process.argv[2], "utf8"));
const portal = { ...ready.portal, key: createPrivateKey(readFileSync(ready.portal.private_key)) };
const PURPOSE = { procedure: ready.procedure, dossier: "H14-261122-0007", officer: "canbo.07", basis: "law" };
const PERSON = ready.subjects.person;
const LOOKUP = "/v1/persons/lookup";
const seconds = () => Math.floor(Date.now() / 1000);
const grown = (note) => note.replace(/\n\d+\n/, "\n999999\n");
const json = (document) => Buffer.from(JSON.stringify(document));

async function exchange(method, path, { token, digest, body }) {
  const headers = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers["content-type"] = "application/json";
  if (digest) headers["content-digest"] = digest;
  const answer = await fetch(ready.base_url + path, { method, headers, body, redirect: "error" });
  return {
    status: answer.status,
    type: answer.headers.get("content-type"),
    digest: answer.headers.get("content-digest"),
    signature: answer.headers.get("gateway-signature"),
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

const keys = JSON.parse((await exchange("GET", "/.well-known/jwks.json", {})).body).keys;

/** A token for a call, and the Content-Digest that goes with it. `changes` replaces claims. */
function prepared(method, path, body, changes) {
  const url = ready.base_url + path;
  const token = request(portal, {
    audience: ready.audience, method, url, body, purpose: PURPOSE, now: seconds(), changes,
  });
  const { digest } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  return { token, digest, body };
}

/** What the gateway answered, proved. An answer to a known key carries a receipt; others carry none. */
async function proved(method, path, sent, { known = true } = {}) {
  const answer = await exchange(method, path, sent);
  const caller = known ? portal.iss : undefined;
  const claims = verified(answer, { keys, issuer: ready.audience, caller, token: sent.token, now: seconds() });
  if (known) checkReceipt(claims.entry, ready.log);
  else must(claims.entry === undefined, "nothing unattributed names a log entry");
  return { ...answer, claims, document: JSON.parse(answer.body) };
}

const call = (method, path, document, changes, given) =>
  proved(method, path, prepared(method, path, document && json(document), changes), given);

async function right(method, path, document) {
  const answer = await call(method, path, document);
  must(answer.status === 200, `status 200, not ${answer.status} ${answer.document.code ?? ""}`);
  must(answer.type.startsWith("application/json"), "the answer is JSON");
  return answer.document;
}

function refused(answer, status, code) {
  const { document } = answer;
  must(answer.status === status, `status ${status}, not ${answer.status}`);
  must(document.code === code, `code ${code}, not ${document.code}`);
  must(answer.type.startsWith("application/problem+json"), "a problem is application/problem+json");
  must(document.fault === "caller" && document.status === status, "the problem says whose fault it is");
  for (const name of ["type", "title", "detail", "instance"]) must(typeof document[name] === "string", `has ${name}`);
  return document;
}

/** The problem's `type` is an address that resolves (contract section 7). */
async function resolves(problem) {
  must((await fetch(problem.type)).status === 200, "the problem's type resolves");
}

const STEPS = {
  async procedures() {
    const listed = await right("GET", "/v1/procedures");
    must(JSON.stringify(listed).includes(`"${ready.procedure}"`), "the procedure of the ready file is listed");
    const one = await right("GET", `/v1/procedures/${ready.procedure}`);
    must(JSON.stringify(one).includes('"applicant"'), "the roles of a procedure are told");
  },
  async "person verified"() {
    const yes = await right("POST", "/v1/persons/verify", PERSON);
    const no = await right("POST", "/v1/persons/verify", { ...PERSON, full_name: "Trần Văn Khác" });
    must(JSON.stringify([yes, no]) === '[{"match":true},{"match":false}]', "a match and nothing else");
  },
  async "person looked up"() {
    const field = "person.permanent_address";
    const { found, fields } = await right("POST", LOOKUP, { ...PERSON, fields: [field] });
    must(found === true && Object.keys(fields).join() === field, "the field asked for and no other");
    const { value, status, source, as_of: asOf, retrieved_at: at } = fields[field];
    must(status === "ok" && source === "population", "status and source of the field");
    must(typeof value.text === "string" && value.country === "VN" && value.scheme, "an address as in the contract");
    must(!Number.isNaN(Date.parse(asOf)) && !Number.isNaN(Date.parse(at)), "times of the field");
  },
  async "person not found"() {
    const { found } = await right("POST", LOOKUP, { ...PERSON, full_name: "Trần Văn Khác" });
    must(found === false, "who does not exist is an answer");
  },
  async "dossier pre-filled"() {
    const body = { subjects: { applicant: PERSON }, declared: { phone: "0900 000 000" } };
    const dossier = await right("POST", "/v1/dossiers/prefill", body);
    must(dossier.procedure === ready.procedure && dossier.dossier === PURPOSE.dossier, "for this dossier");
    for (const name of ["missing", "conflicts", "documents"]) must(Array.isArray(dossier[name]), `${name} is a list`);
    const filled = Object.values(dossier.form).filter((f) => f.source === "population");
    must(filled.length > 0 && filled.every((f) => f.status && f.from && f.retrieved_at), "values say where from");
    const { fields_total: total, fields_filled: count, rate } = dossier.reuse;
    must(Math.abs(rate - count / total) < 0.001, "the reuse rate is the quotient");
    must(dossier.sources.population, "the sources' outcomes");
  },
  async replay() {
    const sent = prepared("POST", LOOKUP, json(PERSON));
    must((await proved("POST", LOOKUP, sent)).status === 200, "the first is answered");
    await resolves(refused(await proved("POST", LOOKUP, sent), 401, "request_replayed"));
  },
  async "altered body"() {
    const sent = prepared("POST", LOOKUP, json(PERSON));
    sent.body = json({ ...PERSON, birth_date: "1992-11-23" });
    refused(await proved("POST", LOOKUP, sent), 401, "digest_mismatch");
  },
  async "altered body and header"() {
    const sent = prepared("POST", LOOKUP, json(PERSON));
    const other = prepared("POST", LOOKUP, json({ ...PERSON, birth_date: "1992-11-23" }));
    refused(await proved("POST", LOOKUP, { ...other, token: sent.token }), 401, "digest_mismatch");
  },
  async "wrong htu"() {
    const htu = `${ready.base_url}/v1/persons/verify`;
    refused(await call("POST", LOOKUP, PERSON, { htu }), 401, "target_mismatch");
  },
  async "wrong audience"() {
    refused(await call("POST", LOOKUP, PERSON, { aud: "https://elsewhere.example" }), 401, "audience_wrong");
  },
  async "old token"() {
    const then = seconds() - 300;
    refused(await call("POST", LOOKUP, PERSON, { iat: then, exp: then + 60 }), 401, "token_expired");
  },
  async "unknown member"() {
    const problem = refused(await call("POST", LOOKUP, { ...PERSON, nickname: "x" }), 400, "field_unknown");
    must(problem.errors.some((e) => e.pointer === "/nickname"), "the pointer names the member");
  },
  async "no token"() {
    refused(await proved("POST", LOOKUP, { body: json(PERSON) }, { known: false }), 401, "authorization_missing");
  },
  async "spoilt signature"() {
    const sent = prepared("POST", LOOKUP, json(PERSON));
    const [header, claims, signature] = sent.token.split(".");
    const bytes = Buffer.from(signature, "base64url");
    bytes[bytes.length >> 1] ^= 1;
    sent.token = `${header}.${claims}.${bytes.toString("base64url")}`;
    refused(await proved("POST", LOOKUP, sent, { known: false }), 401, "signature_invalid");
  },
  async "DER signature"() {
    const sent = prepared("POST", LOOKUP, json(PERSON));
    const input = sent.token.split(".").slice(0, 2).join(".");
    sent.token = `${input}.${sign("sha256", Buffer.from(input), portal.key).toString("base64url")}`;
    refused(await proved("POST", LOOKUP, sent, { known: false }), 401, "signature_invalid");
  },
  // That this client can say no: a good answer, spoilt in each part, is not believed.
  async "spoilt answers"() {
    const sent = prepared("POST", "/v1/persons/verify", json(PERSON));
    const good = await exchange("POST", "/v1/persons/verify", sent);
    const given = { keys, issuer: ready.audience, caller: portal.iss, token: sent.token, now: seconds() };
    const { entry } = verified(good, given);
    const believed = (check) => {
      try {
        check();
        return true;
      } catch (error) {
        if (!(error instanceof NotProved)) throw error;
        return false;
      }
    };
    const [header, claims, signature] = good.signature.split(".");
    const said = JSON.parse(Buffer.from(claims, "base64url"));
    const forged = Buffer.from(JSON.stringify({ ...said, status: 201 })).toString("base64url");
    const spoilt = {
      body: believed(() => verified({ ...good, body: json({ match: false }) }, given)),
      status: believed(() => verified({ ...good, status: 403 }, given)),
      claims: believed(() => verified({ ...good, status: 201, signature: `${header}.${forged}.${signature}` }, given)),
      question: believed(() => verified(good, { ...given, token: prepared("GET", "/v1/procedures").token })),
      caller: believed(() => verified(good, { ...given, caller: "H15" })),
      later: believed(() => verified(good, { ...given, now: given.now + 3600 })),
      index: believed(() => checkReceipt({ ...entry, index: 1e9 }, ready.log)),
      tree: believed(() => checkReceipt({ ...entry, checkpoint: grown(entry.checkpoint) }, ready.log)),
      log: believed(() => checkReceipt(entry, { ...ready.log, origin: "elsewhere.example/log" })),
    };
    for (const [name, fooled] of Object.entries(spoilt)) must(!fooled, `an answer with a spoilt ${name} is refused`);
    checkReceipt(entry, ready.log);
  },
};

// The other algorithms have one form of signature only.
if (portal.alg !== "ES256") delete STEPS["DER signature"];

let failed = 0;
for (const [step, run] of Object.entries(STEPS)) {
  try {
    await run();
    console.log(JSON.stringify({ step, alg: portal.alg, ok: true }));
  } catch (error) {
    failed += 1;
    console.log(JSON.stringify({ step, alg: portal.alg, ok: false, expected: error.message }));
  }
}
process.exitCode = failed === 0 ? 0 : 1;
