#!/usr/bin/env bash
# TorchScript as a program of somebody else: it writes nothing, reads nothing that was not named, and whatever it does the program
# ends with one line and a documented status. A sound model is answered as it is where it is trusted.
# model_trust_test.sh PROGRAM PYTHON INTRUDER.so
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")") python=$2 intruder=$3
mkdir outside models
"$python" "$here/script_models.py" models "$work/outside/written" 2>err.txt || { cat err.txt; exit 77; }

nothing_written() { [[ -z $(ls outside) ]] || { fail "$*: wrote $(ls outside)"; rm -f outside/*; }; }
refused() { # STATUS REASON ARGUMENTS...
  local wanted=$1 reason=$2 status
  shift 2
  "$etamax" "$@" >out.txt 2>err.txt
  status=$?
  [[ $status == "$wanted" ]] || fail "$*: exit $status, not $wanted"
  [[ ! -s out.txt ]] || fail "$*: printed $(head -n 1 out.txt)"
  [[ $(wc -l <err.txt) == 1 ]] || fail "$*: $(wc -l <err.txt) lines: $(head -n 3 err.txt)"
  grep -qF -- "$reason" err.txt || fail "$*: no '$reason' but $(head -n 1 err.txt)"
  nothing_written "$*"
}
exits() { # STATUS ARGUMENTS...
  local wanted=$1 status
  shift
  "$etamax" "$@" >out.txt 2>err.txt
  status=$?
  [[ $status == "$wanted" ]] || fail "etamax $*: exit $status, not $wanted: $(head -n 2 err.txt)"
}

can_confine() { ! "$etamax" analyze --model models/plain.pt "${few[@]}" 2>&1 >/dev/null | grep -q "cannot confine"; }

few=(--steps 0 --samples 100)
refused 2 "its code calls torch.save" analyze --model models/writes.pt "${few[@]}"
refused 2 "its code calls torch.save" analyze --model models/loaded.pt "${few[@]}"
refused 2 "its code calls torch.save" analyze --loss models/loss.pt "${few[@]}"
refused 2 "its code calls torch.from_file" analyze --model models/reads.pt "${few[@]}"
refused 2 "its code calls torch.save" tune --model models/writes.pt --steps 30
refused 2 "is cut off or has a wrong length" analyze --model models/long.pt "${few[@]}"
refused 2 "is damaged" analyze --model models/debug.pt "${few[@]}"
refused 2 "bytes unpack to" analyze --model models/bomb.pt "${few[@]}"
refused 1 "models/deep.pt: the process that ran it was ended by signal" analyze --model models/deep.pt "${few[@]}"
refused 2 "gives ComplexFloat numbers" analyze --model models/complex.pt "${few[@]}"
refused 2 "does what LibTorch cannot do here" analyze --model models/changes.pt "${few[@]}"
refused 2 "grid_sampler_2d_backward is not implemented" analyze --model models/samples.pt "${few[@]}"
mkfifo models/pipe.pt
refused 2 "is no plain file" analyze --model models/pipe.pt "${few[@]}"
# Damage that the walk over the pickles does not see is met where the tables are read, if ever.
exits 0 analyze --model models/debug_cut.pt "${few[@]}"
exits 0 analyze --model models/packed.pt "${few[@]}"
exits 0 analyze --model models/warns.pt "${few[@]}" --quiet
[[ ! -s err.txt ]] || fail "what the model warns of reaches a terminal: $(head -c 200 err.txt | cat -v)"
exits 0 analyze --model models/prints.pt "${few[@]}" --json
"$python" -m json.tool out.txt >json.txt || fail "what the model prints is part of the JSON"

# Where the calls are not seen in the code, there is no right to make them, and who tries is told of.
if can_confine; then
  for model in hidden hidden_loaded; do
    refused 2 "--model: models/$model.pt: it tried to write or remove a file" analyze --model models/$model.pt "${few[@]}"
  done
  refused 2 "--loss: models/hidden_loss.pt: it tried to write" analyze --loss models/hidden_loss.pt "${few[@]}"
  refused 2 "it tried to write" tune --model models/hidden.pt --steps 30
fi
exits 0 analyze --model models/writes.pt "${few[@]}" --trust-model
[[ -s outside/written ]] || fail "a model that is trusted did not write"
rm -f outside/*

# A gigabyte is less than any machine that builds this has.
(ulimit -d 1500000 && exec "$etamax" analyze --model models/allocates.pt "${few[@]}") >out.txt 2>err.txt
[[ $? == 2 && $(wc -l <err.txt) == 1 ]] || fail "a model that allocates for ever: $(head -n 3 err.txt)"
grep -q "memory does not suffice" err.txt || fail "a model that allocates for ever: $(cat err.txt)"

# Ended in the middle of a loop, neither process is left.
ended_by() { # SIGNAL...
  "$etamax" analyze --model models/loops.pt "${few[@]}" >out.txt 2>err.txt &
  local pid=$! child=
  for _ in $(seq 1 600); do
    child=$(cat /proc/$pid/task/$pid/children 2>/dev/null)
    [[ -n $child ]] && break
    sleep 0.1
  done
  [[ -n $child ]] || { fail "the model has no process of its own"; kill -KILL $pid; return; }
  sleep 1
  for signal in "$@"; do
    kill -"$signal" $pid
    sleep 0.5
  done
  wait $pid 2>/dev/null
  for _ in $(seq 1 100); do
    kill -0 $child 2>/dev/null || return
    sleep 0.1
  done
  fail "after $* the model's process is left"
  kill -KILL $child
}
ended_by TERM TERM
ended_by KILL

# Neither process waits for a reader after a signal: of an answer that is done, or not; and of the line that says so.
fill_pipe
for steps in 8 1000000; do
  for errors in unread err.txt; do
    env --default-signal=INT,HUP,TERM "$etamax" analyze --model models/plain.pt --steps $steps --samples 100 --starts 1 >&8 2>$errors &
    pid=$!
    sleep 5
    kill -TERM $pid
    for _ in $(seq 1 100); do kill -0 $pid 2>/dev/null || break; sleep 0.1; done
    kill -KILL $pid 2>/dev/null && fail "$steps steps, nobody reads: it waits"
    wait $pid
    status=$?
    [[ $status == 3 ]] || fail "$steps steps, nobody reads: exit $status"
  done
done
exec 8>&-

# Native code, such as a fault of LibTorch's lets in, in place of a product. (Where another BLAS is in LibTorch, it has no say.)
intrudes() { LD_PRELOAD=$intruder INTRUDER=$1 "$etamax" analyze --model models/plain.pt --steps 8 --samples 100 "${@:2}"; }
has_a_say() { intrudes "exit 50" --quiet --trust-model >/dev/null 2>&1; [[ $? == 50 ]]; }
if has_a_say; then
  for status in 0 1 2 3 4 77 127; do
    intrudes "exit $status" --quiet >out.txt 2>err.txt
    [[ $? == 1 && ! -s out.txt && $(<err.txt) == "etamax: models/plain.pt: the process that ran it ended without an answer, with status $status" ]] ||
      fail "a model that exits with $status: $(cat out.txt err.txt)"
  done
  for what in pretends orders; do
    intrudes $what >out.txt 2>err.txt </dev/null
    [[ $? == 1 && ! -s out.txt && $(tail -n 1 err.txt) == *"ended without an answer"* ]] || fail "a model that $what: $(cat -v out.txt err.txt)"
    grep -q pwn out.txt err.txt && fail "a model writes to the streams of the user"
  done
  LD_PRELOAD=$intruder INTRUDER=ignores env --default-signal=INT,HUP,TERM "$etamax" analyze --model models/plain.pt --samples 100 --quiet >out.txt 2>err.txt &
  pid=$! child=
  for _ in $(seq 1 600); do
    read -r child 2>/dev/null </proc/$pid/task/$pid/children
    [[ -n $child ]] && (((16#$(sed -n 's/^SigIgn:\t*//p' /proc/${child%% *}/status) >> 9) & 1)) && break
    sleep 0.1
  done
  kill -TERM $pid
  for _ in $(seq 1 100); do kill -0 $pid 2>/dev/null || break; sleep 0.1; done
  kill -KILL $pid 2>/dev/null && fail "a model that ignores signals is not ended"
  wait $pid
  status=$?
  [[ $status == 3 && $(<err.txt) == "etamax: interrupted" ]] || fail "a model that ignores signals: exit $status, $(cat err.txt)"
  kill -KILL $child 2>/dev/null && fail "a model that ignores signals is left"
fi

# A terminal is shown the same, in colors, whoever prints it.
"$python" - "$etamax" <<'END' || fail "a terminal is shown another answer where the model is not trusted"
import os, pty, re, sys
shown = []
for trust in [], ["--trust-model"]:
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm", LC_ALL="C.UTF-8")
        os.environ.pop("NO_COLOR", None)
        os.execv(sys.argv[1], [sys.argv[1], *"analyze --model models/plain.pt --steps 20 --seed 3".split(), *trust])
    text = b""
    try:
        while block := os.read(terminal, 1 << 16):
            text += block
    except OSError:  # closed
        pass
    os.waitpid(process, 0)
    # What the status line is wiped out of, and what work took, differ.
    text = re.sub(rb"\r\x1b\[K[^\r\n]*(?=\r\x1b\[K)", b"", text)
    shown.append(re.sub(rb"[\d.]+ seconds and [\d.]+ .iB|^\r\x1b\[K", b"", text))
if shown[0] != shown[1] or b"\x1b[" not in shown[0]:
    sys.exit(f"{shown[0]!r}\n{shown[1]!r}")
END

# The same answers with and without trust: numbers, pictures and the state of a tune that is carried on.
unlike() { grep -vE '"(seconds|peak_rss_bytes|version|process_seconds)"' "$1" | sed -E 's/"cost": \{[^}]*\}//'; }
plain=(--model models/plain.pt --seed 3)
for trust in "" --trust-model; do
  at=answer$trust
  exits 0 analyze "${plain[@]}" --steps 20 --json --output $at.html $trust
  mv out.txt $at.json
  exits 0 analyze "${plain[@]}" --steps 20 --quiet --figure ruler --output $at.svg $trust
  exits 0 analyze "${plain[@]}" --steps 20 --quiet --output $at.png $trust
  for _ in 1 2; do
    exits 0 tune "${plain[@]}" --steps 30 --json --state $at.state $trust
  done
  mv out.txt $at.tune
  [[ -s $at.html ]] || fail "no $at.html"
done
for ending in json tune; do
  diff <(unlike answer.$ending) <(unlike answer--trust-model.$ending) >/dev/null || fail "$ending differs where the model is trusted"
done
for ending in svg png state; do
  cmp -s answer.$ending answer--trust-model.$ending || fail "$ending differs where the model is trusted"
done
# What cannot be written is refused in the same words.
mkdir folder.json
for trust in "" --trust-model; do
  exits 2 analyze "${plain[@]}" "${few[@]}" --quiet --output folder.json $trust
  mv err.txt error$trust.txt
done
cmp -s error.txt error--trust-model.txt || fail "'$(cat error.txt)' is not '$(cat error--trust-model.txt)'"

# A class of images may be a link to elsewhere.
mkdir -p pictures elsewhere/0 elsewhere/1
for i in 0 1; do printf 'P2\n8 8\n255\n%s\n' "$(seq -s ' ' $((i + 1)) $((i + 64)))" >elsewhere/$i/a.pgm; cp elsewhere/$i/a.pgm elsewhere/$i/b.pgm; done
ln -s ../elsewhere/0 pictures/0
mkdir pictures/1 && ln -s ../../elsewhere/1/a.pgm ../../elsewhere/1/b.pgm pictures/1
exits 2 analyze --model models/plain.pt --data images:pictures --steps 0
grep -q "cannot take examples" err.txt || fail "images behind links: $(cat err.txt)"

# A kernel that cannot do it: a warning for each thing that is lacking, and none where the model is trusted.
landlock=444 seccomp=$("$python" -c 'import platform; print({"x86_64": 317, "aarch64": 277}.get(platform.machine(), 277))')
"$python" "$here/without_calls.py" $landlock /bin/true
if [[ $? == 0 ]]; then
  on() { "$python" "$here/without_calls.py" "$1" "$etamax" analyze --model models/plain.pt "${few[@]}" "${@:2}" >out.txt 2>err.txt || fail "without $1: exit $?"; }
  on $landlock && grep -q "no Landlock: it can read your files" err.txt || fail "no warning without Landlock"
  on $seccomp && grep -q "no seccomp" err.txt || fail "no warning without seccomp"
  on $landlock,$seccomp && [[ $(grep -c "warning" err.txt) == 2 ]] || fail "two things lack: $(cat err.txt)"
  on $landlock,$seccomp --trust-model && [[ ! -s err.txt ]] || fail "a warning though it is trusted: $(cat err.txt)"
fi
exit $failed
