#!/usr/bin/env bash
# Makes service/pages/static/vendor anew, what pages load that others wrote, with its licences;
# and tests/system/vendor, which looks for what people with screen readers and keyboards would miss.
# Needs npm. A package whose bytes are not those named here stops it.
set -euo pipefail
cd "$(dirname "$0")/.."
pages=service/pages/static/vendor
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# package, version, SHA-256 of its archive, file in it, our name without its ending
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

take htmx.org 2.0.11 165a2655073e9e6e55e307a7c74e8ebcdb76afb7701f9c16cfd106a13add408e dist/htmx.min.js $pages/htmx
take vega 6.4.0 3521fb6ff68a94a40323954f0ba4484ba4014b157bfd37f89a3b063082320c42 build/vega.min.js $pages/vega
take vega-lite 6.4.3 24260f85e6f5bfe1069505f7c5c2b9863181ac413ef1030746f0a80c93991ce5 build/vega-lite.min.js $pages/vega-lite
take vega-interpreter 2.3.2 b83489633c1320e9d6f839781f0c84c661a5ca2666fe38cb83f7c52a531fffec build/vega-interpreter.js $pages/vega-interpreter
take axe-core 4.14.1 e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745 axe.min.js tests/system/vendor/axe

# It asks a bundler for three functions that vega itself has.
sed -i "s/^import \({.*}\) from 'vega-util';$/const \1 = globalThis.vega;/" $pages/vega-interpreter.js
head -1 $pages/vega-interpreter.js | grep -q '^const .* = globalThis.vega;$'
for folder in $pages tests/system/vendor; do
    (cd $folder && sha256sum ./*.js >SHA256SUMS)
done
