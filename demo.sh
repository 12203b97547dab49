#!/usr/bin/env bash
# Gets what is missing, builds Assay, and shows its main job: how far ONNX Runtime is from float64
# truth on a real text-segmentation network, first on random input and then on a photograph.
# Needs root only if Debian packages are missing, the network only if anything is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

tools/setup.sh build models
echo 'building build/release/assay'
mkdir -p build
{ cmake --preset release && cmake --build --preset release --target assay; } >build/demo.log 2>&1 || {
  tail -n 30 build/demo.log >&2
  echo 'demo: the build failed; the whole output is in build/demo.log' >&2
  exit 1
}

readonly kModel=models/PP-OCRv6_det_small.onnx
readonly kOut=build/demo
mkdir -p "$kOut"

# Prints a command as one would type it, then runs it.
show() {
  printf '\n$ %s\n' "$*"
  "$@"
}
PATH=$PWD/build/release:$PATH

show assay run $kModel --reference --onnxrt --input-shapes 'x:[1,3,512,512]' --atol 1e-3 --rtol 1e-3
show assay run $kModel --onnxrt --load-images photos/ --image-size 512x512 \
  --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 \
  --save-inputs $kOut/in.json --save-outputs $kOut/golden.json
show assay run $kModel --reference --load-inputs $kOut/in.json --load-outputs $kOut/golden.json
