#!/usr/bin/env bash
# The program as its users call it: the article's numbers; options by file; interruption; and bad input refused with exit
# 2, one reason, no answer and no file.
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"

text=$("$etamax" explain 'x^2' --from -1 --lr 0.8,1.0,1.2) || fail "explain exits with $?"
for expected in "lr 0.8 converges" "lr 1 cycles" "lr 1.2 diverges" "1 - 1.2 x 2 = -1.4" "new x = x*(1 - 2*lr)" "2.744"; do
  grep -qF -- "$expected" <<<"$(tr '\n' ' ' <<<"$text" | tr -s ' ')" || fail "the answer lacks: $expected"
done
text=$("$etamax" explain 'x^2' --from -1 --lr 1.2 --plain) || fail "explain --plain exits with $?"
for expected in "You stand at x = -1" "2 x 1.2 = 2.4 to the right, to x = 1.4" "it runs away"; do
  grep -qF -- "$expected" <<<"$(tr '\n' ' ' <<<"$text" | tr -s ' ')" || fail "the answer in plain words lacks: $expected"
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
# Several optimizers: each has what is its own, and its answer is the one that it has alone.
several=$("$etamax" explain 'x^2' --from -1 --lr 0.1 --optimizer gd,sgd --optimizer Adam --momentum 0.9 --json | grep '^      "optimizer": {' -A 2)
[[ $(grep -c '"name"' <<<"$several") == 3 && $(grep -c '"momentum": 0.9' <<<"$several") == 1 ]] || fail "several optimizers: $several"
printf 'optimizer = ["gd", "adam"]\n' >optimizers.toml
[[ $("$etamax" explain 'x^2' --from 1 --lr 0.1 --config optimizers.toml) == *"adam at lr 0.1 cycles"* ]] || fail "several optimizers in a file"
for ending in html svg json csv; do
  "$etamax" explain 'x*y + x^2 + y^2' --from 1 --lr 0.1 --optimizer gd,adam --output "several.$ending" --quiet || fail "several optimizers: --output .$ending exits with $?"
  [[ -s several.$ending ]] || fail "several optimizers: --output .$ending wrote nothing"
done
"$etamax" explain 'x*y + x^2 + y^2' --from 1 --lr 0.1 --optimizer gd,adam --output contour.svg --figure contour --quiet || fail "several optimizers: --figure contour exits with $?"
# Rates as people write them, before the expression or behind it.
rates() { # EXPECTED ARGUMENTS...: the answer's rates
  local expected=$1 found
  shift
  found=$("$etamax" explain "$@" --json | sed -n 's/^      "lr": \(.*\),$/\1/p' | paste -sd' ')
  [[ $found == "$expected" ]] || fail "explain $* has the rates $found, not $expected"
}
rates "0.8 1.0 1.2" --from -1 --lr 0.8 1.0 1.2 'x^2'
rates "0.8 1.0 1.2" 'y = x^2' --lr=0.8 1.0,1.2 --from -1
rates "0.1 0.2 0.3" 'x^2' --lr 0.1:0.3:0.1 --x0 -1
rates "0.1" 'x*y' --learning-rate 0.1 --from 1 -2
rates "0.1" 'x*y' --learning_rate 0.1 --from x=1 y=-2
printf 'learning_rate = ["0.1:0.3:0.1", 0.5]\n' >rates.toml
rates "0.1 0.2 0.3 0.5" 'x^2' --from -1 --config rates.toml
[[ $("$etamax" --config rates.toml explain 'x^2' --from 1 --json) == *'"lr": 0.5'* ]] || fail "--config before the command"
for words in "help explain" "explain --help" "explain -h"; do
  [[ $("$etamax" $words) == *"Usage: etamax explain"* ]] || fail "$words shows no help"
done
for words in -V -v --version; do
  [[ $("$etamax" $words) == "etamax "[0-9]* ]] || fail "$words shows no version"
done
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
printf 'expression = "x^2"\nstart = -1\nlr = 0.1\nmax-steps = 100\n[explain]\nmax_steps = 200\n' >names.toml
json=$("$etamax" explain --config names.toml --json) || fail "names with underscores and hyphens: exit $?"
[[ $json == *'"expression": "x^2"'* ]] || fail "the expression was not read from a file"
printf 'json = true\nlr = "0.8,1.2"\n' >switch.toml
has '"lr": 1.2' 'x^2' --from -1 --config switch.toml
[[ $("$etamax" explain 'x^2' --from -1 --config switch.toml) == "{"* ]] || fail "a switch was not read from a file"

for ending in html svg json csv; do
  said=$("$etamax" explain 'x^2' --from -1 --lr 1.2 --output "answer.$ending" --quiet 2>&1) || fail "--output .$ending exits with $?"
  [[ -s answer.$ending ]] || fail "--output .$ending wrote nothing"
  [[ -z $said ]] || fail "--quiet says: $said"
done
# It says what it wrote, not where the answer is read by a program.
"$etamax" explain 'x^2' --from -1 --lr 1.2 --output answer.csv --json >answer.txt 2>said.txt || fail "--output .csv --json exits with $?"
[[ $(cat said.txt) == "wrote answer.csv ($(wc -c <answer.csv) bytes, CSV)" ]] || fail "--output says: $(cat said.txt)"
[[ $(head -c 1 answer.txt) == "{" && $(tail -n 1 answer.txt) == "}" ]] || fail "--json with --output is no JSON document"
# One picture alone, smaller than all together.
"$etamax" explain 'x^2' --from -1 --lr 1.2 --output ruler.svg --figure ruler --quiet || fail "--figure exits with $?"
grep -q "<svg" ruler.svg && [[ $(wc -c <ruler.svg) -lt $(wc -c <answer.svg) ]] || fail "--figure ruler wrote no picture of its own"
if ldconfig -p 2>/dev/null | grep -q librsvg-2; then
  "$etamax" explain 'x^2' --from -1 --lr 1.2 --output answer.pdf --quiet || fail "--output .pdf exits with $?"
  [[ $(head -c 5 answer.pdf) == "%PDF-" ]] || fail "--output .pdf wrote no PDF"
fi

# What the machine does not let be done is no fault of the input: exit 1, a line, and no answer is lost.
# A reader that goes away costs no file.
"$etamax" explain 'x^2+y^2' --from 1 --lr 0.1 0.2 0.3 --steps 5000 --output kept.json | head -n 1 >/dev/null
[[ -s kept.json ]] || fail "with | head the file is not written"
if [[ -e /dev/full ]]; then
  for words in "explain x^2 --from 1 --lr 1" "explain --help" "--version" "diagnose --help"; do
    err=$("$etamax" $words 2>&1 >/dev/full); status=$?
    [[ $status == 1 && $err == "etamax: standard output cannot be written"* ]] || fail "$words on a full disk: exit $status, $err"
  done
fi
# As where the disk is full: no file may grow.
said=$(trap '' XFSZ; ulimit -f 0; "$etamax" explain 'x^2' --from 1 --lr 1 --output full.json 2>&1); status=$?
[[ $status == 1 && $(tail -n 1 <<<"$said") == "etamax: 'full.json' cannot be written: File too large" ]] || fail "no room: exit $status, $said"
[[ $said == *"lr 1 cycles"* && ! -e full.json ]] || fail "a file that cannot be written cost the answer, or was left half written"

err=$("$etamax" explain 'x^2' --from 1 --lr 1 --output a.svg --figure contour 2>&1); status=$?
[[ $status == 2 && $err == "etamax: --figure: this answer has nothing to show in 'contour'; it has ruler, curve, loss" ]] || fail "a figure that is not there: exit $status, $err"
[[ ! -e a.svg ]] || fail "a figure that is not there was written"

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
refused "--from: needs a value" explain 'x^2' --from= --lr 1
refused "write --beta1 and --beta2" explain 'x^2' --from 1 --lr 1 --betas 0.9,0.99
refused "unexpected argument 'x^2'" explain --steps 3 0.8 'x^2' --from 1
refused "gives 1001 numbers" explain 'x^2' --from 1 --lr 1:2:0.001
refused "did you mean explain" explian 'x^2' --from 1 --lr 1
refused "the text ends" explain 'x^' --from 1 --lr 1
refused "momentum = 2 is not in [0, 1)" explain 'x^2' --from 1 --lr 1 --momentum 2
refused "no hyperparameter 'momentum'" explain 'x^2' --from 1 --lr 1 --optimizer gd --momentum 0.9
refused "none of gd, signsgd has a hyperparameter 'momentum'" explain 'x^2' --from 1 --lr 1 --optimizer gd,signsgd --momentum 0.9
refused "--optimizer: 'gd' is named twice" explain 'x^2' --from 1 --lr 1 --optimizer gd,gd
refused "--plain: tells of one optimizer; --optimizer names gd, adam" explain 'x^2' --from 1 --lr 1 --optimizer gd,adam --plain
refused "this answer has nothing to show in 'ruler'; it has loss" explain 'x^2' --from 1 --lr 1 --optimizer gd,adam --figure ruler --output b.svg --quiet
refused "--figure: this answer has nothing to show in 'contour'; it has ruler, curve, loss" explain 'x^2' --from 1 --lr 1 --figure contour --output b.svg
refused "--figure: this answer has nothing to show in 'curve'; it has ruler, contour, loss" explain 'x^2 + y^2' --from 1 --lr 1 --figure curve --output b.svg
refused "more than 1000" explain 'x^2' --from 1 --lr 0.1:1e308:1e-308
refused "a range whose step leads from its start to its stop" explain 'x^2' --from 1 --lr 0.1:1:0
refused "cannot be written" explain 'x^2' --from 1 --lr 1 --output /no/such/folder/a.json
refused "must end in" explain 'x^2' --from 1 --lr 1 --output a.gif
refused "there is no folder" explain 'x^2' --from 1 --lr 1 --output no/a.svg
refused "--figure: needs --output" explain 'x^2' --from 1 --lr 1 --figure ruler
refused "must end in .svg, .png or .pdf" explain 'x^2' --from 1 --lr 1 --figure ruler --output a.html
refused "'ruller' is not ruler, contour, curve or loss" explain 'x^2' --from 1 --lr 1 --figure ruller --output a.svg
refused "no variable" explain '3' --from 1 --lr 1
refused "needs --observed" explain 'x^2' --from 1 --lr 1 --observed-lr 1
refused "whole number of points" explain 'x*y' --from x=1,y=1 --lr 1 --observed 1,2,3
refused "EXPR is required" explain --lr 1
refused "--steps: 3.5 is not a whole number in 0..10000" explain 'x^2' --from 1 --lr 1 --steps 3.5
refused "--steps: is given more than once" explain 'x^2' --from 1 --lr 1 --steps 3 --steps 4
refused "--steps: needs a value" explain 'x^2' --from 1 --lr 1 --steps
refused "--observed: needs a value" explain 'x^2' --from 1 --lr 1 --observed --json
refused "--output: needs a value" explain 'x^2' --from 1 --lr 1 --output --json
refused "unexpected argument 'y'" explain 'x^2' y --from 1 --lr 1
refused "unknown command 'frobnicate'" frobnicate
printf 'lr = [0.1\n' >broken.toml
refused "line" explain 'x^2' --from 1 --config broken.toml
in_file() { # REASON LINE: a file of that second line is refused with the line's number
  printf 'lr = 0.1\n%s\n' "$2" >wrong.toml
  refused "--config: line 2: $1" explain 'x^2' --from 1 --config wrong.toml
}
in_file "unknown option 'stesp'; did you mean steps?" 'stesp = 3'
in_file "'steps' takes one value, not an array" 'steps = [1, 2]'
in_file "steps: 3.5 is not a whole number in 0..10000" 'steps = 3.5'
in_file "max_steps: 0 is not a whole number in 1..1000000" 'max-steps = 0'
in_file "'steps' takes a value, not true or false" 'steps = true'
in_file "'json' must be true or false" 'json = 1'
in_file "'observed' must be a string, number, boolean, or an array of these" 'observed = [[1]]'
in_file "'observed' must be a string, number, boolean, or an array of these" 'observed = 2024-01-01'
refused "no-such.toml" explain 'x^2' --from 1 --config no-such.toml
[[ -z $(find . -name '*.part*' -o -name 'a.*') ]] || fail "a refused call left a file: $(find . -name '*.part*')"

# The help fits a terminal of 80 columns, and shows types, defaults, ranges and headings.
for command in "" explain diagnose; do
  help=$("$etamax" $command --help) || fail "$command --help exits with $?"
  [[ -z $(awk 'length > 80' <<<"$help") ]] || fail "$command --help is wider than 80 columns: $(awk 'length > 80' <<<"$help")"
done
help=$("$etamax" explain --help)
for expected in "Problem:" "Optimizer:" "Runs:" "Output:" "  --steps INT " "(default: 3; 0..10000)" "  --beta1 FLOAT" "in [0, 1))" "Examples:"; do
  grep -qF -- "$expected" <<<"$(tr -s '\n ' ' ' <<<"$help") $help" || fail "explain --help lacks: $expected"
done
grep -A 1 -e --nesterov <<<"$help" | grep -q "default:" && fail "a switch has a default that reads as a number: $(grep -A 1 -e --nesterov <<<"$help")"
# Its examples work.
while read -r example; do
  (PATH=$(dirname "$etamax"):$PATH; eval "$example --quiet") || fail "an example of the help exits with $?: $example"
done < <(sed -n '/^Examples:/,$ s/^  //p' <<<"$help")

# Ctrl-C: what is known by then, marked partial, and exit 3. In the foreground it is sent once: a second one ends the program.
many=$(seq -s, 0.0001 0.0000001 0.0002)
timeout --foreground --preserve-status --signal=INT 0.5 env --default-signal=INT "$etamax" explain 'rastrigin(20)' \
  --from "$(seq -f 'x%g=0.3' -s, 1 20)" --lr "$many" --max-steps 800000 --json >partial.json
status=$?
[[ $status == 3 ]] || fail "an interrupted explain exits with $status"
grep -q '"partial": true' partial.json || fail "an interrupted explain does not say that it is partial"
exit $failed
