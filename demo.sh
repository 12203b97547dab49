#!/usr/bin/env bash
# Gets what is missing, builds Assay, and shows its main job on a real text-segmentation network: an
# engine of its own beside ONNX Runtime, and how far each is from float64 truth, on random input and
# on a photograph.
# Needs root only if Debian packages are missing, the network only if anything is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

fail() {
  printf 'demo: %s\n' "$1" >&2
  exit 1
}

tools/setup.sh build models

echo 'demo: building build/release/assay (some minutes the first time)'
mkdir -p build/demo
{ cmake --preset release && cmake --build --preset release --target assay; } >build/demo/build.log 2>&1 || {
  tail -n 30 build/demo/build.log >&2
  fail 'the build failed; the whole output is in build/demo/build.log'
}
PATH=$PWD/build/release:$PATH

# Prints a command as one would type it, then runs it. A verdict, good or bad, is a result.
show() {
  local code=0
  printf '\n$ %s\n' "$*"
  "$@" || code=$?
  [ "$code" -le 1 ] || fail "this command could not be carried out (exit code $code)"
}

# Assay's engine is built, compared with ONNX Runtime, and saved.
show assay run models/PP-OCRv6_det_small.onnx --native --onnxrt --input-shapes 'x:[1,3,512,512]' \
  --atol 1e-3 --rtol 1e-3 --save-engine build/demo/det.engine

# ONNX Runtime is compared with float64 truth.
show assay run models/PP-OCRv6_det_small.onnx --reference --onnxrt --input-shapes 'x:[1,3,512,512]' \
  --report build/demo/random.json

# The picture goes through ONNX Runtime, and what it computed is kept ...
show assay run models/PP-OCRv6_det_small.onnx --onnxrt --load-images photos/ --image-size 512x512 \
  --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 \
  --save-inputs build/demo/in.json --save-outputs build/demo/golden.json

# ... and is then compared with the truth, under the same default tolerance of 1e-5.
show assay run models/PP-OCRv6_det_small.onnx --reference --load-inputs build/demo/in.json \
  --load-outputs build/demo/golden.json --report build/demo/photograph.json

# The saved engine is a model like any other: on the picture, against the same truth.
show assay run models/PP-OCRv6_det_small.onnx --reference --load-inputs build/demo/in.json \
  --save-outputs build/demo/truth.json
show assay run build/demo/det.engine --native --load-inputs build/demo/in.json \
  --load-outputs build/demo/truth.json --report build/demo/engine.json

printf '\nAgainst float64 truth, PP-OCRv6_det_small at 512x512:\n'
tools/summarize_reports.py 'ONNX Runtime, random input=build/demo/random.json' \
  'ONNX Runtime, photograph=build/demo/photograph.json' \
  'Assay engine, photograph=build/demo/engine.json'
