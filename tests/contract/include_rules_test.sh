#!/usr/bin/env bash
# The project keeps the include rules, and the checker sees each kind of breach in a small planted tree.
# Usage: include_rules_test.sh SOURCE
set -euo pipefail
source=$1 here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() { echo "FAILED: $*" >&2; exit 1; }

bash "$here/include_rules.sh" "$source" || fail "the breaches above"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/apps" "$tree/etamax/"{core,draw,expr,files,optim,report,dynamics,explain,diagnose,model,unheard_of} "$tree/tests/core"
cp "$source/docs/architecture.md" "$tree/table.md"
check() { bash "$here/include_rules.sh" "$tree" "$tree/table.md"; }
plant() { printf '%s\n' "$2" >"$tree/$1"; }

# What is allowed, in the forms in which it is written.
plant etamax/core/a.cpp '#include <fmt/format.h>'
plant etamax/optim/a.cpp $'#include <Eigen/Core>\n#  include "etamax/core/error.h"\n#include <vector>\n#include <unistd.h>\n#include <sys/stat.h>'
plant etamax/model/a.cpp $'#include <torch/torch.h>\n#include <dlfcn.h>\n#include <sys/resource.h>'
plant etamax/draw/rsvg.cpp '#include <dlfcn.h>'
plant apps/a.cpp $'#include <poll.h>\n#include <sys/resource.h>\n#include <thread>\nint n = std::thread::hardware_concurrency();'
plant tests/core/a.cpp $'#include <gtest/gtest.h>\nstd::thread reader([] {});'
said=$(check) || fail "allowed includes were refused: $said"

refused() { # FILE LINE INCLUDE...: the include, planted as the last line of FILE, is refused at that line
  local said
  plant "$1" "$3"
  if said=$(check); then fail "not seen: $3 in $1"; fi
  [[ $said == "$1:$2: "* ]] || fail "$3 in $1 was reported as: $said"
  rm "$tree/$1"
}
refused etamax/core/b.cpp 1 '#include "etamax/expr/expression.h"'
refused etamax/core/b.cpp 2 $'#include <string>\n#include <Eigen/Core>'
refused etamax/expr/b.h 1 '#include <Eigen/Core>'
refused etamax/report/b.cpp 1 '#include "etamax/explain/explain.h"'
refused etamax/report/b.cpp 1 '#include <CLI/CLI.hpp>'
refused etamax/draw/b.cpp 1 '#include "etamax/answers/verdict.h"'
refused etamax/draw/b.cpp 1 '#include <dlfcn.h>'
refused etamax/diagnose/b.cpp 2 $'#include <string>\n#include <poll.h>'
refused etamax/core/b.h 1 '#include <sys/resource.h>'
refused etamax/model/b.cpp 2 $'#include <thread>\n  std::thread worker([] {});'
refused etamax/expr/b.cpp 1 'std::vector<std::thread> workers;'
refused apps/b.cpp 1 'auto later = std::async(run);'
refused etamax/files/b.cpp 2 $'#include <pthread.h>\n  pthread_create(&thread, nullptr, run, nullptr);'
refused etamax/expr/b.cpp 1 '#pragma omp parallel for'
refused etamax/optim/b.cpp 3 $'\n\n  #  include <etamax/dynamics/follow.h>'
refused etamax/optim/b.cpp 1 '#include "optimizer.h"'
sed -i 's/`fmt`, `CLI`/`fmt`, `CLI`, `torch`/' "$tree/table.md"  # even where a table would allow it
refused apps/b.cpp 1 '#include <torch/script.h>'
refused etamax/dynamics/b.cpp 1 '#include <torch/torch.h>'
refused etamax/dynamics/b.cpp 1 '#include <strange.hpp>'
refused tests/core/b.cpp 1 '#include <torch/torch.h>'
refused etamax/unheard_of/b.cpp 1 '#include "etamax/core/error.h"'
