#!/usr/bin/env bash
# Runs a benchmark and adds its medians to bench/results/NAME.csv with the machine, how busy it was before, and the date.
# `real` is by the clock on the wall, `cpu` the time that the program itself had the processor: on a busy machine only the
# second can be compared. Usage: bench/record.sh BENCHMARK-PROGRAM NAME [NOTE]
set -euo pipefail
program=$1 csv=$(dirname "${BASH_SOURCE[0]}")/results/$2.csv note=${3:-}
model=$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
[[ -f $csv ]] || echo "date,machine,cores,load,benchmark,real,cpu,unit,note" >"$csv"
# The console's format: the CSV one ends where benchmarks have different counters. `of_peak` goes into the note.
"$program" --benchmark_color=false --benchmark_enable_random_interleaving=true 2>/dev/null |
  awk -v OFS=, -v date="$(date -u +%F)" -v model="$model" -v cores="$(nproc --all)" -v load="$(cut -d" " -f1 /proc/loadavg)" -v note="$note" '
    $1 ~ /_median$/ { name = $1
                      gsub(/_median|\/(iterations|repeats|manual_time|min_time)[^\/_]*/, "", name)
                      told = note
                      for (k = 7; k <= NF; ++k) if ($k ~ /^of_peak=/) told = sprintf("%s%sof peak: %.2g", note, note ? "; " : "", substr($k, 9))
                      printf "%s,%s,%d,%s,%s,%.4g,%.4g,%s,%s\n", date, model, cores, load, name, $2, $4, $3, told }' |
  sort -t, -k5,5V | tee -a "$csv"
