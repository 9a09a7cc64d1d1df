#!/usr/bin/env bash
# Runs every fuzzer of a build folder for some seconds, starting from its earlier findings.
#   scripts/fuzz.sh build/fuzz 60
set -euo pipefail
folder=$1 seconds=$2
for fuzzer in "$folder"/fuzz/*_fuzz; do
  corpus=$folder/corpus/$(basename "$fuzzer")
  mkdir -p "$corpus"
  case $(basename "$fuzzer" _fuzz) in
    card) seeds=models/cards ;;
    *) seeds=fuzz/seeds/$(basename "$fuzzer" _fuzz) ;;
  esac
  printf 'fuzzing %s for %s s\n' "$(basename "$fuzzer")" "$seconds"
  "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 -artifact_prefix="$corpus-crash-" \
    "$corpus" "$seeds" 2>&1 | tail -n 8
done
