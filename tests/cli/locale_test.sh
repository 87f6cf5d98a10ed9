#!/usr/bin/env bash
# A decimal comma, as Germans have it: numbers keep their point. Usage: locale_test.sh PROGRAM TEST
library_test=$(realpath "$2")
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"
command -v localedef >/dev/null && localedef -i de_DE -f UTF-8 ./de_DE.UTF-8 2>/dev/null
[[ -d de_DE.UTF-8 ]] || { echo "there is no localedef with the locale de_DE here"; exit 77; }
export LOCPATH=$work
LC_ALL=de_DE.UTF-8 bash -c 'printf "%.1f" 1,5' | grep -q 1,5 || { echo "the locale was not made"; exit 77; }

"$library_test" --gtest_filter='LocaleTest.*' | tee gtest.txt | grep -q '^\[  PASSED  \] 2 tests' || fail "the library: $(cat gtest.txt)"

printf 'step,loss\n0,1.5\n1,2.25\n2,4.5\n3,12.5\n' >log.csv
printf 'from = -1.5\nlr = [0.8, "0.1:0.3:0.1"]\n' >options.toml
answers() {
  "$etamax" explain '0.5x^2 + 1.25e-1x' --from x=-1.5 --lr 0.8 1.2 --json
  "$etamax" explain 'x^2' --config options.toml --output answer.csv
  cat answer.csv
  "$etamax" diagnose log.csv
}
usual=$(LC_ALL=C.UTF-8 answers 2>&1 | grep -v -e seconds -e rss) || fail "without a comma: exit $?"
comma=$(LC_ALL=de_DE.UTF-8 answers 2>&1 | grep -v -e seconds -e rss) || fail "with a comma: exit $?"
[[ $usual == "$comma" ]] || fail "the answers differ: $(diff <(echo "$usual") <(echo "$comma"))"
exit $failed
