#!/usr/bin/env bash
# `etamax diagnose` as its users call it: files, pipes and FIFOs; every output; and bad input refused with exit 2, one line,
# no answer and no file. Usage: diagnose_test.sh PROGRAM MOST-KILOBYTES
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"
most_kilobytes=$2

printf 'step,x,lr\n0,-1,1.2\n1,1.2,1.2\n2,-1.44,1.2\n3,1.728,1.2\n' >article.csv
has() { # EXPECTED ARGUMENTS...: the JSON answer holds EXPECTED
  local expected=$1 json
  shift
  json=$("$etamax" diagnose "$@" --json) || fail "diagnose $* --json exits with $?"
  [[ $json == *"$expected"* ]] || fail "diagnose $* --json lacks $expected"
}
has '"verdict": "learning_rate"' article.csv
has '"implied_lr": 1.1,' article.csv --expression 'x^2'
has '"lr_edge": 1.0,' article.csv --expression 'x^2'
has '"lr_suggested": 0.5,' article.csv --expression 'x^2'
has '"name": "standard input"' - --expression 'x^2' <article.csv
has '"format": "csv"' - --lr 1.1 <<<'-1, 1.2, -1.44, 1.728'

# Two directions of a parabola, curvatures 1 and 22, at lr 0.1: the multiplier is 1 - 2.2, the edge 2 / 22.
awk 'BEGIN { x = 2; y = 1e-5
  for (t = 0; t < 90; t++) { printf "step %d: loss = %.6g, lr = 0.1\n", t, (x*x + 22*y*y)/2; x -= 0.1*x; y -= 0.1*22*y } }' >run.log
has '"onset_step": 37' run.log
has '"multiplier": -1.' run.log
has '"lr_edge": 0.0909' run.log
mkfifo pipe
cat run.log >pipe &
has '"lr_edge": 0.0909' pipe
# With momentum 0.9 the same growth needs more curvature than its edge allows: h = 1.9 + 1.2 + 0.9/1.2, edge 3.8 lr / h.
has '"lr_edge": 0.0987' run.log --momentum 0.9
has '"lr_edge": null' run.log --optimizer adam
for ending in html svg json; do
  "$etamax" diagnose run.log --output "answer.$ending" --quiet || fail "--output .$ending exits with $?"
  [[ -s answer.$ending ]] || fail "--output .$ending wrote nothing"
done
same=$(for _ in 1 2; do "$etamax" diagnose run.log --json | grep -v seconds | grep -v rss; done | sort | uniq -u)
[[ -z $same ]] || fail "two runs of the same input differ: $same"

# --check: status 4 where the learning rate is named, and only there.
"$etamax" diagnose run.log --check --quiet; status=$?
[[ $status == 4 ]] || fail "--check of a run that the rate broke exits with $status"
awk 'BEGIN { for (t = 0; t < 40; t++) print "step " t ": loss = " 2 * 0.95^t }' >good.log
"$etamax" diagnose good.log --check --quiet; status=$?
[[ $status == 0 ]] || fail "--check of a healthy run exits with $status"

# --follow: ends with --check as soon as the rate is named, says how the verdict changed, and refuses a pipe.
head -n 30 run.log >growing.log
(sleep 1; tail -n +31 run.log >>growing.log) &
timeout 60 "$etamax" diagnose growing.log --follow --check >followed.txt; status=$?
[[ $status == 4 ]] || fail "--follow --check exits with $status"
grep -q '^29: Nothing is wrong' followed.txt || fail "--follow does not say the verdict of the beginning: $(head -n 3 followed.txt)"
grep -q '^89: The learning rate was too high' followed.txt || fail "--follow does not say that the verdict changed"
# A log that is away for a moment, as while it is rotated, is waited for; what was known stays.
head -n 30 run.log >rotated.log
timeout 60 "$etamax" diagnose rotated.log --follow --check >rotated.txt 2>&1 &
following=$!
for _ in $(seq 1 100); do
  [[ -s rotated.txt ]] && break
  sleep 0.1
done
rm rotated.log
sleep 1
mkfifo rotated.log
sleep 1
rm rotated.log
cp run.log rotated.log
wait $following
[[ $? == 4 ]] || fail "--follow of a log that was away: $(cat rotated.txt)"
timeout --foreground --preserve-status --signal=INT 1 env --default-signal=INT "$etamax" diagnose good.log --follow --json >followed.txt; status=$?
[[ $status == 3 ]] || fail "--follow exits with $status after Ctrl-C"
grep -q '"partial": true' followed.txt || fail "--follow does not say that the log may go on"

# The chart ends shortly after the first NaN.
awk 'BEGIN { for (t = 0; t < 400; t++) print "step " t ": loss = " (t < 20 ? 2 * 0.9^t : "nan") }' >nan.log
"$etamax" diagnose nan.log >chart.txt
grep -q '300' chart.txt && fail "the chart goes on after the first NaN"

# Bounded memory: 5 million records.
kilobytes=$( (awk 'BEGIN { print "step,loss"; for (i = 0; i < 5000000; i++) print i "," 1 / (1 + i % 7) }' | "$etamax" diagnose - --json) |
  awk -F'[:,]' '/peak_rss/ { print int($2 / 1024) }')
[[ -n $kilobytes && $kilobytes -lt $most_kilobytes ]] || fail "5 million records took $kilobytes kB"

# Lines without numbers take about as long as records.
milliseconds_of() { # LINE: of a million such lines
  yes "$1" | head -n 1000000 >lines.log
  local TIMEFORMAT=%U
  { time "$etamax" diagnose lines.log >/dev/null 2>&1; } 2>&1 | tr -d .
}
words=$(milliseconds_of x) records=$(milliseconds_of "loss 1")
((10#$words < 3 * 10#$records)) || fail "a million words take $words ms, and as many records $records ms"
rm lines.log

# Ctrl-C while the log still runs: what is known by then, marked partial, and exit 3.
interrupted() { # EXPECTED LOG: the JSON answer of a read that is interrupted after half a second holds EXPECTED
  timeout --foreground --preserve-status --signal=INT 0.5 env --default-signal=INT "$etamax" diagnose "$2" --json >partial.json 2>interrupted.txt
  local status=$?
  [[ $status == 3 ]] || fail "an interrupted read of $2 exits with $status"
  [[ $(<partial.json) == *"$1"* ]] || fail "an interrupted read of $2 answers $(head -c 300 partial.json), without $1"
}
interrupted '"partial": true' - < <(cat run.log; sleep 5)
grep -q '"onset_step": 37' partial.json || fail "an interrupted read does not use what it read"
interrupted '"partial": true' - < <(yes 'loss: 0.5')
mkfifo silent
interrupted '' silent
[[ ! -s partial.json && $(<interrupted.txt) == "etamax: interrupted" ]] || fail "interrupted before anything came, it says $(<partial.json interrupted.txt)"

# Text in other encodings is named by its byte order mark.
for mark in 16:'\xff\xfe' 16:'\xfe\xff' 32:'\xff\xfe\0\0' 32:'\0\0\xfe\xff'; do
  printf "${mark#*:}l\0\0\0o\0\0\0" >encoded.log
  "$etamax" diagnose encoded.log >encoded.txt 2>&1 && fail "a log in UTF-${mark%%:*} is read"
  grep -q "is UTF-${mark%%:*}; give it as UTF-8 (iconv -f UTF-${mark%%:*} -t UTF-8)" encoded.txt ||
    fail "a log in UTF-${mark%%:*}: $(cat encoded.txt)"
done

# What can still be read is, and what could not is said.
printf 'step \xff loss: 2\nstep 2 loss: \xc3( 1\nstep 3 loss: 0.5\n' >bytes.log
has '"verdict"' bytes.log
awk 'BEGIN { for (i = 0; i < 60; i++) print "step " (i < 40 ? i : i - 20) ": loss = " 1 / (1 + i) }' >restart.log
has 'a restart' restart.log
printf 'loss: 2\n%0100000000d\nloss: 1\nloss: 0.5\n' 0 >long.log
has '"records": 3' long.log
has 'longer than a mebibyte' long.log
has '"records": 10000000' - < <(awk 'BEGIN { for (i = 0; i < 10000000; i++) print "loss: 0.5" }')

refused() { # REASON ARGUMENTS...
  local reason=$1 err status
  shift
  err=$("$etamax" diagnose "$@" 2>&1 >out.txt </dev/null); status=$?
  [[ $status == 2 ]] || fail "$*: exit $status"
  [[ ! -s out.txt ]] || fail "$*: printed an answer"
  [[ $err == *"$reason"* ]] || fail "$*: said '$err', without '$reason'"
  [[ $(wc -l <<<"$err") == 1 ]] || fail "$*: said more than a line: $err"
}
refused "No such file" nowhere.log
refused "it is a folder" .
refused "is empty" -
refused "is not a positive finite" run.log --lr 0
refused "did you mean csv" run.log --format cvs
refused "did you mean 'loss'" run.log --column los
refused "needs a file that grows" - --follow
refused "must end in" run.log --output answer.txt
[[ ! -e answer.txt ]] || fail "a refused output was written"
printf 'apples,pears\n1,0.5\n2,0.6\n' >no_loss.csv
refused "it has apples, pears; choose one with --column" no_loss.csv
printf 'step,loss\n' >header.csv
refused "no numbers" header.csv
printf 'step,loss\n1,much\n2,less\n' >words.csv
refused "the column 'loss' holds no numbers" words.csv
head -c 100000 /dev/urandom >noise.bin
refused "" noise.bin
printf 'step,loss\n1,0.5\n' >one.csv
refused "a single record" one.csv
gzip -k run.log
refused "zcat" run.log.gz
head -c 100000000 /dev/zero | tr '\0' '7' >line.txt
refused "a single record" line.txt
exit $failed
