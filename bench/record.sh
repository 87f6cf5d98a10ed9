#!/usr/bin/env bash
# Runs a benchmark and adds its medians to bench/results/NAME.csv with the machine, how busy it was before, and the date.
# Usage: bench/record.sh BENCHMARK-PROGRAM NAME [NOTE]
set -euo pipefail
program=$1 csv=$(dirname "${BASH_SOURCE[0]}")/results/$2.csv note=${3:-}
cpu=$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
[[ -f $csv ]] || echo "date,cpu,cores,load,benchmark,median_ms,note" >"$csv"
"$program" --benchmark_format=csv 2>/dev/null |
  awk -F, -v OFS=, -v date="$(date -u +%F)" -v cpu="$cpu" -v cores="$(nproc)" -v load="$(cut -d" " -f1 /proc/loadavg)" -v note="$note" '
    /^"[^"]*_median"/ { name = $1; gsub(/"|_median|\/(iterations|repeats|manual_time)[^"\/]*/, "", name)
                        printf "%s,%s,%d,%s,%s,%.3f,%s\n", date, cpu, cores, load, name, $3, note }' | tee -a "$csv"
