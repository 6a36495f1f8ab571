#!/usr/bin/env bash
# One signed call with bash, openssl and curl: do number, name and birth date belong together?
set -euo pipefail

base_url=${BASE_URL:-'{{ base_url }}'}
audience=${AUDIENCE:-'{{ audience }}'}
agency=${AGENCY:-H14}
kid=${KID:?the id of your key}
key=${KEY:?the PEM file with your private key for ES256}

url="$base_url/v1/persons/verify"
body='{{ body }}'
purpose='{"procedure":"1.004222","dossier":"H14-261122-0001","officer":"canbo.01","basis":"law"}'

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# 1. The digest of the body, byte for byte as it is sent.
digest="sha-256=:$(printf '%s' "$body" | openssl dgst -sha256 -binary | openssl base64 -A):"

# 2. Header and claims.
now=$(date +%s)
jti=$(openssl rand -hex 16)
header=$(printf '{"alg":"ES256","kid":"%s","typ":"gateway-request+jwt"}' "$kid" | base64url)
who=$(printf '"iss":"%s","aud":"%s"' "$agency" "$audience")
when=$(printf '"iat":%d,"exp":%d,"jti":"%s"' "$now" "$((now + 60))" "$jti")
what=$(printf '"htm":"POST","htu":"%s","digest":"%s"' "$url" "$digest")
claims=$(printf '{"purpose":%s,%s,%s,%s}' "$purpose" "$who" "$when" "$what" | base64url)

# 3. The signature. openssl prints DER, two integers; JWS wants the two as 32 raw bytes each.
hex=$(printf '%s' "$header.$claims" | openssl dgst -sha256 -sign "$key" | openssl asn1parse -inform DER |
  sed -n 's/.*INTEGER *://p' | while read -r integer; do printf '%64s' "$integer"; done | tr ' ' 0)
signature=$(printf "$(printf '%s' "$hex" | sed 's/../\\x&/g')" | base64url)

# 4. The call. The body goes through a pipe, so that it does not show in the list of processes.
printf '%s' "$body" | curl --silent --show-error --include --request POST "$url" \
  --header "Authorization: Bearer $header.$claims.$signature" \
  --header "Content-Type: application/json" \
  --header "Content-Digest: $digest" \
  --data-binary @-
