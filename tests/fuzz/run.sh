#!/usr/bin/env bash
# Builds the fuzz programs with clang and runs each for some time; stops at the first finding, whose
# input is left beside the program.
#
#   tests/fuzz/run.sh [SECONDS] [NAME...]     default: 60 seconds, all programs
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source=$PWD

seconds=${1:-60}
shift || true
cmake --preset fuzz > /dev/null
if [ $# -eq 0 ]; then
  mapfile -t names < <(sed -n 's/^assay_fuzz(\([a-z0-9_]*\).*/\1/p' tests/fuzz/CMakeLists.txt)
else
  names=("$@")
fi
cmake --build --preset fuzz --target "${names[@]/#/fuzz_}"

cd build/fuzz/tests/fuzz
for name in "${names[@]}"; do
  printf '\n== %s, %s s\n' "$name" "$seconds"
  options=()
  [ ! -f "$source/tests/fuzz/$name.dict" ] || options=(-dict="$source/tests/fuzz/$name.dict")
  "./fuzz_$name" "${options[@]}" -max_total_time="$seconds" -max_len=131072 -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="./$name-" "corpus/$name" 2>&1 | tail -n 15
done
