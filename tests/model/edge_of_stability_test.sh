#!/usr/bin/env bash
# The example's run: sharpness starts below half of the edge, rises, and in the second half of the run hovers at it: the
# median within 5%, and nine looks of ten within 15%. Usage: edge_of_stability_test.sh PROGRAM
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" "$folder"
grep -q '</svg>' "$folder/edge_of_stability.svg"
for run in gd sgd adam; do
  awk -F, -v run="$run" '
    $1 == run { ratio[n++] = $6 / $3 }
    END {
      if (n < 50 || ratio[0] > 0.5) { printf "%s: %d looks, the first at %g of the edge\n", run, n, ratio[0]; exit 1 }
      for (i = int(n / 2); i < n; ++i) { late[m++] = ratio[i]; near += ratio[i] > 0.85 && ratio[i] < 1.15 }
      for (i = 1; i < m; ++i) for (j = i; j > 0 && late[j] < late[j - 1]; --j) { t = late[j]; late[j] = late[j - 1]; late[j - 1] = t }
      middle = late[int(m / 2)]
      printf "%s: median %.3f of the edge, %d of %d looks within 15%%\n", run, middle, near, m
      exit !(middle > 0.95 && middle < 1.05 && near >= 0.9 * m)
    }' "$folder/edge_of_stability.csv"
done
