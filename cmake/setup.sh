# Sourced by ./run and ./test: brings in what the build needs, once, and builds. Offline where nothing is missing.

build_packages=(g++ cmake ninja-build ccache libfmt-dev nlohmann-json3-dev libeigen3-dev libcli11-dev libhwy-dev)
test_packages=(libgtest-dev)

need() { # PACKAGE...: installs those that are missing, or names them where that cannot be done
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  local sudo=()
  if [[ $EUID -ne 0 ]]; then
    if command -v sudo >/dev/null; then sudo=(sudo); else
      echo "missing packages, and neither root nor sudo to install them: ${missing[*]}" >&2
      return 0
    fi
  fi
  echo "installing: ${missing[*]}" >&2
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

install_packages() {
  if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    need "$@"
  else
    echo "this is not a Debian system; building with what is there. The build wants: $*" >&2
  fi
}

build() { # TARGET CMAKE-ARGUMENTS...: configures when that changed, and builds TARGET in build/
  local target=$1 log=build/build.log
  shift
  mkdir -p build
  if ! { [[ -f build/build.ninja && "$(cat build/arguments 2>/dev/null)" == "$*" ]] || cmake -S . -B build -G Ninja "$@"; } >"$log" 2>&1 ||
     ! { echo "$*" >build/arguments; ninja -C build "$target" >>"$log" 2>&1; }; then
    tail -n 40 "$log" >&2
    exit 1
  fi
}
