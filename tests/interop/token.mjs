// Request tokens and answer signatures as a portal in another language sees them: contract sections 2 and 3.
// Rule of this file: only what Node has built in, and nothing of the gateway's own code.

import { constants, createHash, createPublicKey, randomBytes, sign, verify } from "node:crypto";

const HASH = "sha256";
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
const TOLERANCE_SECONDS = 30;

export const sha256 = (bytes) => createHash(HASH).update(bytes).digest();

export const contentDigest = (bytes) => `sha-256=:${sha256(bytes).toString("base64")}:`;

export const tokenHash = (token) => sha256(token).toString("base64url");

/** Something the gateway sent does not prove what it should. */
export class NotProved extends Error {}

export function must(holds, what) {
  if (!holds) throw new NotProved(what);
}

// RFC 7518 section 3.4: ES256 is r and s as 32 raw bytes each; RFC 8037: EdDSA hashes by itself.
const ALGORITHMS = {
  ES256: { hash: HASH, options: { dsaEncoding: "ieee-p1363" } },
  PS256: { hash: HASH, options: PSS },
  EdDSA: { hash: null, options: {} },
};

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A compact JWS over `claims`. `key` is a private KeyObject; `alg` the algorithm it is registered for. */
export function signed(header, claims, key, alg) {
  const input = `${part(header)}.${part(claims)}`;
  const { hash, options } = ALGORITHMS[alg];
  return `${input}.${sign(hash, Buffer.from(input), { key, ...options }).toString("base64url")}`;
}

/** Header and claims of a right request token; `changes` replaces claims. */
export function request(portal, { audience, method, url, body, purpose, now, changes = {} }) {
  const claims = {
    iss: portal.iss,
    aud: audience,
    iat: now,
    exp: now + 60,
    jti: randomBytes(16).toString("base64url"),
    htm: method,
    htu: url,
    ...(body ? { digest: contentDigest(body) } : {}),
    purpose,
    ...changes,
  };
  const header = { alg: portal.alg, kid: portal.kid, typ: "gateway-request+jwt" };
  return signed(header, claims, portal.key, portal.alg);
}

function opened(token) {
  const parts = token.split(".");
  must(parts.length === 3 && parts.every((p) => /^[A-Za-z0-9_-]+$/.test(p)), "the signature is a compact JWS");
  const [header, claims] = parts.slice(0, 2).map((p) => JSON.parse(Buffer.from(p, "base64url").toString("utf8")));
  return { header, claims, input: `${parts[0]}.${parts[1]}`, signature: Buffer.from(parts[2], "base64url") };
}

/** The claims of `Gateway-Signature`, after everything in contract section 3 was held against what was received. */
export function verified(answer, { keys, issuer, caller, token, now }) {
  const { header, claims, input, signature } = opened(answer.signature ?? "");
  must(header.typ === "gateway-response+jwt", "typ is gateway-response+jwt");
  const jwk = keys.find((key) => key.kid === header.kid);
  must(jwk, "kid is in the key set");
  must(jwk.alg === header.alg && header.alg in ALGORITHMS, "alg is that of the key");
  must((jwk.use ?? "sig") === "sig" && !("d" in jwk), "the key set holds a public signing key");
  const { hash, options } = ALGORITHMS[header.alg];
  const key = createPublicKey({ key: jwk, format: "jwk" });
  must(verify(hash, Buffer.from(input), { key, ...options }, signature), "the signature verifies");
  must(claims.iss === issuer, "iss is the gateway");
  must(claims.aud === caller, "aud is this portal, or absent where it is not known");
  must(Number.isInteger(claims.iat) && Math.abs(claims.iat - now) <= TOLERANCE_SECONDS, "iat is now");
  must(typeof claims.jti === "string" && claims.jti.length > 0, "jti is there");
  must(claims.req === (token ? tokenHash(token) : null), "req is the hash of the token that was sent");
  must(claims.status === answer.status, "status is the HTTP status");
  must(answer.digest === contentDigest(answer.body), "Content-Digest is that of the body");
  must(claims.digest === answer.digest, "digest is the Content-Digest");
  return claims;
}
