#!/usr/bin/env bash
# Speed of the program beside the bare runtimes and rembg, in turns; writes bench/RESULTS.md. Wants a quiet machine.
#   bench/run.sh build/release/pixmill [--rounds 3]
set -euo pipefail
cd "$(dirname "$0")/.."
pixmill=$1
shift
shared=../shared
if [ ! -d "$shared/datasets/ecssd/images" ]; then
  echo "bench: no $shared: the photographs and models to measure with are not here" >&2
  exit 1
fi
exec bench/peers/run.sh ../cutout_bench.py "$pixmill" --images "$shared/datasets/ecssd/images" \
  --model "$shared/models/matting/u2netp.onnx" --starter models/starter/cutout.onnx "$@"
