#!/usr/bin/env bash
# Runs the package's tests and the real trainers in an environment that has all of them. Usage: check.sh PYTHON
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=$1 failed=0
export LC_ALL=C.UTF-8 OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} PYTHONDONTWRITEBYTECODE=1
"$python" - <<'END'
import importlib.metadata as m, platform
print("Python", platform.python_version())
for name in ("torch", "lightning", "transformers", "accelerate", "tensorboard", "numpy"):
    print(name, m.version(name))
END
check() {
  if "$python" "$@"; then echo "passed: $1"; else echo "FAILED: $1"; failed=1; fi
}
check guest_test.py
check models_test.py
check watch_test.py
check callbacks_test.py
check ranks_test.py
check page_test.py ../../docs/python.md
check newest/shards_test.py
check newest/torchrun_test.py
check newest/trainers_test.py
exit $failed
