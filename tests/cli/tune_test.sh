#!/usr/bin/env bash
# etamax tune as its users call it: the answer in every form, carried on after a kill, the lines for PyTorch, and bad input refused
# with exit 2, one line, no answer and no file. Usage: tune_test.sh PROGRAM PYTHON
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"
python=$2
job=(tune --model mlp:64-32-10:tanh --batch-size 64 --steps 200)
without_cost() { sed '/"cost": {/,/}/d'; }

"$etamax" "${job[@]}" --json >whole.json || fail "tune exits with $?"
for field in lr_recommended lr_interval warmup_steps schedule horizon_steps lr_edge lr_max_trainable expected_loss trials budget code; do
  grep -q "\"$field\":" whole.json || fail "the JSON has no $field"
done
for ending in html svg png json; do
  "$etamax" "${job[@]}" --quiet --output "answer.$ending" || fail "--output .$ending: exit $?"
  [[ -s answer.$ending ]] || fail "--output .$ending wrote nothing"
done

# Killed in the midst, and carried on.
"$etamax" "${job[@]}" --state state.json --quiet &
pid=$!
for _ in $(seq 1 200); do
  [[ -s state.json && $(grep -c steps_wanted state.json) -ge 3 ]] && break
  sleep 0.05
done
kill -KILL $pid 2>/dev/null
wait $pid 2>/dev/null
"$etamax" "${job[@]}" --state state.json --json >resumed.json || fail "carried on: exit $?"
[[ $(without_cost <whole.json) == "$(without_cost <resumed.json)" ]] || fail "carried on, it gives another answer"

# The lines to paste give PyTorch the schedule that was tuned: at step t of T, cosine, (1 + cos(pi t / T)) / 2.
if [[ -n $python ]] && "$python" -c 'import torch' 2>/dev/null; then
  "$etamax" "${job[@]}" --schedule cosine --momentum 0.9 --json >cosine.json || fail "cosine: exit $?"
  "$python" - cosine.json <<'END' || fail "the lines for PyTorch do not do what they say"
import json, math, sys, torch
answer = json.load(open(sys.argv[1]))
model = torch.nn.Linear(2, 2)
exec(answer["code"])
warmup = answer["warmup_steps"] or 0
for step in range(200):
    factor = 0.5 * (1 + math.cos(math.pi * step / 200)) * (min(1, (step + 1) / warmup) if warmup else 1)
    got = optimizer.param_groups[0]["lr"] / answer["lr_recommended"]
    assert abs(got - factor) < 5e-3, (step, got, factor)
    optimizer.step()
    scheduler.step()
assert optimizer.param_groups[0]["momentum"] == 0.9
END
fi

refused() { # REASON ARGUMENTS...
  local reason=$1 status
  shift
  "$etamax" "$@" >out.txt 2>err.txt
  status=$?
  [[ $status == 2 && ! -s out.txt && $(wc -l <err.txt) == 1 ]] || fail "etamax $*: exit $status, not one line: $(cat err.txt out.txt | head -n 3)"
  grep -qF -- "$reason" err.txt || fail "etamax $*: '$(cat err.txt)' does not say '$reason'"
}
refused "--steps: how many" tune
refused "--steps: 1 is not at least 16" tune --steps 1
refused "is the smallest that may do" "${job[@]}" --budget 0.2
refused "--schedule: 'step'" "${job[@]}" --schedule step
refused "is of another job: steps is 200, here 300" tune --model mlp:64-32-10:tanh --batch-size 64 --steps 300 --state state.json
refused "--state: " "${job[@]}" --state no/such/folder/state.json
refused "lion" "${job[@]}" --optimizer lyon
exit $failed
