#!/usr/bin/env bash
# Enforces the table "Who may include what" of docs/architecture.md and what stands below it: prints FILE:LINE for each breach,
# and fails.
# Usage: include_rules.sh ROOT [TABLE]
set -euo pipefail
root=$1 table=${2:-$1/docs/architecture.md}
cd "$root"
mapfile -t files < <(find etamax apps python web/engine tests bench examples -type f \( -name '*.h' -o -name '*.cpp' -o -name '*.in' \) 2>/dev/null | sort)
[[ ${#files[@]} -gt 0 ]] || { echo "include_rules: no sources under $root" >&2; exit 2; }
awk -v posix='^(unistd|fcntl|signal|poll|dlfcn|pthread|termios|langinfo|sys/[a-z]+)\\.h$' '
  function breach(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; breaches++ }
  function allowed(folder, what) { return (folder, what) in may }

  # The table: | folder | folders of etamax | third-party header folders |
  FILENAME == ARGV[1] {
    if (/^## /) in_table = /Who may include what/
    if (in_table && /^\| *`/) {
      n = split($0, cell, "|")
      folder = cell[2]; gsub(/[ `]/, "", folder)
      known[folder] = 1; rules++
      may[folder, folder] = 1
      uses = cell[3] " " cell[4]; gsub(/[`,]/, " ", uses)
      m = split(uses, name, " ")
      for (i = 1; i <= m; i++) may[folder, name[i]] = 1
    }
    next
  }

  /^[ \t]*#[ \t]*include[ \t]*[<"]/ {
    quoted = match($0, /"[^"]+"/)
    if (!quoted) match($0, /<[^>]+>/)
    header = substr($0, RSTART + 1, RLENGTH - 2)
    split(FILENAME, path, "/")
    folder = path[1] == "etamax" ? path[2] : path[1]
    first = header; sub(/\/.*/, "", first)

    # One rule for every file of the project; tests/model, bench/model and examples of its use belong to it.
    if (first == "torch" || first == "ATen" || first == "c10") {
      if (FILENAME !~ /(^|\/)model\// && path[1] != "examples") { breach("only etamax/model may include <" header ">"); next }
    }
    # The library runs where there is neither a loader nor a poll: two places apart, which such a build leaves out.
    if (path[1] == "etamax" && (header == "dlfcn.h" || header == "poll.h" || header == "sys/resource.h") &&
        FILENAME != "etamax/draw/rsvg.cpp" && path[2] != "model") {
      breach("only etamax/draw/rsvg.cpp and etamax/model may include <" header ">"); next
    }
    if (path[1] != "etamax" && path[1] != "apps" && path[1] != "python" && path[1] != "web") next  # tests, benchmarks and examples may use all the rest
    if (!(folder in known)) { if (!(folder in told)) breach("the table has no row for the folder " folder); told[folder] = 1; next }

    if (first == "etamax") {
      split(header, part, "/")
      if (!allowed(folder, part[2])) breach(folder " may not include etamax/" part[2])
    } else if (header ~ /\// && first != "sys") {
      if (!allowed(folder, first)) breach(folder " may not include <" header ">")
    } else if (quoted) {
      if (path[1] == "etamax") breach("write \"etamax/" folder "/" header "\"")
    } else if (header ~ /\./ && header !~ posix) {
      if (!allowed(folder, header)) breach(folder " may not include <" header ">")
    }
  }
  FILENAME ~ /^(etamax|apps)\// && FILENAME != "etamax/model/runtime.cpp" && FILENAME != "apps/workers.cpp" && /std::(jthread|async|execution|thread([^:_a-z]|$))|(pthread|thrd)_create|^[ \t]*#[ \t]*pragma[ \t]+omp/ {
    breach("no thread is started here")
  }
  END {
    if (rules < 5) { print ARGV[1] ": the table of who may include what is not there"; exit 1 }
    exit (breaches > 0)
  }
' "$table" "${files[@]}"
