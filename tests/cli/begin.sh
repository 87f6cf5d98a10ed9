# What the tests of the verbs begin with: source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" PROGRAM. Makes $etamax the program, notes
# with `fail`, and goes to a folder that is gone afterwards.
set -u
etamax=$(realpath "$1")
failed=0
fail() { echo "FAIL: $*"; failed=1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
