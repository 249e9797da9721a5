#!/usr/bin/env bash
# The fast tests on several Pythons, each in an environment of its own (.venv-PYTHON); then each
# trains bundles, and all of them must load all. Usage: scripts/check-pythons.sh python3.12 ...
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$#" -gt 0 ] || { echo "usage: scripts/check-pythons.sh PYTHON..." >&2; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bin_of() { echo ".venv-$(basename "$1")/bin"; }
for python in "$@"; do
    command -v "$python" >/dev/null || { echo "$python is not installed" >&2; exit 1; }
    make test PYTHON="$python" VENV=".venv-$(basename "$python")"
done
"$(bin_of "$1")/csf-responder" simulate "$scratch/cohort" --scenario informative --n 64
for python in "$@"; do
    for family in ridge xgboost; do
        printf '[evaluation]\nrepeats = 2\nbootstrap_linear = 20\nbootstrap_boosted = 10\npermutations = 2\noptimism_bootstrap = 2\n' \
            >"$scratch/quick.toml"
        printf '[candidates]\nfamilies = ["%s"]\n' "$family" >>"$scratch/quick.toml"
        "$(bin_of "$python")/csf-responder" train "$scratch/cohort" --task on_treatment --json \
            --config "$scratch/quick.toml" --registry "$scratch/registry" >/dev/null
    done
done
for bundle in "$scratch"/registry/bundles/*; do
    for python in "$@"; do
        "$(bin_of "$python")/csf-responder" models verify "$(basename "$bundle")" \
            --registry "$scratch/registry"
    done
done
echo "pythons: $* pass the fast tests, and each loads what the others trained"
