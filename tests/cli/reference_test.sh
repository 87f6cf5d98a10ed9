#!/usr/bin/env bash
# The completion scripts and the man page, which are made of the tables of options: each is valid and offers what --help shows.
# Shells that are not installed are passed over. Usage: reference_test.sh PROGRAM SHARE
share=$(realpath "$2")
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"
touch train.log

options=$("$etamax" explain --help | grep -oE '^  (-h, )?--[a-z0-9-]+' | sed 's/.* //' | grep -vx -e --version | sort)
[[ $(wc -l <<<"$options") -gt 10 ]] || fail "explain --help shows no options"

offered() { # WORDS...: what bash offers for the last of them
  bash -c 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _etamax; printf "%s\n" "${COMPREPLY[@]}" | sort' \
    "$share/bash-completion/completions/etamax" etamax "$@"
}
same() { # EXPECTED WORDS...
  local expected=$1 found
  shift
  found=$(offered "$@")
  [[ $found == "$expected" ]] || fail "bash offers for etamax $*: $found"
}
same explain ex
same "$options" explain --
same $'--max-steps\n--momentum' explain 'x^2' --m
same $'adagrad\nadam\nadamw' explain 'x^2' --optimizer ad
same rosenbrock explain ro
same train.log diagnose tr
same train.log explain 'x^2' --output tr
same $'csv\njson\ntensorboard\ntext' diagnose --format ''
same "" explain 'x^2' --lr ''

if command -v zsh >/dev/null; then zsh -n "$share/zsh/site-functions/_etamax" || fail "zsh does not read its script"; fi
if command -v fish >/dev/null; then
  found=$(HOME=$work fish -c "source '$share/fish/vendor_completions.d/etamax.fish'; complete -C 'etamax explain --optimizer ad'" | cut -f 1)
  [[ $found == $'adagrad\nadam\nadamw' ]] || fail "fish offers: $found"
fi

page=$share/man/man1/etamax.1
for option in $options; do
  grep -qF "\\fB${option//-/\\-}\\fR" "$page" || fail "the man page lacks $option"
done
if command -v groff >/dev/null; then
  said=$(groff -man -ww -z "$page" 2>&1)
  [[ -z $said ]] || fail "groff says of the man page: $said"
fi
exit $failed
