#!/usr/bin/env bash
# What gradients cost in a browser's engine (node) beside the program's vectors, in one run: appends to bench/results/web.csv.
# Usage: bench/web/compare.sh [BUILD]    a build of the project, with the lab in BUILD/web (web/build.sh BUILD/web)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${1:-build} csv=bench/results/web.csv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-std=c++20 -O3 -I. bench/web/gradient_bench.cpp)
libraries() { echo "$1/library/expr/libetamax_expr.a" "$1/library/core/libetamax_core.a"; }
g++ "${flags[@]}" "-I$build/generated" $(libraries "$build") -lfmt -lhwy -o "$work/native"
# As for the engine: Emscripten's own scripts use Debian's packages for node, and its loader takes node for a page that can fetch.
NODE_PATH=/usr/share/nodejs em++ "${flags[@]}" "-I$build/web/generated" -msimd128 -fwasm-exceptions $(libraries "$build/web") \
  -sENVIRONMENT=node -sALLOW_MEMORY_GROWTH=1 -o "$work/browser.js"
"$work/native" >"$work/native.csv"
node --no-experimental-fetch "$work/browser.js" >"$work/browser.csv"
model=$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
[[ -f $csv ]] || echo "date,machine,load,function,numbers,native ns,browser ns,ratio" >"$csv"
paste -d, "$work/native.csv" "$work/browser.csv" |
  awk -F, -v OFS=, -v start="$(date -u +%F),$model,$(cut -d" " -f1 /proc/loadavg)" \
    '{ printf "%s,%s,%s,%s,%s,%.2g\n", start, $1, $2, $3, $6, $6 / $3 }' | tee -a "$csv"
