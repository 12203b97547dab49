#!/bin/sh
# usage: install_and_build.sh BUILD SOURCE CMAKE COMPILER
set -eu
build=$1 source=$2 cmake=$3 compiler=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" --install "$build" --prefix "$work/prefix" > "$work/log"
"$cmake" -G Ninja -S "$source/examples/01_run_model" -B "$work/example" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$work/prefix" >> "$work/log"
"$cmake" --build "$work/example" >> "$work/log" || { cat "$work/log"; exit 1; }

model=$source/tests/data/cli/scale_shift.onnx
"$work/example/run_model" "$model" | grep 'y (1, 3, 4, 4): mean 0.8183'
"$work/example/run_model_c" "$model" | grep 'input x (1, 3, 4, 4)'
"$work/example/run_model" "$source/tests/data/cli/no_inputs.onnx" | grep 'three (2): mean 3'
"$work/example/run_model" "$source/tests/data/cli/any_rank.onnx" 2 3 | grep 'y (2, 3): mean'
! "$work/example/run_model" "$source/tests/data/cli/any_rank.onnx" 2> "$work/error"
grep 'rank of input x is unknown' "$work/error"
"$work/example/run_model" "$source/tests/data/cli/typed_inputs.onnx" | grep 'f32_out (5): mean'
"$work/example/run_model_c" "$source/tests/data/cli/any_rank.onnx" | grep 'input x, shape unknown'
! "$work/example/run_model" "$source/README.md" || { echo 'a text file was taken for a model'; exit 1; }
"$work/prefix/bin/assay" run "$model" --native --reference | grep 'Verdict: PASS'
