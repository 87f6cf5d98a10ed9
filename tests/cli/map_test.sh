#!/usr/bin/env bash
# etamax map as its users call it: the parabola's areas, every kind of file, one pixel explained, an interruption, and bad input refused.
# Usage: map_test.sh PROGRAM
source "$(dirname "${BASH_SOURCE[0]}")/map_begin.sh" "$1"

# A state: what is drawn is not computed again, a map that was stopped carries on to the same answer, another map is refused.
mapped=('x^4-3x^2+x' --x lr=0.01:0.6 --y start=-2:2 --size 60x40 --threads 1)
whole=$("$etamax" map "${mapped[@]}" --json) || fail "map --json exits with $?"
"$etamax" map "${mapped[@]}" --state kept --quiet || fail "--state exits with $?"
again=$("$etamax" map "${mapped[@]}" --state kept --json)
[[ $(without_cost <<<"$again") == "$(without_cost <<<"$whole")" ]] || fail "the state answers differently"
(($(gradients "$again") < $(gradients "$whole") / 10)) || fail "the runs of the state are followed again"
for ending in csv npz; do
  "$etamax" map "${mapped[@]}" --output "whole.$ending" --quiet
  "$etamax" map "${mapped[@]}" --state kept --output "again.$ending" --quiet
  cmp -s "whole.$ending" "again.$ending" || fail "the state's .$ending differs"
done
interrupt_and_resume_map 'logcosh' --x lr=0.5:4 --y start=-20:20 --size 400x300 --max-steps 200000 --threads 1
said=$("$etamax" map "${mapped[@]}" --optimizer sgd --momentum 0.5 --state kept 2>&1) && fail "another map's state is taken"
[[ $said == *"is of another map"* ]] || fail "another map's state is refused with: $said"

# Where addresses are few, threads share one heap: it took a hundred times as long.
short=(map 'x^4' --x lr=0.01:3:log --y start=-3:3 --size 24x16 --max-steps 500 --optimizer adagrad --lr-decay 0.01 --threads 2 --quiet)
(ulimit -v 102400 && ulimit -t 10 && exec "$etamax" "${short[@]}" --output few.csv) ||
  fail "a map with 100 MB of addresses: exit $?"
"$etamax" "${short[@]}" --output many.csv
cmp -s few.csv many.csv || fail "a map with 100 MB of addresses is another one"

# 19 rates from 0.1 to 1.9: nine converge, one cycles, nine diverge.
json=$("$etamax" map 'x^2' --x lr=0.1:1.9 --y start=-2:2.4 --size 19x10 --json) || fail "map --json exits with $?"
for expected in '"fate": "converges"' '"share": 0.47368421052631576' '"share": 0.05263157894736842' '"steps": 10000' '"exact": true' '"name": "stability edge"'; do
  grep -qF -- "$expected" <<<"$json" || fail "the JSON lacks $expected"
done
text=$("$etamax" map 'x^2' --x lr=0.1:1.9 --y start=-2:2.4 --size 19x10) || fail "map exits with $?"
for expected in "Of 190 runs" "47.4% converge" "At learning rates up to 0.9 all of them converge. From 1 on none does."; do
  grep -qF -- "$expected" <<<"$(tr '\n' ' ' <<<"$text" | tr -s ' ')" || fail "the answer lacks: $expected"
done

for ending in html svg json csv npz; do
  "$etamax" map 'x^4-3x^2+x' --x lr=0.01:2:log --y start=-2:2 --size 64x36 --output "map.$ending" --quiet || fail "--output .$ending exits with $?"
  [[ -s map.$ending ]] || fail "--output .$ending wrote nothing"
done
[[ $(wc -l <map.csv) == 2305 ]] || fail "the table has $(wc -l <map.csv) lines"
grep -q 'href="data:image/png;base64,' map.svg || fail "the SVG has no picture"
[[ $(head -c 2 map.npz) == PK ]] || fail "the .npz is no zip file"

text=$("$etamax" map 'x^2' --x lr=0.1:1.9 --y start=-2:2.4 --size 19x10 --pixel 9,0) || fail "--pixel exits with $?"
grep -qF "lr 1 cycles" <<<"$text" || fail "the pixel at lr 1 does not cycle: $text"
text=$("$etamax" map 'x^4-3x^2+x' --bifurcation --from -1.5 --x lr=0.1:0.28 --size 100x60) || fail "--bifurcation exits with $?"
grep -qF "0.139799499" <<<"$text" || fail "the first doubling is missing: $text"

# Interrupted, it shows what is drawn.
interrupt_map 0.5 'x^4' --x lr=0.01:2:log --y start=-2:2 --size 1920x1080

refused() { # EXPECTED ARGUMENTS...
  local expected=$1 said status
  shift
  said=$("$etamax" map "$@" 2>&1 >refused.out)
  status=$?
  [[ $status == 2 ]] || fail "map $* exits with $status"
  [[ $said == *"$expected"* ]] || fail "map $* says: $said"
  [[ $(wc -l <<<"$said") == 1 && ! -s refused.out ]] || fail "map $*: more than a line"
}
refused "did you mean 'momentum'" 'x^2' --optimizer sgd --from 1 --x lr=0.1:1 --y momentun=0:0.9
refused "NAME=FROM:TO" 'x^2' --x lr --y start=-1:1
refused "NAME=FROM:TO" 'x^2' --x lr=0.1:1:ln --y start=-1:1
refused "from a smaller number to a larger one" 'x^2' --x lr=1:1 --y start=-1:1
refused "a logarithmic axis begins above 0" 'x^2' --x lr=0.1:1 --y start=-1:1:log
refused "--y" 'x^2' --x lr=0.1:1
refused "two whole numbers" 'x^2' --x lr=0.1:1 --y start=-1:1 --size big
refused "at most 64000000 runs" 'x^2' --x lr=0.1:1 --y start=-1:1 --size 100000x100000
refused "in the map" 'x^2' --x lr=0.1:1 --y start=-1:1 --size 10x10 --pixel 10,0
refused "whose ends are at most 1.8e308 apart" 'x^2' --x lr=0.1:1 --y start=-1e308:1e308
refused "'momentum' is a variable of the function and an option of sgd" 'momentum^2' --optimizer sgd --x lr=0.1:1 --y momentum=0:0.9
"$etamax" map 'momentum^2' --x lr=0.1:1 --y momentum=0:0.9 --size 3x3 --json >variable.json && grep -q '"name": "gd"' variable.json ||
  fail "an axis that is a variable chooses the optimizer"
exit $failed
