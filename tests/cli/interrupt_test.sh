#!/usr/bin/env bash
# A signal ends every wait and every loop, with exit 3: Ctrl-C, SIGTERM and SIGHUP alike; a second one ends the program at once, and
# what was ignored stays ignored. Usage: interrupt_test.sh PROGRAM [PYTHON SLOW_TO_LOAD.so, where there is etamax-model]
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"
python=${2-} slow_to_load=${3-}
patience=30 # seconds, for a machine that is busy: a program that does not listen stays for ever
mkfifo fifo fifo.csv

# `start` makes $pid a process that listens, in the state that a terminal's process has, with its output where $streams say;
# `ended STATUS` waits for its end.
start() { # ARGUMENTS...
  eval "env --default-signal=INT,HUP,TERM,XCPU \"\$etamax\" \"\$@\" >out.txt 2>err.txt ${streams-} &"
  pid=$!
  until_it_listens $pid
}
ended() { # STATUS WHAT
  local status
  for _ in $(seq 1 $((10 * patience))); do
    kill -0 $pid 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL $pid 2>/dev/null
  wait $pid 2>/dev/null
  status=$?
  [[ $status == "$1" ]] || fail "$2: exit $status, not $1: $(cat err.txt)"
}
interrupts() { # SIGNAL ARGUMENTS...: one signal ends it, in one line
  local signal=$1
  shift
  start "$@"
  sleep 0.5
  kill -"$signal" $pid
  ended 3 "SIG$signal, etamax $*"
  [[ ! -s out.txt && $(wc -l <err.txt) == 1 && $(<err.txt) == "etamax: interrupted"* ]] ||
    fail "SIG$signal, etamax $*: not one line: $(cat out.txt err.txt)"
}

for signal in INT TERM HUP XCPU; do
  interrupts $signal explain 'x^2' --from 1 --config fifo
  interrupts $signal diagnose fifo
done

# An answer of many runs takes long to write: it is not waited for. Small ones are written, as they are known by then.
for large in "--output large.html" "--output large.json" "--json"; do
  start explain 'x^4+y^4' --from 1 --lr 0.001:0.1:0.0001 --steps 10000 $large
  sleep 2
  before=$(date +%s)
  kill -INT $pid
  ended 3 "SIGINT, a large answer $large"
  grep -q "^etamax: interrupted" err.txt && [[ ! -s out.txt && -z $(find . -name 'large.*' -o -name '.etamax-*') ]] ||
    fail "a large answer $large: $(head -c 300 err.txt) $(ls -A)"
  (($(date +%s) - before < patience / 3)) || fail "a large answer $large: ends after $(($(date +%s) - before)) s"
done

# A row for each of a million runs is written in time.
start map 'x^4-3*x^2+x' --x lr=0.001:0.6:log --y start=-3:3 --size 1280x720 --max-steps 1000000 --output m.csv
sleep 1
kill -INT $pid
ended 3 "SIGINT, a table of a map"
[[ $(tail -c 2 m.csv 2>/dev/null | od -An -tx1) == " 0d 0a" ]] || fail "a table of a map: $(cat err.txt)"
rm m.csv

# However many variables and steps a map's runs have, it ends within a second of the processor's time.
times_of_children() { # in ms, from what `times` prints
  awk -F'[ms ]+' 'NR == 2 { print int(6e4 * ($1 + $3) + 1000 * ($2 + $4)) }' times.txt
}
sum_of() { # VARIABLES
  local sum=x1^4
  for i in $(seq 2 "$1"); do sum+="+x$i^4"; done
  echo "$sum"
}
for variables in 1 2 6 64; do
  from=$([[ $variables == 1 ]] || echo "--from 1")
  for rule in "gd" "sgd --momentum 0.9" "adam"; do
    for extent in "--threads 1 --max-steps 1000000" "--threads 2"; do
      arguments="$from --x lr=0.001:0.1:log --y x1=-1:1 --optimizer $rule $extent"
      times >times.txt
      before=$(times_of_children)
      start map "$(sum_of $variables)" $arguments
      sleep 0.2
      asked=$(awk -v ticks="$(getconf CLK_TCK)" '{ sub(/.*[)]/, ""); print int(1000 * ($12 + $13) / ticks) }' /proc/$pid/stat)
      kill -TERM $pid
      ended 3 "SIGTERM, $variables variables, $arguments"
      times >times.txt
      took=$(($(times_of_children) - before - asked))
      ((took < 1000)) || fail "$variables variables, $arguments: ends after $took ms of the processor's time"
      grep -q "Interrupted: this is what was known by then" out.txt || [[ $(<err.txt) == "etamax: interrupted"* ]] ||
        fail "$variables variables, $arguments: $(cat out.txt err.txt)"
    done
  done
done

# A drawing that does not end is ended with the program, in whose name it is made.
if [[ -e /dev/full ]]; then
  export FONTCONFIG_FILE=/dev/full
  start explain 'x^2' --from -1 --lr 0.8 --output endless.png
  child=
  for _ in $(seq 1 $((10 * patience))); do
    child=$(cat /proc/$pid/task/$pid/children 2>/dev/null)
    [[ -n $child ]] && break
    kill -0 $pid 2>/dev/null || break
    sleep 0.1
  done
  sleep 1
  if [[ -n $child ]] && kill -0 $child 2>/dev/null; then
    kill -TERM $pid
    ended 3 "SIGTERM, a drawing that does not end"
    [[ -s out.txt && $(<err.txt) == "etamax: interrupted"* && ! -e endless.png ]] || fail "a drawing that does not end: $(cat out.txt err.txt)"
    kill -0 $child 2>/dev/null && { fail "the drawing is left"; kill -KILL $child; }
  else
    ended 0 "a drawing with no fonts"  # a version of fontconfig that takes it
  fi
  unset FONTCONFIG_FILE
fi

# Full pipes that nobody reads: one signal ends the wait for a reader, and what is known by then is tried for a second.
fill_pipe
at_work() { # PID: until it has taken as much of the processor as a network takes to begin
  local second=$(getconf CLK_TCK) fields
  for _ in $(seq 1 $((20 * patience))); do
    read -ra fields 2>/dev/null <"/proc/$1/stat" || return
    ((fields[13] + fields[14] >= 3 * second)) && return
    sleep 0.1
  done
}
unread() { # STATUS STREAMS SIGNAL ARGUMENTS...
  local status=$1 streams=$2 signal=$3 before
  shift 3
  start "$@"
  if [[ $1 == explain ]]; then sleep 1.5; else at_work $pid; fi
  before=$(date +%s)
  kill -"$signal" $pid
  ended "$status" "SIG$signal with $streams, etamax $*"
  (($(date +%s) - before < patience / 3)) || fail "SIG$signal with $streams, etamax $*: ends after $(($(date +%s) - before)) s"
}
x2="explain x^2 --from 1 --lr 0.1"
jobs=("map x^4-3*x^2+x --x lr=0.001:0.6:log --y start=-3:3 --max-steps 1000000")
[[ -z $python ]] || jobs+=("analyze --steps 100000" "tune --steps 100000" "follow --lr 0.1 --steps 100000")
for job in "${jobs[@]}"; do
  unread 3 ">&8" TERM $job --output known.csv
  [[ $(<err.txt) == "wrote known.csv ("*$'\netamax: interrupted' || $(<err.txt) == "etamax: interrupted" ]] || fail "$job, unread: $(cat err.txt)"
  unread 3 "2>&8" INT $job
  [[ -s out.txt ]] || fail "$job, messages unread: no partial answer"
  unread 3 ">&8 2>&8" HUP $job
  unread 3 "" TERM $job --output fifo.csv
  [[ -s out.txt && $(<err.txt) == "etamax: interrupted" ]] || fail "$job, into a FIFO: $(cat out.txt err.txt)"
done
for signal in INT TERM HUP; do
  unread 3 ">&8" $signal $x2
  unread 3 ">&8 2>&8" $signal $x2
  # The status is that of the answer, or of the refusal.
  unread 2 "2>&8" $signal explain x^2
  unread 0 "2>&8" $signal $x2 --output known.csv
  [[ -s out.txt && -s known.csv ]] || fail "$x2, messages unread: no answer"
done
streams="2>&8" start diagnose fifo
kill -STOP $pid
kill -TERM $pid
kill -CONT $pid
ended 3 "a wait for a file, messages unread"
dd if=unread of=/dev/null iflag=nonblock bs=1M 2>/dev/null
exec 8>&-

# A second one, while the first has not been heard of: as if it had not been caught.
start diagnose fifo
kill -STOP $pid
kill -TERM $pid
kill -HUP $pid
kill -CONT $pid
ended_with=0
wait $pid || ended_with=$?
[[ $ended_with == 129 || $ended_with == 143 ]] || fail "a second signal: exit $ended_with"

# A limit of processor time as it is usually set, hard and soft in one, at which the kernel kills without asking: it ends before.
for seconds in 1 3; do
  (ulimit -t $seconds && exec "$etamax" map 'x^4' --x lr=0.01:1 --y start=-2:2 --size 1600x1200 --quiet --output m.csv) >out.txt 2>err.txt
  status=$?
  [[ $status == 3 && $(wc -l <err.txt) -le 1 && ! -s out.txt ]] || fail "ulimit -t $seconds: exit $status, $(cat err.txt)"
  [[ -s m.csv || $(<err.txt) == "etamax: interrupted by the limit of processor time, $seconds s (ulimit -t)"* ]] ||
    fail "ulimit -t $seconds: neither an answer nor a line: $(cat err.txt)"
done
[[ -s m.csv ]] || fail "ulimit -t 3: no partial answer"

# Ignored at the start: nohup, and what a shell runs in the background.
env --ignore-signal=HUP,INT "$etamax" explain 'x^2' --from 1 --config fifo >out.txt 2>err.txt &
pid=$!
until_it_listens $pid
kill -HUP $pid
kill -INT $pid
sleep 0.5
kill -0 $pid 2>/dev/null || fail "ignored signals end it"
kill -TERM $pid
ended 3 "ignored signals, then SIGTERM"
[[ -n $python ]] || exit $failed

# A terminal that is closed: SIGHUP, and all that is printed or read from then on fails.
seq -f 'step %g: loss = 1' 30 >log.txt
"$python" - "$etamax" <<'END' || fail "a terminal that is closed"
import os, pty, signal, sys, time
failed = 0
for arguments in "diagnose -", "diagnose --follow log.txt", "analyze --steps 1000000", "tune --steps 1000000":
    process, terminal = pty.fork()
    if process == 0:
        for number in signal.SIGHUP, signal.SIGINT, signal.SIGTERM:
            signal.signal(number, signal.SIG_DFL)
        os.execv(sys.argv[1], [sys.argv[1], *arguments.split()])
    time.sleep(5)
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if status != 3:
        failed = 1
        print(f"{arguments}: exit {status}, not 3")
sys.exit(failed)
END

# While libraries are loaded nothing is waited for.
if [[ -n $slow_to_load && $(LD_PRELOAD=$slow_to_load echo works 2>&1) == works ]]; then
  for signal in INT HUP; do
    before=$(date +%s)
    LD_PRELOAD=$slow_to_load env --default-signal=INT,HUP,TERM,XCPU "$etamax" analyze >out.txt 2>err.txt &
    pid=$!
    for _ in $(seq 1 $((10 * patience))); do
      [[ $(readlink /proc/$pid/exe) == *-model ]] && break
      sleep 0.1
    done
    kill -$signal $pid
    ended 3 "SIG$signal while libraries are loaded"
    [[ $(<err.txt) == "etamax: interrupted" ]] || fail "SIG$signal while libraries are loaded: $(cat err.txt)"
    (($(date +%s) - before < 18)) || fail "SIG$signal while libraries are loaded: ends after $(($(date +%s) - before)) s"
  done
fi

interrupts TERM analyze --data csv:fifo
interrupts TERM analyze --data npz:fifo
interrupts TERM analyze --checkpoint fifo
interrupts TERM analyze --data csv:/dev/zero
interrupts INT tune --steps 100 --config fifo
# What must be a file to be read more than once, or locked, is none: there is no wait.
for option in "--model ./fifo" "--state fifo"; do
  timeout 60 "$etamax" tune --steps 100 $option >out.txt 2>err.txt
  [[ $? == 2 && $(wc -l <err.txt) == 1 ]] || fail "$option is not refused: $(cat err.txt)"
done
awk 'BEGIN { for (i = 0; i < 300000; i++) print "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15," i % 2 }' >long.csv
start analyze --data csv:long.csv
kill -TERM $pid
ended 3 "SIGTERM while a long table is read"

# In the midst of a product of many operations: the answer that is known by then.
deep=mlp:64$(printf -- '-256%.0s' $(seq 1 80))-10:tanh
start tune --model "$deep" --data digits --steps 100 --state state.json
for _ in $(seq 1 600); do
  [[ -s state.json ]] && break
  sleep 0.1
done
kill -TERM $pid
ended 3 "SIGTERM within a product"
grep -q "Interrupted: this is what was known by then" out.txt || fail "within a product: no partial answer: $(cat out.txt err.txt)"

"$python" -c 'import torch' 2>/dev/null || exit $failed
cat >models.py <<'END'  # the source is what torch.jit.script reads
import torch

class Loops(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(64, 10)

class WithOperations(Loops):
    def forward(self, x):
        y = self.linear(x)
        while bool(y.sum() == y.sum()):
            y = y + 0.0
        return y

class WithoutAny(Loops):
    def forward(self, x):
        n = 0
        while n < 1:
            n = n - n
        return self.linear(x)

for model in WithOperations(), WithoutAny():
    torch.jit.script(model).save(type(model).__name__ + ".pt")
END
"$python" models.py || fail "the models that loop are not made"
interrupts TERM analyze --model ./WithOperations.pt --data digits
interrupts TERM analyze --model ./WithoutAny.pt --data digits

# Where it is a limit that ends the model, it is told so.
(ulimit -t 3 && exec "$etamax" analyze --model ./WithoutAny.pt --data digits --quiet) >out.txt 2>err.txt
status=$?
[[ $status == 3 && $(wc -l <err.txt) == 1 && $(<err.txt) == "etamax: interrupted by the limit of processor time, 3 s (ulimit -t)"* ]] ||
  fail "a limit of processor time: exit $status, $(cat err.txt)"
exit $failed
