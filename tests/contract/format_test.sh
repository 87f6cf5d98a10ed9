#!/usr/bin/env bash
# Every C++ file is as clang-format leaves it. Versions differ in what they leave, so the one of Debian 12 decides.
# Usage: format_test.sh SOURCE
set -euo pipefail
cd "$1"
version=14
formatter=$(command -v "clang-format-$version" || command -v clang-format) || { echo "no clang-format here"; exit 77; }
"$formatter" --version | grep -q "version $version\." || { echo "$("$formatter" --version): not version $version"; exit 77; }
mapfile -t files < <(find etamax apps python tests bench examples -type f \( -name '*.h' -o -name '*.cpp' \) | sort)
[[ ${#files[@]} -gt 100 ]] || { echo "only ${#files[@]} files found" >&2; exit 1; }
if ! said=$("$formatter" --dry-run -Werror "${files[@]}" 2>&1); then
  grep 'error:' <<<"$said" | sed 's/: error:.*/: clang-format -i would change this line/' | head -n 20 >&2
  exit 1
fi
# It sees what is wrong.
wrong=$(mktemp --suffix=.cpp)
trap 'rm -f "$wrong"' EXIT
printf 'int  f( ) {return 1 ;}\n' >"$wrong"
! "$formatter" --dry-run -Werror --style=file:.clang-format "$wrong" 2>/dev/null || { echo "a badly formatted file was accepted" >&2; exit 1; }
