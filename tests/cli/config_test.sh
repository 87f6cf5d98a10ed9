#!/usr/bin/env bash
# A configuration file costs no more than it may, and nothing in it is passed over. Usage: config_test.sh PROGRAM
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"

refused() { # REASON [ARGUMENTS...]: file.toml is refused with it, in one line
  local reason=$1 said status
  shift
  said=$(timeout 20 "$etamax" explain 'x^2' --from 1 --lr 1 --config "${@:-file.toml}" 2>&1); status=$?
  [[ $status == 2 && $said == "etamax: --config: $reason"* && $(wc -l <<<"$said") == 1 ]] || fail "exit $status, ${said:0:300}, not $reason"
}
repeated() { printf "%$2s" '' | sed "s/ /$1/g"; }
# What is nested takes the parser's stack.
for deep in 400000 20000 8; do
  echo "a$(repeated .a $deep) = 1" >file.toml
  [[ $deep == 400000 ]] && refused "'file.toml' is longer than 65536 bytes" || refused "line 1: nests more than 8 deep"
done
printf '\n[a%s]\n' "$(repeated .a 20000)" >file.toml
refused "line 2: nests more than 8 deep"
echo "observed = $(repeated '\[' 20000)" >file.toml
refused "line 1: nests more than 8 deep"
echo "observed = [{a$(repeated '. "a"' 5000) = 1}]" >file.toml
refused "line 1: nests more than 8 deep"
printf 'x = """a"""", {a%s = 1}\n' "$(repeated .a 5000)" >file.toml
refused "line 1:"
refused "'/dev/zero' is longer than 65536 bytes" /dev/zero
refused "'.' cannot be read: Is a directory" .
refused "'none.toml' cannot be read: No such file or directory" none.toml
# Dots and brackets elsewhere are no nesting.
{
  echo "# $(repeated '[a.' 100)"
  echo "expression = '''x^2'''"
  echo "observed = [$(repeated '0.5, ' 1000)0.5]"
  echo "output = \"a.b.c.d.e.f.g.h.i.j\\\"[[[[[[[[[[.csv\""
} >file.toml
"$etamax" explain --config file.toml --from 1 --lr 1 --observed-lr 1 --quiet || fail "dots and brackets in comments, numbers and strings: exit $?"
[[ -s 'a.b.c.d.e.f.g.h.i.j"[[[[[[[[[[.csv' ]] || fail "the string was not read as it is"

# Whatever is not read is refused.
in_file() { # REASON TEXT
  printf "$2" >file.toml
  refused "$1"
}
in_file "line 2: there is no command 'explian' to have a table; did you mean explain?" '\n[explian]\nlr = 0.1\n'
in_file "line 1: there is no command 'settings' to have a table" 'settings.lr = 0.1\n'
in_file "line 1: output: 'o\x00.csv' holds a byte of value 0" 'output = "o\\u0000.csv"\n'
[[ ! -e o ]] || fail "a name was cut at a byte of value 0"
in_file "line 2: unknown option 'deeper'" '[explain]\n[explain.deeper]\nlr = 0.1\n'
printf '[explain]\nlr = 0.1\n[tune]\nsteps = 100\n' >both.toml
for words in "--config both.toml explain x^2 --from 1" "explain x^2 --from 1 --config both.toml" "--config=both.toml explain x^2 --from 1"; do
  [[ $("$etamax" $words --json) == *'"lr": 0.1'* ]] || fail "etamax $words"
done
# The file is forgotten, and the command taken for it.
for words in "--config explain x^2 --from 1" "--config explain" "explain x^2 --from 1 --config explain"; do
  said=$("$etamax" $words 2>&1)
  [[ $? == 2 && $said == "etamax: --config: 'explain' is a command, and there is no such file; write --config FILE" ]] || fail "$words: $said"
done
echo 'lr = 0.1' >explain
"$etamax" --config explain explain x^2 --from 1 --quiet || fail "a file that is called as a command is: exit $?"
exit $failed
