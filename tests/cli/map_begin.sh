# What the tests of etamax map begin with, as begin.sh: source "$(dirname "${BASH_SOURCE[0]}")/map_begin.sh" PROGRAM.
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"

without_cost() { sed '/"cost"/,$d'; }
gradients() { grep -o '"gradients": [0-9]*' <<<"$1" | grep -o '[0-9]*'; }

# Ends a map after so many seconds: with status 3, and with what is drawn by then in partial.json.
interrupt_map() { # SECONDS ARGUMENT...
  "$etamax" map "${@:2}" --json >partial.json 2>/dev/null &
  until_it_listens $!
  sleep "$1"
  kill -TERM $!
  wait $!
  local status=$?
  [[ $status == 3 ]] || fail "map ${*:2}: interrupted, it exits with $status"
  grep -q '"partial": true' partial.json || fail "map ${*:2}: interrupted, it is not marked"
}

# A map that was interrupted carries on from its state, to the answer that it has at one go.
interrupt_and_resume_map() { # ARGUMENT...
  interrupt_map 1 "$@" --state slow
  local resumed whole
  resumed=$("$etamax" map "$@" --state slow --json) whole=$("$etamax" map "$@" --json)
  [[ $(without_cost <<<"$resumed") == "$(without_cost <<<"$whole")" ]] || fail "a map that went on differs"
  (($(gradients "$resumed") < $(gradients "$whole"))) || fail "a map that went on began anew"
}
