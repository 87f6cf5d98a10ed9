# Sourced by ./run and ./test: brings in what the build needs, once, and builds. Offline where nothing is missing.

build_packages=(g++ cmake ninja-build ccache libfmt-dev nlohmann-json3-dev libeigen3-dev libcli11-dev libhwy-dev libtomlplusplus-dev
  libtorch-dev libopenblas0-pthread libpng-dev zlib1g-dev)
test_packages=(clang-format libblas3 libgtest-dev librapidcheck-dev librsvg2-2 clang libclang-rt-dev python3-torch python3-dev
  python3-mypy python3-protobuf pybind11-dev chromium)
# What the lab is built with: 850 MB, so only for those who build it or run the tests. A node from elsewhere brings its npm.
lab_packages=(emscripten)
command -v node >/dev/null || lab_packages+=(nodejs)
command -v npm >/dev/null || lab_packages+=(npm)

# The last lines of a log, and out.
give_up() { # WHAT LOG
  echo "$1; the end of what it said:" >&2
  tail -n 25 "$2" >&2
  exit 1
}

# Installs those packages that are missing; names them where that cannot be done, and goes on with what is there.
need() { # PACKAGE...
  local missing=() sudo=() log installed package
  installed=" $(dpkg-query -W -f='${binary:Package}=${db:Status-Status} ' "$@" 2>/dev/null || true)"
  for package in "$@"; do
    [[ $installed =~ " $package"(:[a-z0-9]+)?"=installed " ]] || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if [[ $EUID -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
      echo "missing, and neither root nor sudo to install them: ${missing[*]}. Trying with what is there." >&2
      return 0
    fi
    sudo=(sudo)
  fi
  echo "installing ${missing[*]}" >&2
  log=$(mktemp)
  local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive dpkg --configure -a >"$log" 2>&1 || give_up "dpkg --configure -a failed" "$log"
  # Package lists that are a little old may still do, so only the installation decides.
  "${apt[@]}" update >"$log" 2>&1 || true
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 || give_up "apt-get could not install them" "$log"
  rm -f "$log"
}

install_packages() { # PACKAGE...
  if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    need "$@"
    return
  fi
  local missing=() tool
  for tool in cmake c++; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  command -v ninja >/dev/null || command -v make >/dev/null || missing+=(ninja)
  echo "there is no apt-get here: building with what is there. It needs what Debian calls $*" >&2
  [[ ${#missing[@]} -eq 0 ]] || { echo "missing: ${missing[*]}" >&2; exit 1; }
}

# Builds TARGET in build/. Configures first where that was not finished, or was for another folder or without the tests.
build() { # TARGET TESTS(ON|OFF)
  local target=$1 tests=$2 log=build/build.log wanted
  mkdir -p build
  [[ $(cat build/configured 2>/dev/null) == *"tests=ON"* ]] && tests=ON
  wanted="$PWD tests=$tests python=$tests"
  if [[ $(cat build/configured 2>/dev/null) != "$wanted" ]]; then
    echo "configuring and building; the log is build/build.log" >&2
    rm -rf build/configured build/CMakeCache.txt build/CMakeFiles
    local generator=()
    if command -v ninja >/dev/null; then generator=(-G Ninja); fi
    cmake -S . -B build "${generator[@]}" -DCMAKE_BUILD_TYPE=Release -DETAMAX_TESTS="$tests" -DETAMAX_PYTHON="$tests" >"$log" 2>&1 ||
      give_up "cmake could not configure the build" "$log"
    echo "$wanted" >build/configured
  fi
  cmake --build build --target "$target" -j "$(nproc)" >"$log" 2>&1 || give_up "the build failed" "$log"
}

# Builds build/web/lab.html.
build_lab() {
  mkdir -p build
  echo "building the lab; the log is build/lab.log" >&2
  web/build.sh build/web >build/lab.log 2>&1 || give_up "the lab could not be built" build/lab.log
}
