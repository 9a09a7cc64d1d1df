#!/usr/bin/env bash
# Format and static analysis; exit 1 when there is a finding, each with its file and line.
#
#   scripts/lint.sh [check...]     checks: format, tidy, python; default: all three
#
# Wants the packages of section [lint] (scripts/setup.sh lint) and, for tidy, those of [build]. PIXMILL_BUILD_DIR names a build tree
# whose compile_commands.json tidy reads; default: build/release, configured when it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
ruff_version=0.17.5
ruff=.env/lint/bin/ruff

say() { printf 'lint: %s\n' "$*" >&2; }

# The files that git tracks, or would, and that match the pathspecs given.
sources() {
  git ls-files --cached --others --exclude-standard --deduplicate -- "$@" | while read -r file; do
    [ ! -e "$file" ] || echo "$file"
  done
}

format() {
  sources {src,include,bench,fuzz,tests}/'*'.{cc,h} | xargs -r clang-format --dry-run -Werror
}

# Headers are looked at through the sources that include them. Tests are left out: GoogleTest's macros bring most of the noise; so is
# what this machine does not build because a library is missing, and the backend of LibTorch, whose headers clang 14 does not get through.
tidy() {
  local build=${PIXMILL_BUILD_DIR:-build/release}
  [ -e "$build/compile_commands.json" ] || cmake --preset release -B "$build" >&2
  sources 'src/*.cc' ':!src/*_test.cc' ':!src/runtime/modules/libtorch.cc' | while read -r file; do
    ! grep -q "/$file\"" "$build/compile_commands.json" || echo "$file"
  done |
    xargs -r -P "$(nproc)" -n 1 clang-tidy -p "$build" --quiet 2> >(grep -v 'warnings\? generated' >&2)
}

python() {
  if [ "$("$ruff" --version 2>/dev/null)" != "ruff $ruff_version" ]; then
    python3 -I -m venv .env/lint
    .env/lint/bin/python -I -m pip install --quiet --disable-pip-version-check "ruff==$ruff_version" >&2
  fi
  sources '*.py' | xargs -r "$ruff" check --quiet
  sources '*.py' | xargs -r "$ruff" format --quiet --diff
}

[ $# -gt 0 ] || set -- format tidy python
failed=()
for check in "$@"; do
  case $check in
    format | tidy | python) ;;
    *) say "no check named '$check': format, tidy, python"; exit 2 ;;
  esac
  started=$SECONDS
  # A subshell, so that errexit holds inside the function although its status is tested.
  set +e
  (set -e; "$check")
  status=$?
  set -e
  if [ $status = 0 ]; then say "$check: clean ($((SECONDS - started)) s)"; else failed+=("$check"); fi
done
[ ${#failed[@]} = 0 ] || { say "findings: ${failed[*]}"; exit 1; }
