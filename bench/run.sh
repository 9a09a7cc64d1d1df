#!/usr/bin/env bash
# Measures the program on the photographs of ../shared, beside its runtimes alone and rembg; writes bench/RESULTS.md
# and README's figures.
# Wants a quiet machine, 20 minutes, and 1 GB for rembg's environment, .env/peers.
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
model=$shared/models/matting/u2netp.onnx
"$pixmill" bench cutout "$images" -m "$model" --precision fp32 --compare backend=onnxruntime,openvino --against rembg \
  --peer-python "$peer_python" --report $out/u2netp.json --report $out/u2netp.html "$@"
"$pixmill" bench cutout "$images" -m "$model" --backend openvino --compare precision=bf16 --report $out/u2netp_bf16.json "$@"
"$pixmill" bench cutout "$images" --compare precision=fp32,auto --report $out/starter.json --report $out/starter.html "$@"
python3 -I bench/results.py "$pixmill" "$images" $out/u2netp.json $out/u2netp_bf16.json $out/starter.json
python3 -I bench/readme.py
