#!/usr/bin/env bash
# The program as its users call it: the article's numbers; options by file; interruption; and bad input refused with exit
# 2, one reason, no answer and no file.
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"

text=$("$etamax" explain 'x^2' --from -1 --lr 0.8,1.0,1.2) || fail "explain exits with $?"
for expected in "lr 0.8 converges" "lr 1 cycles" "lr 1.2 diverges" "1 - 1.2 x 2 = -1.4" "x' = x*(1 - 2*lr)" "2.744"; do
  grep -qF -- "$expected" <<<"$(tr '\n' ' ' <<<"$text" | tr -s ' ')" || fail "the answer lacks: $expected"
done
has() { # EXPECTED ARGUMENTS...: the JSON answer holds EXPECTED
  local expected=$1 json
  shift
  json=$("$etamax" explain "$@" --json) || fail "explain $* --json exits with $?"
  [[ $json == *"$expected"* ]] || fail "explain $* --json lacks $expected"
}
has '"verdict": "diverges"' 'x^2' --from x=-1 --lr 0.8 --lr 1.2
has '"cause": "unbounded_below"' '-x^2' --from 1 --lr 0.1
has '"name": "sgd"' 'x^2' --from 1 --lr 0.1 --momentum 0.9
has '"lr": 1.1,' 'x^2' --from -1 --lr 1.2 --observed 1.2,-1.44,1.728 --observed-lr 1.2
[[ -z $("$etamax" explain 'x^2' --from 1 --lr 0.1 --quiet) ]] || fail "--quiet prints"
same=$(for _ in 1 2; do "$etamax" explain double_well --from 0.5 --lr 1.4 --json | grep -v seconds | grep -v rss; done | sort | uniq -u)
[[ -z $same ]] || fail "two runs of the same input differ: $same"

# --config gives any option; the command line wins.
cat >options.toml <<'TOML'
from = "x=-1"
lr = [0.8, 1.2]
[explain]
momentum = 0.5
TOML
has '"momentum": 0.5' 'x^2' --config options.toml
has '"momentum": 0.25' 'x^2' --config options.toml --momentum 0.25
has '"lr": 0.8' 'x^2' --config options.toml

for ending in html svg json; do
  "$etamax" explain 'x^2' --from -1 --lr 1.2 --output "answer.$ending" --quiet || fail "--output .$ending exits with $?"
  [[ -s answer.$ending ]] || fail "--output .$ending wrote nothing"
done

refused() { # REASON ARGUMENTS...
  local reason=$1 err status
  shift
  err=$("$etamax" "$@" 2>&1 >out.txt); status=$?
  [[ $status == 2 ]] || fail "$*: exit $status"
  [[ ! -s out.txt ]] || fail "$*: printed an answer"
  [[ $err == *"$reason"* ]] || fail "$*: said '$err', without '$reason'"
  [[ $(wc -l <<<"${err%%$'\n'  *}") == 1 ]] || fail "$*: said more than a line: $err"
}
refused "not a positive finite" explain 'x^2' --from 1 --lr -1
refused "not a positive finite" explain 'x^2' --from 1 --lr 0
refused "not a positive finite" explain 'x^2' --from 1 --lr nan
refused "not a positive finite" explain 'x^2' --from 1 --lr inf
refused "is not a number" explain 'x^2' --from 1 --lr 0.1x
refused "is not a number" explain 'x^2' --from 1 --lr ''
refused "is not finite" explain 'x^2' --from nan --lr 1
refused "no start for 'x'" explain 'x^2' --lr 1
refused "no start for 'y'" explain 'x*y' --from x=1 --lr 1
refused "no variable 'y'" explain 'x^2' --from y=1 --lr 1
refused "given twice" explain 'x^2' --from x=1,x=2 --lr 1
refused "at least one learning rate" explain 'x^2' --from 1
refused "0..10000" explain 'x^2' --from 1 --lr 1 --steps 1e9
refused "1..1000000" explain 'x^2' --from 1 --lr 1 --max-steps 0
refused "at most 250000" explain 'rastrigin(64)' --from "$(seq -f 'x%g=0.3' -s, 1 64)" --lr 1 --max-steps 1000000
refused "whole number" explain 'x^2' --from 1 --lr 1 --seed -1
refused "whole number" explain 'x^2' --from 1 --lr 1 --threads -1
refused "did you mean 'sgd'" explain 'x^2' --from 1 --lr 1 --optimizer sdg
refused "did you mean rosenbrock" explain rosenbrok --from 1 --lr 1
refused "did you mean --momentum" explain 'x^2' --from 1 --lr 1 --momentun 0.9
refused "did you mean explain" explian 'x^2' --from 1 --lr 1
refused "the text ends" explain 'x^' --from 1 --lr 1
refused "momentum = 2 is not in [0, 1)" explain 'x^2' --from 1 --lr 1 --momentum 2
refused "no hyperparameter 'momentum'" explain 'x^2' --from 1 --lr 1 --optimizer gd --momentum 0.9
refused "cannot be written" explain 'x^2' --from 1 --lr 1 --output /no/such/folder/a.json
refused "must end in" explain 'x^2' --from 1 --lr 1 --output a.gif
refused "no variable" explain '3' --from 1 --lr 1
refused "needs --observed" explain 'x^2' --from 1 --lr 1 --observed-lr 1
refused "whole number of points" explain 'x*y' --from x=1,y=1 --lr 1 --observed 1,2,3
refused "EXPR" explain --lr 1
printf 'lr = [0.1\n' >broken.toml
refused "line" explain 'x^2' --from 1 --config broken.toml
printf 'lrr = 0.1\n' >unknown.toml
refused "lrr" explain 'x^2' --from 1 --config unknown.toml
refused "no-such.toml" explain 'x^2' --from 1 --config no-such.toml
[[ -z $(find . -name '*.part*' -o -name 'a.*') ]] || fail "a refused call left a file: $(find . -name '*.part*')"

# Ctrl-C: what is known by then, marked partial, and exit 3.
many=$(seq -s, 0.0001 0.0000001 0.0002)
timeout --preserve-status --signal=INT 0.5 "$etamax" explain 'rastrigin(20)' \
  --from "$(seq -f 'x%g=0.3' -s, 1 20)" --lr "$many" --max-steps 800000 --json >partial.json
status=$?
[[ $status == 3 ]] || fail "an interrupted explain exits with $status"
grep -q '"partial": true' partial.json || fail "an interrupted explain does not say that it is partial"
exit $failed
