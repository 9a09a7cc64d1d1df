#!/usr/bin/env bash
# Holds what `auto` takes without tuning against the best that `pixmill tune` finds, for every model in ../shared.
# Wants a quiet machine and about 15 minutes; prints the table of docs/AUTO.md.
#   bench/auto_rule.sh build/release/pixmill [seconds a model]
set -euo pipefail
cd "$(dirname "$0")/.."
pixmill=$1 seconds=${2:-25} shared=../shared
if [ ! -d "$shared/models" ]; then
  echo "auto_rule: no $shared: the models to measure with are not here" >&2
  exit 1
fi
models=() count=0
for model in "$shared"/models/*/*.onnx; do
  models+=(-m "$model")
  count=$((count + 1))
done
PIXMILL_HOME=$(mktemp -d)
export PIXMILL_HOME
trap 'rm -rf "$PIXMILL_HOME"' EXIT
# Models that take no picture or cannot be loaded are reported on standard error and skipped.
"$pixmill" tune --compare-auto --budget "$((count * seconds))s" "${models[@]}" || [ $? = 1 ]
