#!/usr/bin/env bash
# Cuts out the photographs in examples/ with the built-in model, and prints where the results are.
set -euo pipefail
pixmill=$1
"$pixmill" doctor >build/doctor.txt || true # measures once how fast this processor is in each precision
"$pixmill" cutout examples/ -o build/demo --overwrite --force
"$pixmill" cutout examples/ -o build/demo/white --format jpeg --background white --canvas 800x800 --margin 8% --overwrite --force
printf '\nLook at:\n'
find "$PWD/build/demo" -name '*_nobg.*' | sort | sed 's/^/  /'
