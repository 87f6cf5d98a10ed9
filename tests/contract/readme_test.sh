#!/usr/bin/env bash
# The README's C++ is the program of examples/consumer (which tests/install builds and runs), and every link to a file of the
# project in the README and in docs/ leads somewhere. Usage: readme_test.sh SOURCE
set -euo pipefail
cd "$1"
fail() { echo "FAILED: $*" >&2; exit 1; }

diff -u <(awk '/^```cpp$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md) examples/consumer/explain.cpp ||
  fail "the README's C++ is not examples/consumer/explain.cpp"
[[ $(grep -cv '^$' examples/consumer/explain.cpp) -le 10 ]] || fail "the README promises ten lines of C++"

links=0
for page in README.md docs/*.md; do
  while read -r link; do
    links=$((links + 1))
    [[ -e $(dirname "$page")/${link%%#*} ]] || fail "$page: $link leads nowhere"
  done < <(grep -oE '\]\([^)#: ][^): ]*\)' "$page" | sed 's/^](//; s/)$//')
done
[[ $links -gt 5 ]] || fail "no links were found"
