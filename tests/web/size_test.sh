#!/usr/bin/env bash
# The engine takes at most 450 kB of a download, and the page names no address that it would fetch from.
# Usage: size_test.sh ENGINE.wasm PAGE
set -euo pipefail
size=$(gzip -9 <"$1" | wc -c)
echo "engine: $size bytes packed; page: $(wc -c <"$2") bytes"
[[ $size -le 450000 ]] || { echo "the engine is larger than 450000 bytes packed" >&2; exit 1; }
if grep -aoE '(src|href)="?https?://[^"> ]+' "$2"; then echo "the page fetches from elsewhere" >&2; exit 1; fi
