#!/usr/bin/env bash
# Installs the Debian packages that `make test-system` and `make image-check` need. Run as root.
set -euo pipefail
packages=(
    r-base-core r-cran-proc r-cran-glmnet # reference numbers, made anew
    r-cran-survival r-cran-lme4 r-cran-lmertest r-cran-emmeans r-cran-mvtnorm
    chromium fonts-liberation             # pages, looked at as people do
    curl                                  # what the README shows
    wrk                                   # load for bench/serving.py
    strace                                # counts what reaches the disk, kills at the worst moment
    debootstrap                           # clean Debian roots for the image's steps
    postgresql                            # the store's other database, and pg_virtualenv
    prometheus                            # its own checker, and to be read by it
    docker-compose                        # checks compose.yaml; needs no engine for it
    nginx-light                           # the proxy of docs/operation.md
    util-linux                            # unshare: a disk of its own that is full
)
missing=()
for package in "${packages[@]}"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
        missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
