#!/usr/bin/env bash
# The package's type hints hold (mypy, strict), and a user's mistake is seen by them. Usage: types_test.sh SOURCE PYTHON
set -euo pipefail
source=$1 python=$2
"$python" -c 'import mypy' 2>/dev/null || { echo "no mypy here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
cd "$source"
check() { "$python" -m mypy --config-file pyproject.toml --cache-dir "$work/cache" "$@"; }
check >"$work/said" || fail "$(cat "$work/said")"
cat >"$work/user.py" <<'END'
import etamax

answer: etamax.Explanation = etamax.explain("x^2", start=-1, lr=[0.8, 1.0])
answer.save("x.html")
best: float | None = etamax.analyze(None, [], None).recommended
etamax.explain(3, start=-1, lr=0.8)
END
export MYPYPATH=$source/python
if check --python-version 3.10 "$work/user.py" >"$work/said"; then fail "a number as an expression was accepted"; fi
[[ $(grep -c "error:" "$work/said") == 1 ]] && grep -q 'user.py:6: error: Argument 1 to "explain"' "$work/said" || fail "$(cat "$work/said")"
