#!/usr/bin/env bash
# Runs curvature_bench, and SciPy's eigsh on the very problems that it leaves, and adds both to bench/results/curvature.csv
# with machine and date, as bench/record.sh does. Two threads. Usage: bench/model/record.sh BUILD-FOLDER [NOTE] [NETWORK...]
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
program=$1/bench/model/curvature_bench csv=$here/../results/curvature.csv note=${2:-}
shift $(($# < 2 ? $# : 2))
networks=("$@")
[[ $# -gt 0 ]] || networks=(mlp cnn transformer)
model=$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=2
[[ -f $csv ]] || echo "date,machine,cores,load,benchmark,real,cpu,unit,note" >"$csv"
for network in "${networks[@]}"; do
  load=$(cut -d" " -f1 /proc/loadavg)
  {
    "$program" "$folder" "$network"
    for when in initial trained; do /usr/bin/python3 "$here/eigsh.py" "$folder" "$network" "$when"; done
  } | while read -r line; do echo "$(date -u +%F),$model,$(nproc),$load,$line,$note"; done | tee -a "$csv"
done
