#!/usr/bin/env bash
# Runs a peer in an environment of its own, .env/peers (1 GB, made at the first call, nothing else needs it).
#
#   bench/peers/run.sh rembg_folder.py IMAGES --model u2netp.onnx
#   bench/peers/run.sh bare.py u2netp.onnx --size 320
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
env=$here/../../.env/peers
if ! cmp -s "$here/requirements.txt" "$env/requirements.txt"; then
  rm -rf "$env"
  python3 -m venv "$env"
  "$env/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$env/"
fi
script=${1:?usage: run.sh rembg_folder.py|bare.py ARGUMENTS}
shift
export ORT_DISABLE_TELEMETRY=1  # ONNX Runtime 1.31 sends events otherwise
exec "$env/bin/python" "$here/$script" "$@"
