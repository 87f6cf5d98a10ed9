#!/usr/bin/env bash
# Builds the lab: the engine with emscripten, the page with esbuild, and of both one file.
# Usage: web/build.sh FOLDER        makes FOLDER/lab.html; what it needs beside Debian's packages is fetched with npm, once
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$1
emscripten=$(dirname "$(readlink -f "$(command -v emcc)")")
generator=()
if command -v ninja >/dev/null; then generator=(-G Ninja); fi
if [[ ! -f $folder/CMakeCache.txt ]]; then
  cmake -S . -B "$folder" "${generator[@]}" -DCMAKE_BUILD_TYPE=MinSizeRel \
    -DCMAKE_TOOLCHAIN_FILE="$emscripten/cmake/Modules/Platform/Emscripten.cmake"
fi
cmake --build "$folder" --target etamax_engine -j "$(nproc)"
if ! cmp -s web/package-lock.json web/node_modules/.installed; then
  (cd web && npm ci --no-progress)
  cp web/package-lock.json web/node_modules/.installed
fi
node web/build.mjs "$folder/web/engine" "$folder/lab.html"
