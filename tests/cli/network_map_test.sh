#!/usr/bin/env bash
# `etamax map network:...` as its users call it: every output, one pixel, a state to carry on from, Ctrl-C, and bad input refused
# with exit 2, one line and no file. Usage: network_map_test.sh PROGRAM
source "$(dirname "${BASH_SOURCE[0]}")/map_begin.sh" "$1"

small=(network:tanh:4 --steps 40 --size 48x32)
json=$("$etamax" map "${small[@]}" --json) || fail "--json exits with $?"
for expected in '"name": "network:tanh:4"' '"weights": 20' '"examples": 20' '"steps": 40' '"name": "lr0"' '"fate": "trains"' '"lr1": '; do
  [[ $json == *"$expected"* ]] || fail "--json lacks $expected"
done
for ending in png svg html json csv npz; do
  "$etamax" map "${small[@]}" --output "map.$ending" --quiet || fail "--output .$ending exits with $?"
  [[ -s map.$ending ]] || fail "--output .$ending wrote nothing"
done
[[ $(wc -l <map.csv) == $((48 * 32 + 1)) ]] || fail "the table has not a row for each training"
one=$("$etamax" map "${small[@]}" --json --threads 1 | without_cost) two=$("$etamax" map "${small[@]}" --json --threads 2 | without_cost)
[[ $one == "$two" ]] || fail "two threads answer differently"

# A zoom's corner is the same training as the pixel of the whole map.
whole=$("$etamax" map "${small[@]}" --x lr0=1:100:log --y lr1=1:100:log --pixel 0,0 --json | without_cost)
zoomed=$("$etamax" map "${small[@]}" --x lr0=1:2 --y lr1=1:2:log --pixel 0,0 --json | without_cost)
[[ $whole == "$zoomed" ]] || fail "the same rates train differently in a zoom"
[[ $(grep -c '^    [0-9]' <<<"$whole") == 41 ]] || fail "--pixel --json has not the loss before each step and after the last"
"$etamax" map "${small[@]}" --pixel 3,31 --json | grep -q 'a million times as high after 1 step\.' || fail "--pixel does not say when it diverges"

# What was drawn is not computed again: a state that is whole answers without a training.
"$etamax" map "${small[@]}" --state kept --quiet || fail "--state exits with $?"
again=$("$etamax" map "${small[@]}" --state kept --json)
[[ $(without_cost <<<"$again") == "$(without_cost <<<"$json")" ]] || fail "the state answers differently"
[[ $again == *'"gradients": 40,'* ]] || fail "the trainings of the state are made again"

# Interrupted: what is drawn so far, status 3, and the state carries on to the same answer.
interrupt_and_resume_map network:tanh:8 --steps 1000 --size 96x96 --threads 1

refused() { # WORDS ARGUMENTS...
  local words=$1 said status
  shift
  said=$("$etamax" map "$@" 2>&1 >out)
  status=$?
  [[ $status == 2 && ! -s out && $said == *"$words"* && $(wc -l <<<"$said") == 1 ]] || fail "map $* exits with $status: $said"
}
refused 'network:tanh:WIDTH' network:relu:16
refused 'network:tanh:WIDTH' network:tanh:1000
refused 'lr0 is the learning rate of its input weights' network:tanh:8 --x momentum=0:0.9
refused 'the other one is lr1' network:tanh:8 --y lr0=1:2
refused 'the axis begins at 0' network:tanh:8 --x lr0=0:1:log
refused 'they are the axes' network:tanh:8 --lr 1
refused 'plain gradient descent' network:tanh:8 --optimizer adam
refused 'in the map' "${small[@]}" --pixel 48,0
refused 'has no picture' "${small[@]}" --pixel 0,0 --output one.png
refused 'is of another map: network:tanh:4, 40 steps' network:tanh:5 --steps 40 --size 48x32 --state kept
refused 'is the file of --state, which it would replace' network:tanh:4 --steps 40 --size 48x32 --state kept --output kept
sed '1s/^etamax map 2 /etamax map 12 /' kept >later
refused 'later: is a state of version 12, and this etamax reads 2; name a new file' "${small[@]}" --state later
printf x >>kept
refused 'checksum' "${small[@]}" --state kept
echo text >other
refused 'is no state of etamax map' "${small[@]}" --state other
refused 'takes no time' 'x^2' --x lr=0.1:2 --bifurcation --state new
refused 'max-steps' 'x^2' --x lr=0.1:2 --y start=-1:1 --steps 5
[[ ! -e new && ! -e one.png ]] || fail "a refusal left a file"
exit "$failed"
