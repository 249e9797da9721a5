#!/usr/bin/env bash
# Makes service/pages/static/vendor anew: what pages load that others wrote, with its licences.
# Needs npm. A package whose bytes are not those named here stops it.
set -euo pipefail
cd "$(dirname "$0")/../service/pages/static/vendor"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# package version, SHA-256 of its archive, file in it, our name
take() {
    local package=$1 version=$2 digest=$3 file=$4 name=$5
    local archive
    archive=$(cd "$scratch" && npm pack --silent "$package@$version")
    echo "$digest  $scratch/$archive" | sha256sum --check --quiet
    tar -xzf "$scratch/$archive" -C "$scratch"
    grep -v '^//# sourceMappingURL=' "$scratch/package/$file" >"$name.js" || test -s "$name.js"
    cp "$scratch/package/LICENSE" "$name.LICENSE"
    rm -rf "$scratch/package"
}

take htmx.org 2.0.11 165a2655073e9e6e55e307a7c74e8ebcdb76afb7701f9c16cfd106a13add408e dist/htmx.min.js htmx
take vega 6.4.0 3521fb6ff68a94a40323954f0ba4484ba4014b157bfd37f89a3b063082320c42 build/vega.min.js vega
take vega-lite 6.4.3 24260f85e6f5bfe1069505f7c5c2b9863181ac413ef1030746f0a80c93991ce5 build/vega-lite.min.js vega-lite
take vega-interpreter 2.3.2 b83489633c1320e9d6f839781f0c84c661a5ca2666fe38cb83f7c52a531fffec build/vega-interpreter.js vega-interpreter

# It asks a bundler for three functions that vega itself has.
sed -i "s/^import \({.*}\) from 'vega-util';$/const \1 = globalThis.vega;/" vega-interpreter.js
head -1 vega-interpreter.js | grep -q '^const .* = globalThis.vega;$'
sha256sum ./*.js | tee SHA256SUMS
