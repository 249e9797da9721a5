#!/usr/bin/env bash
# Builds the wheel and uses it as a laboratory does: first with only the service's libraries, then
# with training's, from a folder whose files have the names of our packages.
# Needs PYTHON (one with hatchling) and the package index.
set -euo pipefail
cd "$(dirname "$0")/.."
source=$PWD
python=$(realpath --no-symlinks "${PYTHON:-python3}")
scratch=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$scratch"' EXIT
"$python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$scratch/dist" .
"$python" -m venv "$scratch/venv"
bin="$scratch/venv/bin"
"$bin/python" -m pip install --quiet --require-hashes -r deploy/service.lock
"$bin/python" -m pip install --quiet --no-deps "$scratch"/dist/*.whl
"$bin/python" -m pip check

mkdir -p "$scratch/hostile"/{data,service}
cd "$scratch/hostile"
for name in analysis models training csf_responder data/__init__ service/__init__; do
    printf 'open("%s", "w")\nraise RuntimeError("imported")\n' "$PWD/OWNED" >"$name.py"
done
"$bin/csf-responder" --help >/dev/null
"$bin/csf-responder" simulate cohort --scenario informative --n 64 >/dev/null
"$bin/csf-responder" check cohort
if "$bin/csf-responder" train cohort --task pretreatment 2>refused; then
    echo "training must be refused without its libraries" >&2
    exit 1
fi
grep -q "csf-responder\[training\]" refused
"$bin/python" -P -c 'import psycopg' # the service's lock is for PostgreSQL, too
CSF_ALLOW_ANONYMOUS=1 "$bin/csf-responder" serve --port 0 >served &
server=$!
for _ in $(seq 100); do
    address=$(sed -n 's/^Serving on //p' served)
    [ -n "$address" ] && break
    sleep 0.1
done
"$bin/python" -P - "$address" <<'PY'
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

"$bin/python" -P -m pip install --quiet --require-hashes -r "$source/deploy/training.lock"
"$bin/python" -P -m pip check
printf '[evaluation]\nrepeats = 2\nbootstrap_linear = 20\npermutations = 2\noptimism_bootstrap = 2\n[candidates]\nfamilies = ["ridge"]\n' \
    >quick.toml
"$bin/csf-responder" train cohort --task pretreatment --config quick.toml --jobs 2
bundle=$(ls registry/bundles)
"$bin/csf-responder" models promote "$bundle" --reason "wheel check"
"$bin/csf-responder" models verify champion:pretreatment
if [ -e OWNED ]; then
    echo "a module of the working folder was imported" >&2
    exit 1
fi
echo "wheel: serves with the service's libraries alone, trains with training's, from any folder"
