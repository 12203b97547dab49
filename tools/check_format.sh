#!/usr/bin/env bash
# Checks that every C++ file is formatted as .clang-format says; with --fix formats them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mode=(--dry-run -Werror)
[ "${1:-}" != --fix ] || mode=(-i)
git ls-files -z --cached --others --exclude-standard '*.cc' '*.h' '*.cu' |
  xargs -0 -r clang-format "${mode[@]}" || {
  echo 'check_format: some files are not formatted; tools/check_format.sh --fix formats them' >&2
  exit 1
}
