# What the tests of the verbs begin with: source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" PROGRAM. Makes $etamax the program, notes
# with `fail`, and goes to a folder that is gone afterwards.
set -u
etamax=$(realpath "$1")
failed=0
fail() { echo "FAIL: $*"; failed=1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# Makes descriptor 8 a pipe that is full, and that nobody reads.
fill_pipe() {
  mkfifo unread
  exec 8<>unread
  dd if=/dev/zero of=unread oflag=nonblock conv=notrunc bs=512 2>/dev/null
}

# Waits until the process is the program and catches signals as its commands do (SIGPROF among them): before, one ends it, or the
# shell that it is yet to replace.
until_it_listens() { # PID
  for _ in $(seq 1 600); do
    local caught=
    kill -0 "$1" 2>/dev/null || return
    [[ $(readlink "/proc/$1/exe") == "$etamax"* ]] && caught=$(sed -n 's/^SigCgt:\t*//p' "/proc/$1/status" 2>/dev/null)
    [[ -n $caught ]] && (((16#$caught >> 26) & 1)) && return
    sleep 0.1
  done
}
