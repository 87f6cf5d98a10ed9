#!/usr/bin/env bash
# Where memory runs out, a run ends with status 1 and one line. Usage: out_of_memory_test.sh PROGRAM MODEL, MODEL: ON or OFF
source "$(dirname "${BASH_SOURCE[0]}")/../cli/begin.sh" "$1"

expect_no_memory() { # WHAT ARGUMENTS...
  local what=$1
  shift
  "$etamax" "$@" >out.txt 2>err.txt
  [[ $? == 1 && $(wc -l <err.txt) == 1 && ! -s out.txt ]] || fail "not status 1 and one line: $* $(head -c 1000 out.txt err.txt)"
  grep -q "^etamax: memory does not suffice.*$what" err.txt || fail "$*: $(cat err.txt)"
}

(
  ulimit -d 30000
  expect_no_memory "needs more than the [0-9]* MB" explain x^2 --from 1 --lr 0.0001:0.1:0.0001 --steps 10000 --json
  exit $failed
) || failed=1

if [[ $2 == ON ]]; then
  ulimit -d 4000000
  expect_no_memory "parameters of the model" analyze --model mlp:64-1000000-1000000-10 --data digits --steps 0
  expect_no_memory "the data" analyze --model linear --data copying:length=4096,examples=1000000 --steps 0
fi
exit $failed
