#!/bin/sh
# Installs what the tests need beside Python, for Debian and its kin, as root.
#
#   deploy/test-tools.sh            Node 18 or later, curl and openssl, for the clients in other languages
#   deploy/test-tools.sh browser    Chromium, fonts that show Vietnamese, and pdftotext, for the console
set -eu

missing=
want() { command -v "$1" >/dev/null || missing="$missing $2"; }

look() {
    missing=
    if [ "$1" = browser ]; then
        want chromium chromium
        want pdftotext poppler-utils
        # any font with the letter that few have: a Vietnamese text in boxes tests nothing
        want fc-list fontconfig
        if ! command -v fc-list >/dev/null || [ -z "$(fc-list ':charset=1ebf' family)" ]; then
            missing="$missing fonts-dejavu-core"
        fi
    else
        want node nodejs
        want curl curl
        want openssl openssl
    fi
}

look "${1:-}"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need:$missing. Install them, or run deploy/test-tools.sh ${1:-} as root on Debian." >&2
    exit 1
fi

# Tests in several processes come here at the same time, and apt-get refuses to run twice at once.
exec 9<"$(command -v apt-get)"
flock 9
look "${1:-}"
[ -z "$missing" ] && exit 0
apt-get update -qq 9<&-
# shellcheck disable=SC2086  # one word for each package
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing 9<&-
