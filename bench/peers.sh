#!/usr/bin/env bash
# Makes the Python environment of bench/peers.txt in .env/peers (1 GB) if it is missing; prints the path of its Python.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=$PWD/.env/peers
if ! cmp -s bench/peers.txt "$peers/peers.txt"; then
  rm -rf "$peers"
  python3 -I -m venv "$peers" >&2
  "$peers/bin/python" -I -m pip install --quiet --disable-pip-version-check -r bench/peers.txt >&2
  cp bench/peers.txt "$peers/"
fi
echo "$peers/bin/python"
