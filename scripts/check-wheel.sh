#!/usr/bin/env bash
# Builds the wheel and uses it as the image does: only the service's libraries, safe path, a
# folder of its own. Needs PYTHON (one with hatchling) and the package index.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$(realpath --no-symlinks "${PYTHON:-python3}")
scratch=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$scratch"' EXIT
"$python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$scratch/dist" .
"$python" -m venv "$scratch/venv"
bin="$scratch/venv/bin"
"$bin/python" -m pip install --quiet --require-hashes -r deploy/service.lock
"$bin/python" -m pip install --quiet --no-deps "$scratch"/dist/*.whl
"$bin/python" -m pip check
cd "$scratch"
export PYTHONSAFEPATH=1
"$bin/csf-responder" --help >/dev/null
"$bin/csf-responder" simulate cohort --n 64 >/dev/null
"$bin/csf-responder" check cohort
if "$bin/csf-responder" train cohort --task pretreatment 2>refused; then
    echo "training must be refused without its libraries" >&2
    exit 1
fi
grep -q "csf-responder\[training\]" refused
"$bin/csf-responder" serve --port 0 >served &
server=$!
for _ in $(seq 100); do
    address=$(sed -n 's/^Serving on //p' served)
    [ -n "$address" ] && break
    sleep 0.1
done
"$bin/python" - "$address" <<'PY'
import sys, urllib.error, urllib.request
address = sys.argv[1]
assert urllib.request.urlopen(f"{address}/livez").status == 200
try:
    urllib.request.urlopen(f"{address}/readyz")
except urllib.error.HTTPError as error:
    assert error.code == 503, error.code
else:
    raise SystemExit("a registry without champions cannot be ready")
PY
echo "wheel: installs with the service's libraries alone, serves, and says what training needs"
