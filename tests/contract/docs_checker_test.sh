#!/usr/bin/env bash
# The checker of the documents' commands accepts what is right and refuses what is not.
# Usage: docs_checker_test.sh PROGRAM RUN
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
version=$("$1" --version)
check() { # TEXT-OF-A-DOCUMENT
  printf '%s\n' "$1" >"$work/a.md"
  bash "$here/docs_test.sh" "$program" "$run" "$work/a.md" >"$work/said" 2>&1
}
program=$1 run=$2

check $'```console\n$ etamax --version\n'"$version"$'\n```' || fail "the right output was refused: $(cat "$work/said")"
check $'text\n```console\n$ ./run --version\n...\n$ other --words\nwhatever\n```' || fail "an ellipsis was refused: $(cat "$work/said")"
check $'```console\n$ etamax --version; echo $?\n...\n0\n```' || fail "an ellipsis in front was refused: $(cat "$work/said")"
for wrong in "etamax 0.0.0-wrong" "$version"$'\nmore' "" $'...\nmore'; do
  if check $'text\n```console\n$ etamax --version\n'"${wrong:+$wrong$'\n'}"'```'; then fail "accepted: '$wrong'"; fi
  grep -q "a.md:3: " "$work/said" || fail "did not name the place: $(cat "$work/said")"
done
if check $'```console\n$ etamax --version\n'"$version"; then fail "an unclosed block was accepted"; fi
if check $'```console\n$ etamax --versoin\n...\n```'; then fail "a command that fails was accepted, as nothing of what it prints is shown"; fi
grep -q "a.md:2: .*exit 2" "$work/said" || fail "did not say how it failed: $(cat "$work/said")"
if check "no commands at all"; then fail "a document without commands was accepted"; fi
