#!/usr/bin/env bash
# The program as its users call it: the article's numbers, and bad input refused with exit 2, one reason and no output.
set -u
etamax=$1
failed=0
fail() { echo "FAIL: $*"; failed=1; }

text=$("$etamax" explain 'x^2' --from -1 --lr 0.8,1.0,1.2) || fail "explain exits with $?"
for expected in "lr 0.8 converges" "lr 1 cycles" "lr 1.2 diverges" "1 - 1.2 x 2 = -1.4" "x' = x*(1 - 2*lr)" "2.744"; do
  grep -qF -- "$expected" <<<"$text" || fail "the answer lacks: $expected"
done
[[ $("$etamax" explain 'x^2' --from x=-1 --lr 0.8 --lr 1.2 --json) == *'"verdict": "diverges"'* ]] || fail "no JSON"

refused() { # REASON ARGUMENTS...
  local reason=$1 out err status
  shift
  err=$("$etamax" explain "$@" 2>&1 >/dev/null); status=$?
  out=$("$etamax" explain "$@" 2>/dev/null)
  [[ $status == 2 ]] || fail "explain $*: exit $status"
  [[ -z $out ]] || fail "explain $*: printed an answer"
  [[ $err == *"$reason"* ]] || fail "explain $*: said '$err', without '$reason'"
}
refused "not a positive finite" 'x^2' --from 1 --lr -1
refused "not a positive finite" 'x^2' --from 1 --lr nan
refused "not a positive finite" 'x^2' --from 1 --lr inf
refused "is not a number" 'x^2' --from 1 --lr 0.1x
refused "no start for 'x'" 'x^2' --lr 1
refused "no variable 'y'" 'x^2' --from y=1 --lr 1
refused "at least one learning rate" 'x^2' --from 1
refused "0..10000" 'x^2' --from 1 --lr 1 --steps 1e9
refused "did you mean" 'x^2' --from 1 --lr 1 --optimizer sdg
refused "did you mean rosenbrock" rosenbrok --from 1 --lr 1
refused "the text ends" 'x^' --from 1 --lr 1
refused "momentum = 2 is not in [0, 1)" 'x^2' --from 1 --lr 1 --momentum 2
refused "cannot be written" 'x^2' --from 1 --lr 1 --output /no/such/folder/a.json
refused "no variable" '3' --from 1 --lr 1
exit $failed
