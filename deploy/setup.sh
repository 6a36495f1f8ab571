#!/bin/sh
# Makes .venv and installs the hashed requirements named by $1 (run | dev).
set -eu
cd "$(dirname "$0")/.."
which="$1"

python=""
for candidate in python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        python="$candidate"
        break
    fi
done
if [ -z "$python" ]; then
    echo "setup: Python 3.11 or newer is needed and was not found on PATH." >&2
    exit 1
fi

make_venv() { "$python" -m venv .venv; }

if [ ! -x .venv/bin/pip ]; then
    # Debian splits ensurepip into python3-venv; a fresh machine may lack it.
    if ! make_venv 2>/dev/null; then
        rm -rf .venv
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
            echo "setup: installing python3-venv (Debian keeps it apart from python3)"
            apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv
            make_venv
        else
            echo "setup: python3 -m venv failed. On Debian: apt-get install python3-venv" >&2
            exit 1
        fi
    fi
fi

.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes \
    -r "requirements/$which.txt"
.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
