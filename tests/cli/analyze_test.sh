#!/usr/bin/env bash
# etamax analyze as its users call it: the numbers of a closed form, --check as an exit status, interruption, and bad input
# refused with exit 2, one line, no answer and no file. Usage: analyze_test.sh PROGRAM PYTHON
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"

# y = 2 x + 1 on x = -1, 1: [X 1]'[X 1] is 2 times the identity, so lambda_max = 2/2 * 2 = 2, and the edge of gradient descent 1.
printf 'x,y\n-1,-1\n1,3\n' >line.csv
json=$("$etamax" analyze --model linear --data csv:line.csv,target=y --loss mse --dtype float64 --json) || fail "analyze exits with $?"
value() { awk -v key="\"$1\"" -v field="\"$2\"" '$0 ~ key": {" { there = 1 } there && $0 ~ field { gsub(/[^-0-9.e+]/, "", $2); print $2; exit }' <<<"$json"; }
close() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > b * (1 - 1e-9) && a < b * (1 + 1e-9)) }' || fail "$3: $1 is not $2"; }
close "$(value lambda_max lower)" 2 "lambda_max"
close "$(value lr_edge upper)" 1 "lr_edge"
for field in lambda_max lambda_min lr_edge lr_max_trainable lr_recommended warmup_steps bands runs culprits cost; do
  grep -q "\"$field\":" <<<"$json" || fail "the JSON has no $field"
done

linear=(analyze --model linear --data csv:line.csv --loss mse --steps 0 --quiet)
exits() { # STATUS ARGUMENTS...
  local wanted=$1 status
  shift
  "$etamax" "$@" >out.txt 2>&1
  status=$?
  [[ $status == "$wanted" ]] || fail "etamax $*: exit $status, not $wanted: $(head -n 2 out.txt)"
}
exits 0 "${linear[@]}" --lr 0.9 --check
exits 4 "${linear[@]}" --lr 1.1 --check
exits 0 "${linear[@]}" --lr 1.1
exits 0 "${linear[@]}" --lr 1.8 --momentum 0.9 --check

# The rate and the optimizer that --check asks about may be a checkpoint's.
python=$2
if [[ -n $python ]] && "$python" -c 'import torch' 2>/dev/null; then
  "$python" - <<'END' || fail "no checkpoints were written"
import torch
model = torch.nn.Linear(1, 1)
for lr in 0.9, 1.1:
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, f"{lr}.pt")
torch.save(model.state_dict(), "weights.pt")
END
  exits 0 "${linear[@]}" --checkpoint 0.9.pt --check
  exits 4 "${linear[@]}" --checkpoint 1.1.pt --check
  exits 0 "${linear[@]}" --checkpoint 1.1.pt --lr 0.9 --check
  exits 2 "${linear[@]}" --checkpoint weights.pt --check
fi

same=$(for _ in 1 2; do "$etamax" analyze --model mlp:64-8-10 --steps 20 --batch-size 100 --momentum 0.9 --threads 2 --json | grep -v seconds | grep -v rss; done | sort | uniq -u)
[[ -z $same ]] || fail "two analyses of the same input differ: $same"

timeout 120 "$etamax" analyze --model linear --steps 0 --threads 1000 >out.txt 2>err.txt || fail "--threads 1000: exit $?"
grep -q "^etamax: warning: 1000 threads are more than 4 for each core; [0-9]* are used$" err.txt || fail "--threads 1000: $(cat err.txt)"

for ending in html svg json csv; do
  exits 0 analyze --model mlp:64-8-10 --steps 8 --output "answer.$ending" --quiet
  [[ -s answer.$ending ]] || fail "--output .$ending wrote nothing"
done

# Interrupted: what is known by then, marked partial.
"$etamax" analyze --steps 5000 --json >partial.json 2>err.txt &
pid=$!
until_it_listens $pid
sleep 5
kill -TERM $pid
wait $pid
[[ $? == 3 ]] || fail "interrupted, it does not exit with 3: $(cat err.txt)"
grep -q '"partial": true' partial.json || fail "the interrupted answer is not marked partial"
grep -q '"lambda_max"' partial.json || fail "the interrupted answer lacks the bounds"

refused() { # REASON ARGUMENTS...
  local reason=$1 status
  shift
  "$etamax" "$@" >out.txt 2>err.txt
  status=$?
  [[ $status == 2 ]] || fail "$*: exit $status"
  [[ ! -s out.txt ]] || fail "$*: something was written"
  [[ $(wc -l <err.txt) == 1 ]] || fail "$*: $(wc -l <err.txt) lines: $(cat err.txt)"
  grep -qF -- "$reason" err.txt || fail "$*: no '$reason' but $(cat err.txt)"
}
printf 'x,y\n1,2\n3\n' >ragged.csv
printf 'x,y\n1,0.5\n3,1\n' >halves.csv
printf 'x,y\n1e300,1\n2,1\n' >huge.csv
printf 'no network' >fake.pt
refused "line 3 has 1 columns, not 2" analyze --data csv:ragged.csv
refused "did you mean 'mlp'" analyze --model mpl
refused "takes 32 inputs, but an example has 64" analyze --model mlp:32-10
refused "not a label" analyze --data csv:halves.csv --loss cross_entropy
refused "fake.pt" analyze --model fake.pt
refused "before any step the loss of example 0 is" analyze --model linear --data csv:huge.csv --loss mse --dtype float64
refused "--lr: 'fast' is not a number" analyze --lr fast
refused "--check: needs the learning rate" analyze --check
refused "--check: lion has no stability edge" analyze --optimizer lion --lr 0.1 --check
refused "--gap: 2 is not between 0 and 1" analyze --gap 2
refused "--device: 'gpu' is not" analyze --device gpu
refused "did you mean --batch-size" analyze --batch-sise 3
refused "must end in .html" analyze --output answer.gif
exit $failed
