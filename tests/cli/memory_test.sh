#!/usr/bin/env bash
# etamax analyze holds the graph of one chunk and a few vectors of the parameters' size, whatever the number of products and
# of examples; and says, as tune does, what would fit where memory does not suffice. Usage: memory_test.sh PROGRAM
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"
awk 'BEGIN { srand(1); for (i = 0; i < 32; ++i) { for (j = 0; j < 64; ++j) printf "%.3f,", 2 * rand() - 1; print i % 10 } }' >few.csv

analyzed() { # MODEL DATA ARGUMENTS...
  local model=$1 data=$2
  shift 2
  "$etamax" analyze --model "$model" --data "$data" --loss cross_entropy --steps 0 --no-culprits "$@"
}
measured() { # MODEL DATA ARGUMENTS...: prints the peak that it tells of, in KiB
  analyzed "$@" --json | awk '/"peak_rss_bytes"/ { gsub(/[^0-9]/, ""); print int($0 / 1024); exit }'
}
products() { analyzed "$@" --json | awk '/"hvps"/ { gsub(/[^0-9]/, ""); print; exit }'; }
fits_in() { # KIB MODEL DATA ARGUMENTS...
  local limit=$1
  shift
  (ulimit -d "$limit" && analyzed "$@" --quiet) >out.txt 2>&1
}
# The least limit of its memory with which it answers, in KiB, to 4 MiB. The system may swap out pages of a process, so that the
# peak of what is resident may be too small; this cannot.
needed() { # MODEL DATA ARGUMENTS...
  local low=0 high=$((1 << 20)) middle
  while ((high - low > 4096)); do
    middle=$(((low + high) / 2))
    if fits_in $middle "$@"; then high=$middle; else low=$middle; fi
  done
  echo $high
}
at_most() { # WHAT FOUND LIMIT
  echo "$1: $2 KiB, at most $3"
  [[ $2 -le $3 ]] || fail "$1 takes $2 KiB, more than $3"
}

# 4,349,962 parameters: a vector of them is 16,992 KiB.
vector=16992
large=(mlp:64-2048-2048-10:tanh csv:few.csv)
base=$(needed mlp:64-8-10:tanh csv:few.csv)
few=$(needed "${large[@]}" --gap 0.15)
at_most "an analysis of large vectors" $((few - base)) $((16 * vector))
[[ $(products "${large[@]}" --gap 0.01) -gt $((2 * $(products "${large[@]}" --gap 0.15))) ]] || fail "not many more products"
fits_in $((few + vector / 2)) "${large[@]}" --gap 0.01 || fail "more products add more than half a vector: $(cat out.txt)"

# 1,797 examples in a layer 4,096 wide: 28,752 KiB for one tensor of activations, 1,024 in chunks of 64.
base=$(measured mlp:64-8-10:tanh digits)
whole=$(measured mlp:64-4096-10:tanh digits)
chunked=$(measured mlp:64-4096-10:tanh digits --chunk 64)
at_most "an analysis in chunks" $((chunked - base)) $((16 * 1208 + 20 * 1024))
[[ $((whole - base)) -gt $((3 * 28752)) ]] || fail "the graph of all data takes only $((whole - base)) KiB: this test tells nothing"

# One tensor of activations of this one is 144 MB.
large=(analyze --model mlp:64-20000-10:tanh --data digits --steps 0 --no-culprits --quiet)
(ulimit -d 800000 && "$etamax" "${large[@]}") >out.txt 2>err.txt
[[ $? == 2 ]] || fail "without memory: not exit 2: $(cat out.txt err.txt)"
[[ $(wc -l <err.txt) == 1 && ! -s out.txt ]] || fail "without memory: not one line: $(cat out.txt err.txt)"
fits=$(sed -n 's/.*--chunk \([0-9]*\) fits.*/\1/p' err.txt)
echo "without memory: $(cat err.txt)"
(ulimit -d 800000 && "$etamax" "${large[@]}" --chunk "${fits:-1797}" --confidence none) >out.txt 2>err.txt ||
  fail "--chunk '$fits' was said to fit, but: $(cat err.txt)"
(ulimit -d 600000 && "$etamax" tune "${large[@]:1:4}" --steps 64 --quiet) >out.txt 2>err.txt
[[ $? == 2 && $(wc -l <err.txt) == 1 && ! -s out.txt ]] || fail "tune without memory: not exit 2 and one line: $(head -c 1000 out.txt err.txt)"
echo "tune without memory: $(cat err.txt)"
grep -q -- '--chunk [0-9]* fits (or fewer, --batch-size' err.txt || fail "tune does not say what would fit: $(cat err.txt)"

# Where OpenBLAS gets no memory, it asks for ever. Below, the system's loader may refuse the libraries, in a line of its own.
for threads in 1 2; do
  for limit in "--as=$((300 << 20))" "--as=$((580 << 20))" "--as=$((650 << 20))" "--as=$((850 << 20))" "--data=$((80 << 20))" "--data=$((220 << 20))"; do
    timeout 60 prlimit "$limit" "$etamax" analyze --model linear --steps 0 --threads $threads --quiet >out.txt 2>err.txt
    status=$?
    [[ $status == 0 || ($status == 1 || $status == 127) && $(wc -l <err.txt) == 1 ]] ||
      fail "$threads threads, $limit: exit $status: $(head -c 300 err.txt)"
    echo "$threads threads, $limit: exit $status $(cat err.txt)"
  done
done

# Just above the least that is accepted there is enough for a network: its libraries would end by a signal, or take turns for ever.
for megabytes in $(seq 996 20 1076); do
  for work in "spectrum" "analyze --model cnn --steps 0"; do
    timeout 60 prlimit --as=$((megabytes << 20)) "$etamax" $work --samples 100 --threads 2 --quiet >out.txt 2>err.txt
    status=$?
    [[ $status == 0 || ($status == 1 || $status == 2) && $(wc -l <err.txt) == 1 ]] ||
      fail "$work in $megabytes MiB of addresses: exit $status: $(head -c 300 err.txt)"
  done
done

# Where no thread can be started, LibTorch waits for one for ever. Root has no such limit.
other=(setpriv --reuid=61234 --regid=61234 --clear-groups prlimit --nproc=1)
if [[ $(id -u) == 0 ]] && "${other[@]}" "$etamax" --help >out.txt 2>&1; then
  for threads in 1 4; do
    timeout 120 "${other[@]}" "$etamax" analyze --model linear --steps 0 --threads $threads --quiet >out.txt 2>err.txt
    status=$?
    [[ $(nproc) == 1 && $threads == 1 && $status == 0 ]] && continue
    [[ $status == 1 && $(wc -l <err.txt) == 1 && $(<err.txt) == *"too few threads"* ]] ||
      fail "$threads threads, none to be had: exit $status: $(head -c 300 err.txt)"
  done
fi
exit $failed
