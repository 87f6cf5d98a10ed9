#!/usr/bin/env bash
# The library knows no command line: no string literal below etamax/ has a word that begins with -- as an option does. Prints FILE:LINE for
# each that does, and fails. Usage: no_dashes.sh ROOT
set -euo pipefail
cd "$1"
# CSS begins its custom properties so.
allowed=(etamax/draw/svg.cpp)
mapfile -t files < <(find etamax -type f \( -name '*.h' -o -name '*.cpp' -o -name '*.in' \) | sort)
[[ ${#files[@]} -gt 0 ]] || { echo "no_dashes: no sources under $1" >&2; exit 2; }
breaches=0
for file in "${files[@]}"; do
  [[ " ${allowed[*]} " == *" $file "* ]] && continue
  # Comments may show what a user types; an escaped quotation mark begins no literal.
  if sed 's|^[ \t]*//.*||' "$file" | grep -nE '(^|[^\\])"(--|[^"\\]*[ (]--[a-z])' | sed "s|^\([0-9]*\):.*|$file:\1: a literal spells an option|"; then breaches=1; fi
done
exit $breaches
