#!/usr/bin/env bash
# Runs every command in the ```console blocks of the documents and compares what it prints with what stands there.
#
#   $ etamax ...   and   $ ./run ...   are run (./run as the program that it builds); other commands are not
#   ...            alone on a line stands for any number of lines; where there is nothing else, the command must succeed
#
# Usage: docs_test.sh PROGRAM RUN FILE.md...            fails with file, line and difference
#        docs_test.sh --update PROGRAM RUN FILE.md...   writes what is printed today into blocks that have no `...`
set -euo pipefail
update=0
if [[ $1 == --update ]]; then update=1; shift; fi
program=$(realpath "$1") run=$(realpath "$2")
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/here/out"
ln -s "$program" "$work/bin/etamax"
commands=0 failed=0

# What ./run does without arguments is in its line main_job=(...).
main_job=$(grep -m1 '^main_job=' "$run") || { echo "docs_test: no main_job in $run" >&2; exit 2; }
eval "$main_job"

output_of() { # COMMAND: all that it prints, in a folder of its own
  local command=$1
  case $command in
    ./run) command="etamax ${main_job[*]@Q}" ;;
    ./run\ *) command="etamax ${command#./run }" ;;
  esac
  (cd "$work/here" && PATH="$work/bin:$PATH" LC_ALL=C.UTF-8 COLUMNS=100 TERM=xterm bash -c "$command" 2>&1) || echo $? >"$work/status"
}

matches() { # EXPECTED-FILE ACTUAL-FILE, with `...` for any lines
  awk '
    NR == FNR { expected[++n] = $0; next }
    { actual[++m] = $0 }
    function fits(i, j,   k) {
      for (; i <= n; i++) {
        if (expected[i] == "...") {
          if (i == n) return 1
          for (k = j; k <= m + 1; k++) if (fits(i + 1, k)) return 1
          return 0
        }
        if (j > m || expected[i] != actual[j]) return 0
        j++
      }
      return j > m
    }
    END { exit !fits(1, 1) }
  ' "$1" "$2"
}

finish_command() { # compares the collected lines with what the command prints
  [[ -n $command ]] || return 0
  if [[ $command =~ ^(etamax|\./run)(\ |$) ]]; then
    commands=$((commands + 1))
    rm -f "$work/status"
    output_of "$command" >"$work/actual"
    if [[ $update == 1 ]] && ! grep -qx '\.\.\.' "$work/expected"; then
      cat "$work/actual" >>"$work/new"
    else
      cat "$work/expected" >>"$work/new"
      if [[ $(<"$work/expected") == ... && -e $work/status ]]; then
        failed=1
        echo "$file:$line: \$ $command: exit $(<"$work/status"): $(head -n 3 "$work/actual")"
      fi
      if ! matches "$work/expected" "$work/actual"; then
        failed=1
        echo "$file:$line: \$ $command"
        diff -u --label "in the document" --label "printed" "$work/expected" "$work/actual" | sed 's/^/    /' || true
      fi
    fi
  else
    cat "$work/expected" >>"$work/new"
  fi
  command=
}

for file in "$@"; do
  inside=0 number=0 command=
  : >"$work/new"
  : >"$work/expected"
  while IFS= read -r text; do
    number=$((number + 1))
    if [[ $inside == 0 ]]; then
      if [[ $text == '```console' ]]; then inside=1; fi
      printf '%s\n' "$text" >>"$work/new"
    elif [[ $text == '```' ]]; then
      finish_command
      inside=0
      printf '%s\n' "$text" >>"$work/new"
    elif [[ $text == '$ '* ]]; then
      finish_command
      command=${text#\$ } line=$number
      command=${command%%  #*}
      : >"$work/expected"
      printf '%s\n' "$text" >>"$work/new"
    else
      printf '%s\n' "$text" >>"$work/expected"
    fi
  done <"$file"
  if [[ $inside == 1 ]]; then echo "$file: a console block is not closed"; failed=1; fi
  if [[ $update == 1 ]] && ! cmp -s "$work/new" "$file"; then cp "$work/new" "$file"; fi
done
[[ $commands -gt 0 ]] || { echo "docs_test: no commands found" >&2; exit 2; }
echo "$commands commands"
exit $failed
