#!/usr/bin/env bash
# One signed call with bash, openssl and curl: bash first-call.sh [PATH] [BODY-FILE]
# Environment: BASE_URL, AUDIENCE, AGENCY, KID and KEY (PEM file with a P-256 private key).
# Leaves request.jws, answer.headers and answer.json. Keep the three together: they are your proof.
set -euo pipefail

path=${1:-/v1/persons/lookup}
body=${2:-body.json}
url=$BASE_URL$path
purpose='{"procedure":"1.004222","dossier":"H14-261122-0001","officer":"canbo.01","basis":"law"}'

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# 1. The digest of the body file, byte for byte as curl will send it.
digest="sha-256=:$(openssl dgst -sha256 -binary "$body" | openssl base64 -A):"

# 2. Header and claims. A new token for every call: `jti` is random, `exp` is near.
now=$(date +%s)
header='{"alg":"ES256","kid":"'$KID'","typ":"gateway-request+jwt"}'
claims='{"iss":"'$AGENCY'","aud":"'$AUDIENCE'","iat":'$now',"exp":'$((now + 60))',"jti":"'$(openssl rand -hex 16)'",
"htm":"POST","htu":"'$url'","digest":"'$digest'","purpose":'$purpose'}'
signed=$(printf '%s' "$header" | base64url).$(printf '%s' "$claims" | base64url)

# 3. The signature. openssl writes DER: a sequence of two integers. JWS wants 32 raw bytes for each.
integers=$(printf '%s' "$signed" | openssl dgst -sha256 -sign "$KEY" | openssl asn1parse -inform DER |
  sed -n 's/.*INTEGER *://p')
raw=$(for integer in $integers; do printf '%64s' "$integer" | tr ' ' 0; done)
signature=$(printf "$(sed 's/../\\x&/g' <<<"$raw")" | base64url)
printf '%s' "$signed.$signature" >request.jws

# 4. The call. The token goes through a file and not the command line, where others on the machine could read it.
curl --silent --show-error --request POST "$url" --dump-header answer.headers --output answer.json \
  --header @<(printf 'Authorization: Bearer %s' "$(cat request.jws)") \
  --header "Content-Type: application/json" --header "Content-Digest: $digest" --data-binary "@$body"

sed -n 1p answer.headers
cat answer.json
echo
