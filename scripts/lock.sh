#!/usr/bin/env bash
# Writes the hash-pinned lock files: requirements.lock for everything, deploy/*.lock for parts.
# Usage: scripts/lock.sh BIN, where BIN has a Python with pip. Needs the package index.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:?usage: scripts/lock.sh BIN}
[ -x "$bin/uv" ] || "$bin/python" -m pip install --quiet 'uv>=0.8'
compile() {
    "$bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --upgrade "$@"
}
compile pyproject.toml --all-extras --group dev --output-file requirements.lock
compile pyproject.toml --extra postgresql --constraint requirements.lock \
    --output-file deploy/service.lock
compile pyproject.toml --extra training --constraint requirements.lock \
    --output-file deploy/training.lock
echo 'hatchling' | compile - --constraint requirements.lock --output-file deploy/build.lock
