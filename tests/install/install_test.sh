#!/usr/bin/env bash
# Installs the build tree as a stranger would, moves it elsewhere, and builds the stand-alone project examples/consumer
# against it. Usage: install_test.sh SOURCE BUILD [CMAKE-ARGUMENTS-OF-THE-CONSUMER...]
set -euo pipefail
source=$1 build=$2
shift 2
arguments=("$@")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$*"; }; }

quietly cmake --install "$build" --prefix "$work/first" --strip
mv "$work/first" "$work/a moved tree"
prefix="$work/a moved tree"

# Nothing installed names the folders it came from.
if traces=$(grep -rlF -e "$source/" -e "$build" -e "$work/first" "$prefix"); then fail "these name the build's folders: $traces"; fi

# All headers are there with what they include, and compile together without a warning.
mkdir "$work/headers"
(cd "$prefix/include" && find etamax -name '*.h' | sort) | sed 's/.*/#include <&>/' >"$work/headers/all.cpp"
[[ -s "$work/headers/all.cpp" ]] || fail "no headers were installed"
cat >"$work/headers/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(headers LANGUAGES CXX)
find_package(etamax REQUIRED)
add_library(headers OBJECT all.cpp)
foreach(component IN LISTS etamax_COMPONENTS)
  target_link_libraries(headers PRIVATE etamax::${component})
endforeach()
target_compile_options(headers PRIVATE -fsyntax-only -Wall -Wextra -Werror)
CMAKE
configure() { cmake -S "$1" -B "$2" -DCMAKE_PREFIX_PATH="$prefix" "${arguments[@]}" "${@:3}"; }
quietly configure "$work/headers" "$work/headers/build"
quietly cmake --build "$work/headers/build"

# The consumer builds without a warning and prints the article's three verdicts and the edge.
export CXXFLAGS="-Wall -Wextra -Wpedantic -Werror"  # where the arguments set no flags of its own
quietly configure "$source/examples/consumer" "$work/consumer" -DCMAKE_BUILD_TYPE=Release
quietly cmake --build "$work/consumer"
said=$("$work/consumer/consumer")
for expected in "= -0.6: the sign flips" "= -1: the sign flips" "= -1.4: the sign flips" "stable below 1"; do
  grep -qF -- "$expected" <<<"$said" || fail "the consumer did not say '$expected' but: $said"
done

# The installed program runs from where it was moved to.
[[ $("$prefix/bin/etamax" --version) == "etamax "[0-9]* ]] || fail "the installed program does not run"

# What is not there is refused by name: an unknown component, a version that is too new.
refused() { # EXPECTED FIND-PACKAGE-ARGUMENTS...
  local expected=$1
  shift
  mkdir -p "$work/refused"
  printf 'cmake_minimum_required(VERSION 3.25)\nproject(refused LANGUAGES CXX)\nfind_package(etamax %s)\n' "$*" >"$work/refused/CMakeLists.txt"
  if configure "$work/refused" "$work/refused/build" >"$work/log" 2>&1; then fail "find_package(etamax $*) was accepted"; fi
  tr -s '[:space:]' ' ' <"$work/log" | grep -qF "$expected" || { cat "$work/log" >&2; fail "no '$expected'"; }
}
refused "etamax has no component 'psychic'" REQUIRED COMPONENTS psychic
refused "99.0" 99.0 REQUIRED
