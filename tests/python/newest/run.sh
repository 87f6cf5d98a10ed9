#!/usr/bin/env bash
# The package with the newest PyTorch, Lightning, transformers, accelerate and TensorBoard from PyPI: its own tests, and real
# trainers. Gigabytes, and no part of ./test. Usage: tests/python/newest/run.sh [FOLDER-FOR-THE-ENVIRONMENT [PYTHON]]; the
# environment is kept there, and the package is installed into it anew.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
environment=${1:-$(mktemp -d)/venv} python=${2:-python3}
[[ -x $environment/bin/python ]] || "$python" -m venv "$environment"
"$environment/bin/pip" install --quiet --upgrade torch lightning transformers accelerate tensorboard numpy scipy matplotlib tqdm
"$environment/bin/pip" install --quiet --force-reinstall --no-deps .
exec tests/python/newest/check.sh "$environment/bin/python"
