#!/bin/sh
# Runs Python with the packages that the tests compare with; exits 77, "skipped" for ctest, without.
#   tools/with_peers.sh ARGUMENTS-OF-PYTHON...
python=$(dirname "$0")/../.venv/bin/python
if [ ! -x "$python" ]; then
  echo 'skipped: no .venv here; tools/setup.sh peers makes it'
  exit 77
fi
exec "$python" -B "$@"
