#!/usr/bin/env bash
# The library spells no option as the command line does, and the checker sees where it does in a small planted tree.
# Usage: no_dashes_test.sh SOURCE
set -euo pipefail
source=$1 here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() { echo "FAILED: $*" >&2; exit 1; }

bash "$here/no_dashes.sh" "$source" || fail "the literals above"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/etamax/core" "$tree/apps"
check() { bash "$here/no_dashes.sh" "$tree"; }
plant() { printf '%s\n' "$2" >"$tree/$1"; }

plant etamax/core/a.cpp $'/// "--gap: 2", as the program prints it\nauto a = "gap", b = "a -- b", c = "<li style=\\"--look:1\\">";  // x'
plant apps/a.cpp 'auto a = "--gap";'
said=$(check) || fail "what is allowed was refused: $said"
for breach in 'throw InputError("--gap: 2");' 'f("--" + name);' 'f(1, "--{}: {}")' '"--no-color"' 'f("see --max-steps")'; do
  plant etamax/core/b.cpp $'\n  '"$breach"
  if said=$(check); then fail "not seen: $breach"; fi
  [[ $said == "etamax/core/b.cpp:2: "* ]] || fail "$breach was reported as: $said"
done
