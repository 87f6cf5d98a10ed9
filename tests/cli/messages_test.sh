#!/usr/bin/env bash
# Nothing that is printed ends a program, and nothing that somebody else named gives the terminal orders: streams that are closed, full
# or unread; text that is not UTF-8; a program etamax-model that does not run. Usage: messages_test.sh PROGRAM [MODEL]
model=${2:+$(realpath "$2")}
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"

# The exit status is that of the answer, whatever the streams are.
status_of() { # STREAMS ARGUMENTS...: prints the exit status with them
  local streams=$1
  shift
  eval "\"\$etamax\" \"\$@\" $streams"
  echo $? >&9
}
printf 'loss\n1\n2\n4\n8\n16\n' >log.csv
expect() { # STATUS ARGUMENTS...
  local expected=$1 found
  shift
  for streams in '>/dev/null 2>&-' '>/dev/null 2>/dev/full' '>&- 2>&-' '<&- >&- 2>&-' '>&- 2>/dev/full' '>/dev/null 2> >(exec 0<&-; sleep 0.3)'; do
    [[ $streams == */dev/full* && ! -e /dev/full ]] && continue
    found=$(status_of "$streams" "$@" 9>&1 >/dev/null 2>/dev/null)
    [[ $found == "$expected" ]] || fail "$* $streams: exit $found, not $expected"
  done
}
expect 2 explain 'x^2'
expect 2 explain 'x^' --from 1 --lr 1
expect 2 frobnicate
expect 0 explain 'x^2' --from 1 --lr 0.1 --output answer.json
expect 0 diagnose log.csv --output answer.csv
expect 0 --help
expect 0 --version
[[ $(head -c 1 answer.json) == "{" && $(tail -n 1 answer.json) == "}" ]] || fail "with closed streams the file is not whole"
if [[ -n $model ]]; then
  expect 4 analyze --model linear --data digits --steps 0 --lr 100 --check
  "$model" analyze --model linear --data digits --steps 0 --quiet || fail "etamax-model by itself exits with $?"
  [[ $("$model" explain 'x^2' --from 1 --lr 1 2>&1) == "etamax: explain is not in this program; run etamax explain" ]] || fail "etamax-model explain"
fi
if [[ -e /dev/full ]]; then
  for words in "explain x^2 --from 1 --lr 1" "--help" "explain --help" "--version"; do
    "$etamax" $words >/dev/full 2>&-; status=$?
    [[ $status == 1 ]] || fail "$words on a full disk: exit $status"
  done
fi
# A reader that has read enough is no fault.
for words in "explain x^2+y^2 --from 1 --lr 0.1 0.2 0.3 --steps 5000 --json" "explain x^2 --from 1 --lr 1" "explain --help" "--version"; do
  read -r -a arguments <<<"$words"
  "$etamax" "${arguments[@]}" 2>said.txt | head -c 3 >/dev/null
  [[ ${PIPESTATUS[0]} == 0 && ! -s said.txt ]] || fail "$words | head: $(cat said.txt)"
  (sleep 0.2; exec "$etamax" "${arguments[@]}" 2>said.txt) | true
  [[ ${PIPESTATUS[0]} == 0 && ! -s said.txt ]] || fail "$words | true: $(cat said.txt)"
done

# Whoever names things: no control character reaches the terminal, and what is printed is UTF-8.
bad=$'\xff\x1b[31m\x7f\xc2\x9b\x08'
shown_fail() { fail "$(cat -v <<<"$*")"; }
clean() { # PART ARGUMENTS...: what is printed has PART
  local part=$1 found
  shift
  found=$("$etamax" "$@" 2>&1)
  [[ $found == *"$part"* ]] || shown_fail "$*: printed '$found', without '$part'"
  LC_ALL=C grep -q $'[\x01-\x09\x0b-\x1f\x7f]' <<<"$found" && shown_fail "$*: prints control characters"
  LC_ALL=C grep -q $'\xc2[\x80-\x9f]' <<<"$found" && shown_fail "$*: prints control characters"
  iconv -f UTF-8 -t UTF-8 <<<"$found" >/dev/null 2>&1 || shown_fail "$*: prints what is not UTF-8"
}
shown='\xff\x1b[31m\x7f\xc2\x9b\x08'
printf 'step,%s,other\n0,1,a\n1,2,a\n2,4,a\n3,8,b\n' "l${bad}oss" >"log$bad.csv"
printf '"%s" = 1\n' 'a\u001b[31m' >config.toml
clean "unknown command '$shown'" "$bad"
clean "unknown option --l$shown" explain 'x^2' --from 1 "--l$bad" 1
clean "'$shown' is not a number" explain 'x^2' --from 1 --lr "$bad"
clean "  x + $shown" explain "x + $bad" --from 1 --lr 1
clean "unexpected argument '$shown'" explain 'x^2' "$bad" --from 1 --lr 1
clean "output: '$shown' must end in" explain 'x^2' --from 1 --lr 1 --output "$bad"
clean "wrote $shown.csv" explain 'x^2' --from 1 --lr 1 --output "$bad.csv"
clean "config: '$shown' cannot be read" explain 'x^2' --from 1 --lr 1 --config "$bad"
clean "unknown option 'a\\x1b[31m'" explain 'x^2' --from 1 --lr 1 --config config.toml
clean "'log$shown.csv' has no column of numbers 'x'; it has step, l${shown}oss" diagnose "log$bad.csv" --column x
clean "l${shown}oss" diagnose "log$bad.csv"
clean "l${shown//\\/\\\\}oss" diagnose "log$bad.csv" --json --column "l${bad}oss"
clean "l${shown//\\/\\\\}oss" diagnose "log$bad.csv" --json --column "l${shown}oss"
clean "x² − ÿ" explain 'x² − ÿ' --from 1 --lr 1
if [[ -n $model ]]; then
  printf '%s,b,y\n1,2,u%s\n2,3,v\n3,1,v\n4,5,w\n' "a$bad" "$bad" >"data$bad.csv"
  clean "data$shown.csv" analyze --data "csv:data$bad.csv" --steps 0
  clean '"verb": "analyze"' analyze --data "csv:data$bad.csv" --steps 0 --json
  clean "no$shown" analyze --data "csv:no$bad.csv" --steps 0
fi
long=$(head -c 100000 /dev/zero | tr '\0' 'y')
for words in "explain x^2 --from 1 --$long 1" "explain x^2 --from 1 --lr $long" "explain $long$long( --from 1 --lr 1" "diagnose $long"; do
  [[ $("$etamax" $words 2>&1 | wc -c) -lt 1100 ]] || fail "${words:0:40}... is echoed whole"
done

# Refused by their number, before there is work.
many=$(seq -s, 0.0001 0.0001 0.5001)
for words in "explain x^2 --from 1 --lr $many" "explain x^2 --from 1 --lr 1 --observed-lr 1 --observed $many" "explain x^2 --lr 1 --from $many" \
  "explain x^2 --from 1 --lr 1 --optimizer $many"; do
  said=$("$etamax" $words 2>&1); status=$?
  [[ $status == 2 && $said == *"5001 values are more than 5000" ]] || fail "${words:0:60}...: exit $status, ${said:0:200}"
done

# The program for tensors: what is so where it does not run.
mkdir bin
cp "$etamax" bin/etamax
refused() { # REASON
  local said status
  said=$(bin/etamax analyze --steps 0 2>&1); status=$?
  [[ $status == 1 && $said == "etamax: analyze needs the program etamax-model: '$work/bin/etamax-model' $1" ]] || fail "exit $status, $said, not $1"
  [[ $(bin/etamax --version) == *"without LibTorch: '$work/bin/etamax-model' $1"* ]] || fail "--version does not say $1"
}
work=$(realpath "$work")
refused "is not there; build etamax with ETAMAX_MODEL=ON"
echo "no program" >bin/etamax-model
refused "cannot be executed: Permission denied"
chmod +x bin/etamax-model
refused "cannot be executed: Exec format error"
printf '#!/no/such/loader\n' >bin/etamax-model
refused "cannot be executed: its loader is not there"

# Why a picture cannot be drawn: the library is there, and it is something else that lacks.
if "$etamax" explain 'x^2' --from 1 --lr 0.1 --quiet --output there.png 2>/dev/null; then
  for limit in "-n 5" "-v 40000"; do
    said=$(ulimit $limit && "$etamax" explain 'x^2' --from 1 --lr 0.1 --quiet --output lacks.png 2>&1); status=$?
    # Whether the library or the drawing lacks a descriptor depends on how many were handed down; which of them lacks memory, on its version.
    [[ $status == 1 ]] && [[ $said == "etamax: a .png or .pdf needs librsvg-2.so.2, which cannot be loaded: "*"; .svg needs nothing" ||
      $said == "etamax: a .png cannot be made: Too many open files" || $limit == -v* &&
      $said == "etamax: librsvg or cairo cannot draw the picture, as where memory does not suffice; .svg needs neither" ]] ||
      fail "a picture under ulimit $limit: exit $status, $said"
  done
fi

# A small stack is raised as far as it may be; less than parsers need is a line, not a fault.
nested=$(printf '(%.0s' {1..190})x$(printf ')%.0s' {1..190})^2
for limit in 64 256; do
  (ulimit -Ss $limit && "$etamax" explain "$nested" --from 1 --lr 0.1 --quiet) || fail "a soft limit of $limit kB for the stack: exit $?"
  said=$(ulimit -s $limit && "$etamax" explain "$nested" --from 1 --lr 0.1 2>&1); status=$?
  [[ $status == 1 && $said == "etamax: the stack is limited to $limit kB, and takes 1024: raise the limit (ulimit -s)" ]] ||
    fail "a stack of $limit kB: exit $status, $said"
done

# So does the loader of LibTorch's libraries, before etamax-model could say anything.
if [[ -n $model ]]; then
  said=$(ulimit -s 16 && "$etamax" analyze 2>&1); status=$?
  [[ $status == 1 && $said == "etamax: "*"the stack is limited to 16 kB, and takes 1024: raise the limit (ulimit -s)" ]] ||
    fail "analyze with a stack of 16 kB: exit $status, $said"
fi

# Without /proc it is found as the shell found etamax.
printf '#!/bin/sh\necho "I am the model"\n' >bin/etamax-model
without_proc() { unshare -rm bash -c 'mount -t tmpfs none /proc && exec "$@"' bash "$@"; }
if [[ $(without_proc echo works 2>/dev/null) == works ]]; then
  ln -s "$work/bin/etamax" link
  for called in "$work/bin/etamax" bin/etamax ./link; do
    [[ $(without_proc "$called" analyze) == "I am the model" ]] || fail "without /proc $called does not find its model program"
  done
  [[ $(PATH=$work/bin:$PATH without_proc etamax analyze) == "I am the model" ]] || fail "without /proc nothing is found in PATH"
  if [[ -n $model ]]; then
    said=$(without_proc "$model" analyze --model linear --data digits --steps 0 --quiet 2>&1); status=$?
    [[ $status == 0 || ($status == 1 && $said == *"etamax: LibTorch cannot learn what processors there are: it needs /proc"*) ]] ||
      fail "etamax-model without /proc exits with $status: $said"
  fi
else
  echo "no mounts can be made here: without /proc is not tried"
fi
exit $failed
