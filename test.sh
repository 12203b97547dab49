#!/usr/bin/env bash
# Gets what is missing, builds the release preset, checks the source and runs every test.
# Needs root only if Debian packages are missing, the network only if anything is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

step() { printf '\n== %s\n' "$*"; }

step 'set-up'
tools/setup.sh all

step 'build'
cmake --preset release
cmake --build --preset release

step 'headers compile on their own'
cmake --build --preset release --target check_headers

step 'layers and libraries'
tools/check_layers.py
step 'format'
tools/check_format.sh
step 'clang-tidy'
tools/check_tidy.py --seconds 420

step 'tests'
ctest --preset release --parallel "$(nproc)"
