#!/bin/sh
# Installs what the tests need beside Python: Node 18 or later, curl and openssl. For Debian and its kin, as root.
set -eu

missing=
command -v node >/dev/null || missing="$missing nodejs"
command -v curl >/dev/null || missing="$missing curl"
command -v openssl >/dev/null || missing="$missing openssl"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need:$missing. Install them, or run deploy/test-tools.sh as root on Debian." >&2
  exit 1
fi
apt-get update -qq
# shellcheck disable=SC2086  # one word for each package
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
