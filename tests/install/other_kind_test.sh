#!/usr/bin/env bash
# Builds the library as the other kind, shared or static, and puts it through install_test.sh.
# Usage: other_kind_test.sh SOURCE BUILD BUILD_SHARED_LIBS [CMAKE-ARGUMENTS...]
set -euo pipefail
source=$1 build=$2 shared=$3
shift 3
mkdir -p "$build"
quietly() { "$@" >"$build/log" 2>&1 || { tail -n 60 "$build/log" >&2; exit 1; }; }
quietly cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS="$shared" -DETAMAX_TESTS=OFF "$@"
quietly cmake --build "$build" -j 2
bash "$(dirname "${BASH_SOURCE[0]}")/install_test.sh" "$source" "$build" "$@"
