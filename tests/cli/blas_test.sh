#!/usr/bin/env bash
# Where matrix products come from the reference BLAS, 15 times slower, the verbs that need tensors warn, and answer all the same.
# Skipped where there is none, which ./test sees to on Debian. Usage: blas_test.sh PROGRAM
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"
reference=$(find /usr/lib/*/blas -name libblas.so.3 2>/dev/null | head -n 1)
[[ -n $reference ]] || { echo "no reference BLAS is installed: nothing to try it with"; exit 77; }
printf 'x,y\n-1,-1\n1,3\n' >line.csv
job=(analyze --model linear --data csv:line.csv --loss mse --steps 0)
warning="is not OpenBLAS and may be 15 times slower"

"$etamax" "${job[@]}" >fast.txt 2>err.txt || fail "analyze exits with $?: $(cat err.txt)"
[[ ! -s err.txt ]] || fail "with the BLAS that ./run installs: $(cat err.txt)"
version=$("$etamax" --version) || fail "--version exits with $?"
[[ $version == "etamax "*$'\n'"LibTorch "[0-9]*", BLAS OpenBLAS "[0-9]* ]] || fail "--version says: $version"
export LD_LIBRARY_PATH=${reference%/*}
for quiet in "" --quiet; do
  "$etamax" "${job[@]}" $quiet >slow$quiet.txt 2>err$quiet.txt || fail "with the reference BLAS analyze $quiet exits with $?: $(cat err$quiet.txt)"
done
grep -qF "$warning" err.txt && [[ $(wc -l <err.txt) == 1 ]] || fail "with the reference BLAS no line that warns: $(cat err.txt)"
grep -qF "${reference%/*}" err.txt || fail "the warning does not say which BLAS is in use: $(cat err.txt)"
[[ $("$etamax" --version) == *", BLAS ${reference%/*}/"* ]] || fail "--version does not say which BLAS is in use: $("$etamax" --version)"
[[ ! -s err--quiet.txt ]] || fail "--quiet still warns: $(cat err--quiet.txt)"
"$etamax" tune --model linear --data csv:line.csv --loss mse --steps 16 --validation 0 >/dev/null 2>err.txt
grep -qF "$warning" err.txt || fail "tune does not warn: $(cat err.txt)"
diff <(grep -v seconds fast.txt | grep -i "edge") <(grep -v seconds slow.txt | grep -i "edge") || fail "the answer is another"
exit $failed
