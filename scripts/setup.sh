#!/usr/bin/env bash
# Makes a machine ready to build and run Promenade. Usage: setup.sh [natives|demo-data|training|cuda|verify]
# Nothing is installed into the system or into Python; everything lies in the cache (PROMENADE_CACHE).
set -euo pipefail
CACHE=$(realpath -m "${PROMENADE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/promenade}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TORCH_VERSION=2.11.0
NATIVES=(
  "libtorch-$TORCH_VERSION/lib/"{libtorch_cpu.so,libc10.so,libtorch.so}
  onnxruntime-1.31.1/libonnxruntime.so.1.31.1
  models/{face_detection_yunet_2023mar,centerface}.onnx
)

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# --- what the machine must have ---------------------------------------------------------------------------------

check_platform() {
  [[ "$(uname -sm)" == "Linux x86_64" ]] ||
    fail "Promenade runs on 64-bit Linux on x86-64 processors, and this is $(uname -sm)."
}

check_tools() {
  local missing=() packages=() tool
  for tool in gcc g++ cmake make python3; do
    command -v "$tool" >/dev/null || {
      missing+=("$tool")
      packages+=("$tool")
    }
  done
  if ((${#missing[@]})); then
    fail "missing: ${missing[*]}. On Debian or Ubuntu: sudo apt-get install ${packages[*]}"
  fi
}

check_cargo() {
  local wanted found major minor
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  if ! command -v cargo >/dev/null; then
    [[ -x "${HOME:-}/.cargo/bin/cargo" ]] &&
      fail "cargo is in ~/.cargo/bin, which is not on the PATH: run  . ~/.cargo/env"
    fail "missing: cargo (Rust $wanted or newer). Install Rust from rustup.rs."
  fi
  found=$(cargo --version 2>/dev/null | cut -d ' ' -f 2) || fail "cargo does not run; reinstall Rust from rustup.rs."
  IFS=. read -r major minor _ <<<"$found"
  if ((major < ${wanted%%.*} || (major == ${wanted%%.*} && minor < ${wanted##*.}))); then
    fail "cargo is $found and Promenade needs $wanted or newer: rustup update"
  fi
}

# The wheels are built for glibc 2.28: Debian 10, Ubuntu 18.10, RHEL 8 and newer; not for musl.
check_glibc() {
  local found
  found=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2) || true
  if [[ -z "$found" ]] || ((10#${found##*.} < 28)); then
    fail "the libraries need glibc 2.28 or newer, and this system has ${found:-none}."
  fi
}

check_room_to_build() {
  local target=${CARGO_TARGET_DIR:-target} free_mb
  [[ -d "$target" ]] && return
  free_mb=$(($(df -Pk . | awk 'NR == 2 { print $4 }') / 1024))
  ((free_mb >= 4000)) || fail "a build needs 4000 MB and $PWD has $free_mb MB free; make room or set CARGO_TARGET_DIR."
}

# --- parts ------------------------------------------------------------------------------------------------------

fetch() { python3 -B scripts/fetch.py "$@"; }

# Whether everything was there when last looked at and the pins have not changed since.
natives_fresh() {
  local file list
  for file in "${NATIVES[@]}"; do
    [[ "$file" == libtorch-* && -n "${LIBTORCH:-}" ]] && continue
    [[ "$file" == onnxruntime-* && -n "${ORT_DYLIB_PATH:-}" ]] && continue
    list=${file%%/*}/.complete
    [[ "$file" == models/* ]] && list=models/.detectors.complete
    [[ -s "$CACHE/$file" && "$CACHE/$list" -nt scripts/parts.py ]] || return 1
  done
}

check_own_libtorch() {
  [[ -e "$LIBTORCH/lib/libtorch_cpu.so" ]] ||
    fail "LIBTORCH is $LIBTORCH, which has no lib/libtorch_cpu.so; correct it or unset it to have libtorch fetched."
  local version
  version=$(cat "$LIBTORCH/build-version" 2>/dev/null || true)
  [[ -z "$version" || "$version" == "$TORCH_VERSION"* ]] ||
    fail "LIBTORCH is $LIBTORCH with version $version, and Promenade needs $TORCH_VERSION; unset it to have that fetched."
}

# The build finds libtorch through this link, see .cargo/config.toml.
link_libtorch() {
  local wanted=${LIBTORCH:-$CACHE/libtorch-$TORCH_VERSION}
  [[ "$wanted" -ef .libtorch ]] && return
  [[ -e .libtorch && ! -L .libtorch ]] && fail "$PWD/.libtorch is a folder of its own; move it away: the link to libtorch belongs there."
  ln -sfn "$(realpath "$wanted")" .libtorch
  echo "libtorch: .libtorch -> $wanted"
}

natives() {
  local parts=(detectors)
  if [[ -z "${ORT_DYLIB_PATH:-}" ]]; then
    parts=(onnxruntime "${parts[@]}")
  elif [[ ! -e "$ORT_DYLIB_PATH" ]]; then
    fail "ORT_DYLIB_PATH is $ORT_DYLIB_PATH, which does not exist; correct it or unset it to have ONNX Runtime fetched."
  fi
  if [[ -n "${LIBTORCH:-}" ]]; then
    check_own_libtorch
  else
    parts=(libtorch "${parts[@]}")
  fi
  if [[ "${1:-}" == --verify ]]; then
    fetch --verify "$CACHE" "$PWD" "${parts[@]}"
  elif ! natives_fresh; then
    check_glibc
    fetch "$CACHE" "$PWD" "${parts[@]}"
  fi
  link_libtorch
}

# --- CUDA -------------------------------------------------------------------------------------------------------

# The lib folder of a PyTorch 2.11 that python3 can import, looked up without importing it.
torch_of_python() {
  python3 - <<'PY'
import importlib.util, pathlib, re, sys
found = importlib.util.find_spec("torch")
for folder in (found.submodule_search_locations if found else None) or ():
    folder = pathlib.Path(folder)
    version = re.search(r"__version__ = '([^']+)'", (folder / "version.py").read_text())
    if version and version[1].startswith("2.11.") and (folder / "lib/libtorch_cuda.so").exists():
        print(folder / "lib")
PY
}

cuda() {
  local driver lib
  driver=$(sed -n 's/.*Module  *\([0-9.]*\).*/\1/p' /proc/driver/nvidia/version 2>/dev/null | head -n 1) || true
  if [[ -z "$driver" && -z "${FORCE:-}" ]]; then
    fail "no NVIDIA driver is loaded here. Where the GPU machine shares this cache: make setup-cuda FORCE=1"
  elif [[ -n "$driver" ]] && ((${driver%%.*} < 580)); then
    say "the NVIDIA driver is $driver, and CUDA 13 needs 580 or newer: update it before use."
  fi
  lib=$(torch_of_python)
  if [[ -n "$lib" ]]; then
    echo "cuda: the PyTorch of $(command -v python3) will do"
  else
    fetch "$CACHE" "$PWD" cuda
    lib=$CACHE/libtorch-cuda-$TORCH_VERSION/torch/lib
  fi
  printf 'cuda: the same binary uses the GPU when started with\n  export LD_LIBRARY_PATH=%s\n' "$lib"
}

# ----------------------------------------------------------------------------------------------------------------

check_platform
check_tools
case "${1:-natives}" in
natives)
  check_cargo
  check_room_to_build
  natives
  ;;
verify)
  natives --verify
  ;;
demo-data) fetch "$CACHE" "$PWD" portraits songs ;;
training) [[ "$CACHE/models/.imagenet.complete" -nt scripts/parts.py && -s "$CACHE/models/mobilenet_v2_imagenet.safetensors" ]] ||
  fetch "$CACHE" "$PWD" imagenet ;;
cuda) cuda ;;
*) fail "unknown: $1. Known: natives, demo-data, training, cuda, verify." ;;
esac
