#!/usr/bin/env bash
# Runs tune_bench and adds what it says to bench/results/tune.csv with date and machine; the last line for a task, method and
# repetition counts. Usage: bench/tune/record.sh BUILD-FOLDER [TUNE_BENCH-OPTION...], such as --method etamax --task 2. The runs
# that judge a rate are kept in BUILD-FOLDER/tune_runs.csv: remove it where the training itself has changed, and
# bench/results/tune_grid.csv, which tune_bench --grid makes, with it.
set -euo pipefail
build=$1 csv=$(dirname "${BASH_SOURCE[0]}")/../results/tune.csv
shift
model=$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
[[ -f $csv ]] || echo "date,machine,task,method,repetition,lr,log2_error,regret,training_regret,failures,budget" >"$csv"
"$build/bench/tune/tune_bench" --runs "$build/tune_runs.csv" "$@" |
  while read -r line; do echo "$(date -u +%F),$model,$line"; done | tee -a "$csv"
