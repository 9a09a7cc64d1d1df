#!/usr/bin/env bash
# Measures the program on the photographs of ../shared, with the bare models and rembg; writes bench/RESULTS.md.
# Needs an idle machine, 20 minutes, and 1 GB for rembg's environment, .env/peers.
#   bench/run.sh build/release/pixmill [--runs 3]
set -euo pipefail
cd "$(dirname "$0")/.."
pixmill=$1
shift
shared=../shared images=$shared/datasets/ecssd/images out=build/bench
if [ ! -d "$images" ]; then
  echo "bench: no $shared: the photographs and models to measure with are not here" >&2
  exit 1
fi
peer_python=$(bench/peers.sh)
mkdir -p $out
export PIXMILL_HOME=$PWD/$out/home
"$pixmill" bench cutout "$images" -m "$shared/models/matting/u2netp.onnx" --compare backend=onnxruntime,openvino \
  --compare precision=fp32,bf16 --against rembg --peer-python "$peer_python" --report $out/u2netp.json --report $out/u2netp.html "$@"
"$pixmill" bench cutout "$images" --report $out/starter.json --report $out/starter.html "$@"
python3 bench/results.py "$pixmill" "$images" $out/u2netp.json $out/starter.json
