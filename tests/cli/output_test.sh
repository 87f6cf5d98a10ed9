#!/usr/bin/env bash
# What --output and --state do to files: whole or not at all, also when the program is killed; nothing of the user's is touched.
# Usage: output_test.sh PROGRAM [KILLS]; for etamax tune too where the program has it.
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"
kills=${2:-5}
# steps.csv holds no times: it is the same in every run.
explained() { "$etamax" explain 'x^2' --from -1 --lr 0.5 1.2 --steps 2000 --quiet "$@"; }
explained --output whole.csv || fail "--output: exit $?"
refused() { # STATUS REASON ARGUMENTS...
  local expected=$1 reason=$2 status
  shift 2
  timeout 60 "$etamax" "$@" >out.txt 2>err.txt
  status=$?
  [[ $status == "$expected" && ! -s out.txt && $(wc -l <err.txt) == 1 ]] || fail "etamax $*: exit $status, not one line: $(head -n 3 err.txt out.txt)"
  grep -qF -- "$reason" err.txt || fail "etamax $*: '$(cat err.txt)' does not say '$reason'"
}
nothing_else() { # FILES...: the folder holds them alone
  [[ $(ls -A | sort | tr '\n' ' ') == "$(printf '%s\n' "$@" | sort | tr '\n' ' ')" ]] || fail "the folder holds $(ls -A | tr '\n' ' '), not $*"
}
fresh() { rm -rf "$work/now" && mkdir "$work/now" && cd "$work/now" || exit 1; }

# Modes, links, pipes and what is open already.
fresh
(umask 077 && : >private.csv)
ln -s nowhere.csv dangling.csv
mkfifo pipe.csv
ln -s /dev/stdout out.csv
for file in private.csv dangling.csv; do
  explained --output $file || fail "$file: exit $?"
  cmp -s $file ../whole.csv || fail "$file is not what was written"
done
[[ $(stat -c %a private.csv) == 600 ]] || fail "mode 600 became $(stat -c %a private.csv)"
[[ -L dangling.csv && -f nowhere.csv ]] || fail "the link was replaced"
cat pipe.csv >got &
explained --output pipe.csv || fail "a FIFO: exit $?"
wait $!
cmp -s got ../whole.csv && [[ -p pipe.csv ]] || fail "a FIFO is not written to"
"$etamax" explain 'x^2' --from -1 --lr 0.5 --steps 5 --output out.csv >both.txt 2>/dev/null || fail "/dev/stdout: exit $?"
grep -q '^0.5,converges,0' both.txt && grep -q 'lr 0.5 converges' both.txt || fail "--output to /dev/stdout: $(cat both.txt)"
nothing_else private.csv dangling.csv nowhere.csv pipe.csv got out.csv both.txt

# Refusals, before the work where that can be known.
fresh
mkdir folder.csv
refused 2 "--output: 'folder.csv' cannot be written: it is a folder" explain 'x^2' --from 1 --lr 1 --output folder.csv
ln -s none/such.csv dangling.csv
refused 2 "--output: 'dangling.csv' cannot be written: there is no folder 'none'" explain 'x^2' --from 1 --lr 1 --output dangling.csv
ln -s loop.csv loop.csv
refused 2 "--output: 'loop.csv' cannot be written: Too many levels of symbolic links" explain 'x^2' --from 1 --lr 1 --output loop.csv
printf 'step,loss\n1,2\n2,1\n' >log.csv
ln -s log.csv link.csv
refused 2 "--output: 'link.csv' is the file of" diagnose log.csv --output link.csv
# What leads to a standard stream that is closed, where no file can be made, and where a file is mounted by itself.
ln -s /dev/stdin in.csv
ln -s /dev/stdout closed.csv
for streams in "<&- in.csv" ">&- closed.csv"; do
  err=$(eval "\"\$etamax\" explain x^2 --from 1 --lr 1 ${streams% *}" --output "${streams#* }" 2>&1 >out.txt); status=$?
  [[ $status == 2 && $err == "etamax: --output: '${streams#* }' cannot be written: it is closed, or open for reading only" ]] ||
    fail "--output ${streams#* } ${streams% *}: exit $status, $err"
done
for file in /proc/x.csv /proc/self/fd/1.csv; do
  refused 2 "--output: '$file' cannot be written: No such file or directory" explain 'x^2' --from 1 --lr 1 --output $file
done
printf 1 >mounted.csv
if unshare -m mount --bind mounted.csv mounted.csv 2>/dev/null; then
  err=$(unshare -m bash -c 'mount --bind mounted.csv mounted.csv && "$0" explain x^2 --from 1 --lr 1 --output mounted.csv' "$etamax" 2>&1); status=$?
  [[ $status == 2 && $err == "etamax: --output: 'mounted.csv' cannot be written: it is mounted there by itself"* ]] ||
    fail "a file that is mounted: exit $status, $err"
fi
if [[ -e /dev/full ]]; then
  ln -s /dev/full full.csv
  err=$(explained --output full.csv 2>&1); status=$?
  [[ $status == 1 && $err == "etamax: 'full.csv' cannot be written: No space left on device" ]] || fail "a full device: exit $status, $err"
  err=$("$etamax" explain 'x^2' --from 1 --lr 1 --output full.csv 2>&1 >/dev/full); status=$?
  [[ $status == 1 && $(wc -l <<<"$err") == 1 && $err == *"'full.csv' cannot be written"*"standard output cannot be written"* ]] || fail "both are full: exit $status, $err"
fi

# Many at once: all succeed, and the file is one of theirs.
fresh
pids=()
for k in $(seq 20); do
  "$etamax" explain 'x^2' --from "$k" --lr 0.5 --quiet --output same.csv &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || fail "one of many at once: exit $?"; done
from=$(sed -n 2p same.csv | cut -d, -f4)
"$etamax" explain 'x^2' --from "$from" --lr 0.5 --quiet --output alone.csv
cmp -s same.csv alone.csv || fail "many at once mixed their files"
nothing_else same.csv alone.csv

# Killed at any time: the old file or the new one, and what is left beside it disturbs nobody.
fresh
RANDOM=14
for signal in KILL TERM; do
  for _ in $(seq "$kills"); do
    echo old >a.csv
    explained --output a.csv &
    sleep 0.0$((RANDOM % 90 + 10))
    kill -$signal $! 2>/dev/null
    wait $! 2>/dev/null
    [[ $(cat a.csv) == old ]] || cmp -s a.csv ../whole.csv || fail "SIG$signal left half a file"
    [[ -z $(find . -type f ! -name a.csv ! -name '.etamax-*.part') ]] || fail "SIG$signal left $(ls -A | tr '\n' ' ')"
  done
done
explained --output a.csv && cmp -s a.csv ../whole.csv || fail "after kills: exit $?"

"$etamax" tune --help 2>/dev/null | grep -q -- --state || exit $failed
fresh
job=(tune --model mlp:64-32-10:tanh --batch-size 64 --steps 200 --quiet)
without_cost() { sed '/"cost": {/,/}/d' "$1"; }
mkdir folder
mkfifo pipe
refused 2 "it is a folder" "${job[@]}" --state folder
refused 2 "it is no plain file" "${job[@]}" --state pipe
refused 2 "it is no plain file" "${job[@]}" --state /dev/null
refused 2 "--output: 'a.json' is the file of --state" "${job[@]}" --state a.json --output a.json
rm -r folder pipe out.txt err.txt

# Where too few files may be open, a state is whole or is not there.
mkdir few
for most in 4 5 6 7 8 10; do
  for standard_input in "/dev/null" "&-"; do
    (eval "exec <$standard_input" && ulimit -n $most && exec "$etamax" tune --model linear --steps 16 --budget 8 --seeds 1 --state few/state --quiet) 2>err.txt
    status=$?
    # 127: the loader itself lacks one, before the first line of the program.
    [[ $status == 0 && -s few/state || $status == 1 && ! -e few/state && $(wc -l <err.txt) == 1 || $status == 127 && ! -e few/state ]] ||
      fail "a state under ulimit -n $most with input from $standard_input: exit $status, $(ls -s few), $(head -n 3 err.txt)"
    rm -f few/state
  done
done
rm -r few err.txt

# A state that cannot be written any more is told of in a line, and costs neither the answer nor what it held.
goes_on() { # STATUS REASON
  [[ $status == "$1" && -s out.txt && $(<err.txt) == "etamax: "*"$2; the work goes on" ]] ||
    fail "a state that cannot be written any more: exit $status, not $1: $(head -n 3 out.txt err.txt)"
}
small=(tune --model linear --batch-size 64 --steps 40 --budget 20 --seeds 5)
rates=(follow --model linear --lr 0.1,0.2 --steps 100)
"$etamax" "${small[@]}" --output small.json >whole.txt 2>/dev/null
for begun in small rates; do
  declare -n words=$begun
  (ulimit -f 1 && exec "$etamax" "${words[@]}" --state kept) 2>err.txt | cat >out.txt
  status=${PIPESTATUS[0]}
  goes_on 1 "'kept' cannot be written: File too large"
  "$etamax" "${words[@]}" --state kept --output kept.json >again.txt 2>/dev/null || fail "carried on after a full disk: exit $?"
  [[ $begun == rates ]] || { [[ $(without_cost small.json) == "$(without_cost kept.json)" ]] || fail "carried on after a full disk, it gives another answer"; }
  rm kept
done
gone() { # ARGUMENTS...: the folder goes while there is work
  mkdir gone
  "$etamax" "$@" >out.txt 2>err.txt &
  local pid=$!
  for _ in $(seq 600); do [[ -s gone/state ]] && break; sleep 0.05; done
  rm -r gone
  wait $pid
  status=$?
}
gone "${job[@]:0:${#job[@]}-1}" --state gone/state
goes_on 2 "--state: 'gone/state' cannot be written: No such file or directory"
gone map 'x^4-3*x^2+x' --x lr=0.001:0.6:log --y start=-3:3 --size 1920x1080 --threads 1 --state gone/state
goes_on 2 "--state: 'gone/state' cannot be written: No such file or directory"
mkdir gone
"$etamax" map 'x^4-3*x^2+x' --x lr=0.001:0.6:log --y start=-3:3 --size 1920x1080 --threads 1 --output gone/map.npz >out.txt 2>err.txt &
sleep 0.3
rm -r gone
wait $!
status=$?
[[ $status == 2 && -s out.txt && $(<err.txt) == "etamax: --output: 'gone/map.npz' cannot be written: No such file or directory" ]] ||
  fail "arrays of a map that cannot be written: exit $status, $(cat out.txt err.txt)"
if [[ -x ${etamax}-model ]]; then
  for option in "--vectors big.npz" "--diagonal big.npz"; do
    (ulimit -f 1 && exec "$etamax" spectrum --model linear --data digits $option) 2>err.txt | cat >out.txt
    status=${PIPESTATUS[0]}
    [[ $status == 1 && -s out.txt && $(<err.txt) == "etamax: 'big.npz' cannot be written: File too large" && ! -e big.npz ]] ||
      fail "$option beyond a limit of size: exit $status, $(cat out.txt err.txt)"
    grep -q big.npz out.txt && fail "$option beyond a limit of size: is named in the answer"
  done
fi
rm -f small.json kept.json ./*.txt

# Two at once: one is told so, the other one is right; then killed again and again.
"$etamax" "${job[@]}" --state state --output whole.json &
first=$!
for _ in $(seq 600); do grep -q steps_wanted state 2>/dev/null && break; sleep 0.05; done
kill -STOP $first
refused 1 "'state': another tune uses this state" "${job[@]}" --state state
kill -CONT $first
rm out.txt err.txt
wait $first || fail "the first of two: exit $?"
cp state whole
signals=(KILL TERM)
rm state
for k in $(seq "$kills"); do
  "$etamax" "${job[@]}" --state state --output killed.json &
  sleep "$((k > 1)).$((RANDOM % 90 + 10))"
  kill -"${signals[k % 2]}" $! 2>/dev/null
  wait $! 2>/dev/null
done
"$etamax" "${job[@]}" --state state --output resumed.json || fail "carried on after kills: exit $?"
[[ $(without_cost whole.json) == "$(without_cost resumed.json)" ]] || fail "carried on after kills, it gives another answer"
cmp -s state whole || fail "carried on after kills, the state is another one"

# What is not as it was written is refused.
sed 's/"steps": 12/"steps": 13/; t; s/"seed": 0/"seed": 1/' whole >state
refused 2 "state: is damaged: its checksum does not fit" "${job[@]}" --state state
head -c 300 whole >state
refused 2 "state: is damaged: its checksum does not fit" "${job[@]}" --state state
sed 's/"etamax_tune": [0-9]*/"etamax_tune": 3/' whole >state
refused 2 "state: is a state of version 3, and this etamax reads" "${job[@]}" --state state

# An answer takes no place of what it is made from, be it named through a link, or not there yet.
printf 'a,b,t\n1,2,0\n2,1,1\n3,5,0\n4,3,1\n' >data.csv
cp data.csv kept.csv
ln -sf data.csv link.csv
printf 'steps = 3\n' >config.json
ln -sf later.json dangling.json
x2=(explain x^2 --from 1 --lr 0.1)
refused 2 "is the file of --config, which it would replace" "${x2[@]}" --config config.json --output config.json
if [[ -x ${etamax}-model ]]; then
  printf 'top = 3\n' >config.npz
  for option in --vectors --diagonal; do
    refused 2 "$option: 'config.npz' is the file of --config, which it would replace" spectrum --config config.npz $option config.npz
  done
fi
seq -f 'step %g: loss = 1' 30 >log.json
cp log.json kept.json
"$etamax" diagnose - --output log.json <log.json >out.txt 2>err.txt
[[ $? == 2 ]] && cmp -s log.json kept.json || fail "an answer replaced the standard input: $(cat err.txt)"
if [[ -x ${etamax}-model ]]; then
  refused 2 "is the file of --state, which it would replace" tune --steps 20 --state new.json --output ./new.json
  refused 2 "is the file of --data, which it would replace" analyze --data data.csv --steps 0 --output link.csv
  refused 2 "is the file of --data, which it would replace" tune --data csv:data.csv --steps 20 --output data.csv
  refused 2 "is the file of --state, which it would replace" tune --steps 20 --state later.json --output dangling.json
  # Of a folder, each file that is read: in it, or behind a link of it or to it; and none is added to those of a class.
  mkdir -p im/a im/b
  for class in a b; do for k in 0 1 2; do printf 'P2 2 2 9 1 %d 3 %d' $k $k >im/$class/$k.pgm; done; done
  ln -s "$PWD/far.png" im/a/3.pgm && cp im/a/0.pgm far.png && ln -s im/a near.d && ln -s im/b/0.pgm near.png
  python3 - <<'END'
import os, struct
os.makedirs("idx"), os.makedirs("cifar")
open("idx/train-images-idx3-ubyte", "wb").write(struct.pack(">4B3I", 0, 0, 8, 3, 4, 2, 2) + bytes(range(16)))
open("idx/train-labels-idx1-ubyte", "wb").write(struct.pack(">4BI", 0, 0, 8, 1, 4) + bytes([0, 1, 0, 1]))
for k in range(1, 6):
    open(f"cifar/data_batch_{k}.bin", "wb").write(bytes([k % 10]) + bytes(3072))
END
  ln -s idx/train-images-idx3-ubyte images.csv && ln -s idx/train-labels-idx1-ubyte labels.csv && ln -s cifar/data_batch_5.bin five.csv
  find im idx cifar -type f -o -type l | sort | xargs md5sum >before.md5
  for file in im/a/new.png near.d/1.svg far.png near.png; do
    refused 2 "--output: '$file' would be among the files of --data, in the folder 'im/" analyze --data images:im --steps 0 --output $file
  done
  refused 2 "--state: 'im/b/state' would be among the files of --data" tune --data images:im --steps 20 --state im/b/state
  for case in images:idx:idx labels:idx:idx five:cifar10:cifar; do
    refused 2 "--output: '${case%%:*}.csv' is the file of --data, which it would replace" analyze --data "${case#*:}" --model linear --steps 0 --output "${case%%:*}.csv"
  done
  find im idx cifar -type f -o -type l | sort | xargs md5sum | cmp -s - before.md5 || fail "an answer changed a folder of its data"
  # What lies beside the files that are read is nobody's.
  for answer in im/answer.csv idx/answer.csv; do
    case $answer in im/*) data=images:im ;; *) data=idx:idx ;; esac
    for _ in 1 2; do
      "$etamax" analyze --data $data --model linear --steps 0 --no-culprits --quiet --output $answer >out.txt 2>&1 ||
        fail "beside the data: exit $?: $(cat out.txt)"
    done
  done
fi
cmp -s data.csv kept.csv || fail "an answer replaced its data"
for option in --output --config --optimizer; do
  refused 2 "$option: needs a value, and is given an empty one" "${x2[@]}" "$option" ''
done

# A limit of size is a full disk.
(ulimit -f 1 && exec "$etamax" "${x2[@]}" --steps 1000) >big.txt 2>err.txt
[[ $? == 1 && $(<err.txt) == *"standard output cannot be written: File too large" ]] ||
  fail "beyond a limit of size: $(cat err.txt)"
exit $failed
