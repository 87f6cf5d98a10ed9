#!/usr/bin/env bash
# ./run and ./test, on a small planted project in a folder with spaces in its name: what they install, that a second call
# does nothing and needs no network, that they recover, and what they say where something is missing.
# Usage: commands_test.sh SOURCE
set -euo pipefail
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
project="$work/a project" tools="$work/tools" fakes="$work/fakes"
fail() { echo "FAILED: $*" >&2; exit 1; }

mkdir -p "$project/cmake" "$tools" "$fakes"
cp "$source/run" "$source/test" "$project"
cp "$source/cmake/setup.sh" "$project/cmake"
cat >"$project/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(planted LANGUAGES CXX)
add_executable(etamax main.cpp)
set_target_properties(etamax PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
if(ETAMAX_TESTS)
  enable_testing()
  add_test(NAME planted COMMAND etamax)
endif()
CMAKE
cat >"$project/main.cpp" <<'CPP'
#include <cstdio>
int main(int n, char** words) {
  for (int i = 1; i < n; ++i) std::printf("[%s]", words[i]);
}
CPP

# Every tool of this machine but the package manager's, and fakes of those. EVERYTHING says which packages are there.
ln -sf /bin/* /usr/bin/* /usr/local/bin/* "$tools" 2>/dev/null || true
rm -f "$tools"/{apt-get,dpkg-query,dpkg,sudo}
cat >"$fakes/dpkg-query" <<'SH'
#!/usr/bin/env bash
for name in "${@:3}"; do [[ " $ABSENT " == *" $name "* ]] || printf '%s=installed ' "$name"; done
[[ -z $ABSENT ]]
SH
cat >"$fakes/apt-get" <<'SH'
#!/usr/bin/env bash
echo "apt-get $*" >>"$CALLS"
[[ $* != *update* && -n ${BROKEN:-} ]] && { echo "E: Unable to locate package of the moon"; exit 100; }
exit 0
SH
printf '#!/usr/bin/env bash\nexit 0\n' >"$fakes/dpkg"
printf '#!/usr/bin/env bash\nexec "$@"\n' >"$fakes/sudo"
chmod +x "$fakes"/*
export CALLS="$work/calls" ABSENT=""
debian() { PATH="$fakes:$tools" "$@"; }
elsewhere() { PATH="$tools" "$@"; }

# From another folder, the arguments reach the program as they are.
cd "$work"
[[ $(debian "$project/run" explain 'x^2 + 1' --lr 1 2>"$work/said") == "[explain][x^2 + 1][--lr][1]" ]] ||
  fail "the arguments were not passed on: $(cat "$work/said")"
[[ ! -e $CALLS ]] || fail "apt-get was called though nothing is missing: $(cat "$CALLS")"

# A second call makes nothing again, and works without a network.
stamp() { stat -c '%n %Y' "$project"/build/{CMakeCache.txt,build.ninja,Makefile,etamax} 2>/dev/null || true; }
before=$(stamp)
offline=()
if unshare -rn true 2>/dev/null; then offline=(unshare -rn); fi
sleep 1.1
begin=$EPOCHREALTIME
debian "${offline[@]}" "$project/run" >/dev/null 2>"$work/said" || fail "the second call: $(cat "$work/said")"
[[ $(stamp) == "$before" && ! -s $work/said ]] || fail "the second call made something again: $(cat "$work/said")"
# Under a second on a quiet machine; tests run beside this one, hence the factor.
((${EPOCHREALTIME/./} - ${begin/./} < 5000000)) || fail "the second call took more than 5 seconds"

# The summary is the last thing that ./test prints, and ./run keeps the tests configured.
debian "$project/test" >"$work/said" 2>&1 || fail "./test: $(cat "$work/said")"
tail -n 1 "$work/said" | grep -q "^Total Test time" || fail "./test ended with: $(tail -n 3 "$work/said")"
grep -q "tests passed, 0 tests failed out of 1" "$work/said" || fail "./test ran nothing: $(cat "$work/said")"
debian "$project/run" >/dev/null 2>&1 && grep -q 'ETAMAX_TESTS:.*=ON' "$project/build/CMakeCache.txt" || fail "./run took the tests away"

# Only what is missing is installed.
ABSENT="libfmt-dev ninja-build" debian "$project/run" >/dev/null 2>"$work/said" || fail "with packages missing: $(cat "$work/said")"
grep -q "install .* ninja-build libfmt-dev$" "$CALLS" || fail "apt-get was called as: $(cat "$CALLS")"

# What the lab is built with is large: only ./run lab and ./test want it. In place of its build stands one that makes a page.
rm -f "$CALLS"
ABSENT="emscripten" debian "$project/run" >/dev/null 2>"$work/said" || fail "./run without emscripten: $(cat "$work/said")"
[[ ! -e $CALLS ]] || fail "./run asked for what the lab alone needs: $(cat "$CALLS")"
mkdir "$project/web"
printf '#!/usr/bin/env bash\nmkdir -p "$1" && echo "the page" >"$1/lab.html"\n' >"$project/web/build.sh"
chmod +x "$project/web/build.sh"
echo 'console.log("serving", ...process.argv.slice(2))' >"$project/web/serve.mjs"
said=$(ABSENT="emscripten" debian "$project/run" lab 8123 2>/dev/null) || fail "./run lab"
[[ $said == "serving build/web/lab.html 8123" && $(cat "$project/build/web/lab.html") == "the page" ]] || fail "./run lab said: $said"
grep -q "install .* emscripten$" "$CALLS" || fail "./run lab did not ask for emscripten: $(cat "$CALLS")"

# What apt says when it fails is shown, and nothing is built.
if ABSENT="cmake" BROKEN=1 debian "$project/run" >/dev/null 2>"$work/said"; then fail "a failing apt-get was ignored"; fi
grep -q "E: Unable to locate package of the moon" "$work/said" || fail "apt's words were not shown: $(cat "$work/said")"

# An interrupted configuration, a build folder left half-written, and a moved project are begun afresh.
rm "$project/build/configured" "$project/build/CMakeCache.txt"
echo "half a file" >"$project/build/CMakeFiles/rules.ninja"
debian "$project/run" >/dev/null 2>"$work/said" || fail "after an interruption: $(cat "$work/said")"
mv "$project" "$work/moved"
project="$work/moved"
debian "$project/run" >/dev/null 2>"$work/said" || fail "after a move: $(cat "$work/said")"

# A build that fails says why.
cp "$project/main.cpp" "$work/good.cpp"
echo "no C++" >>"$project/main.cpp"
if debian "$project/run" >/dev/null 2>"$work/said"; then fail "a failing build was ignored"; fi
grep -q "main.cpp:.*error" "$work/said" || fail "the compiler's words were not shown: $(cat "$work/said")"
cp "$work/good.cpp" "$project/main.cpp"

# Elsewhere than on Debian it builds with what is there, and names what is not.
[[ $(elsewhere "$project/run" a 2>"$work/said") == "[a]" ]] || fail "without apt-get: $(cat "$work/said")"
grep -q "there is no apt-get here" "$work/said" || fail "it did not say that there is no apt-get: $(cat "$work/said")"
rm "$tools/cmake"
if elsewhere "$project/run" >/dev/null 2>"$work/said"; then fail "it went on without cmake"; fi
grep -q "^missing: cmake" "$work/said" || fail "it did not name cmake: $(cat "$work/said")"
