#!/usr/bin/env bash
# etamax spectrum and follow as their users call them: the answer in every form, the top interval that analyze has, eigenvectors that
# NumPy reads, and bad input refused with exit 2, one line, no answer and no file. Usage: spectrum_test.sh PROGRAM PYTHON
source "$(dirname "${BASH_SOURCE[0]}")/begin.sh" "$1"
python=$2
job=(--model mlp:64-16-10:tanh --data digits --samples 200)

"$etamax" spectrum "${job[@]}" --top 3 --bottom 2 --density --starts 2 --density-steps 30 --trace --trace-products 30 \
  --vectors top.npz --json >whole.json || fail "spectrum exits with $?"
"$etamax" analyze "${job[@]}" --steps 0 --no-culprits --json >analysis.json || fail "analyze exits with $?"
for ending in html svg csv json; do
  "$etamax" spectrum "${job[@]}" --density --starts 2 --density-steps 10 --quiet --output "answer.$ending" || fail "--output .$ending: exit $?"
  [[ -s answer.$ending ]] || fail "--output .$ending wrote nothing"
done
for ending in npz csv; do
  "$etamax" spectrum "${job[@]}" --top 1 --diagonal "diagonal.$ending" --diagonal-products 20 >"diagonal_$ending.txt" || fail "--diagonal .$ending: exit $?"
  grep -q "The diagonal, by layer" "diagonal_$ending.txt" || fail "no table of the diagonal"
done
for matrix in ggn fisher sampled_fisher; do
  "$etamax" spectrum "${job[@]}" --matrix "$matrix" --json >"$matrix.json" || fail "--matrix $matrix: exit $?"
done
"$etamax" spectrum "${job[@]}" --matrix preconditioned --optimizer adam --json >adam.json || fail "preconditioned: exit $?"
"$etamax" analyze "${job[@]}" --optimizer adam --steps 0 --no-culprits --json >adam_analysis.json || fail "analyze adam: exit $?"

# The weights of a checkpoint, and the memory of its optimizer: against dense matrices by PyTorch, in 64 bit.
if [[ -n $python ]] && "$python" -c 'import torch' 2>/dev/null; then
  "$python" - <<'END' || fail "no checkpoint was written"
import json, torch
from torch import nn

torch.manual_seed(3)
model = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 3)).double()
x, y = torch.randn(40, 5).double(), torch.arange(40) % 3
with open("points.csv", "w") as file:
    file.write("a,b,c,d,e,kind\n")
    for row, label in zip(x.tolist(), y.tolist()):
        file.write(",".join(map(repr, row)) + f",{label}\n")
beta2, eps, steps = 0.9, 1e-3, 30
parameters = list(model.parameters())
adam = torch.optim.Adam(parameters, lr=0.05, betas=(0.9, beta2), eps=eps)
for _ in range(steps):
    adam.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    adam.step()
torch.save({"model": model.state_dict(), "optimizer": adam.state_dict()}, "trained.pt")
torch.save(model.state_dict(), "weights.pt")
gradient = torch.autograd.grad(nn.functional.cross_entropy(model(x), y), parameters, create_graph=True)
rows = [torch.autograd.grad(e, parameters, retain_graph=True) for g in gradient for e in g.reshape(-1)]
hessian = torch.stack([torch.cat([h.reshape(-1) for h in row]) for row in rows])
hessian = (hessian + hessian.T) / 2
squares = torch.cat([adam.state[p]["exp_avg_sq"].reshape(-1) for p in parameters])
scale = ((squares / (1 - beta2**steps)).sqrt() + eps).rsqrt()
values = {"hessian": hessian, "preconditioned": scale[:, None] * hessian * scale}
json.dump({name: torch.linalg.eigvalsh(m).flip(0).tolist() for name, m in values.items()}, open("dense.json", "w"))
END
  at=(spectrum --model mlp:5-6-3:tanh --data csv:points.csv --loss cross_entropy --dtype float64 --top 4 --bottom 2 --tolerance 1e-7 --json)
  "$etamax" "${at[@]}" --checkpoint trained.pt >hessian.json || fail "--checkpoint: exit $?"
  "$etamax" "${at[@]}" --checkpoint weights.pt >weights.json || fail "--checkpoint of weights alone: exit $?"
  "$etamax" "${at[@]}" --checkpoint trained.pt --matrix preconditioned >preconditioned.json || fail "--checkpoint preconditioned: exit $?"
  "$etamax" "${at[@]}" >fresh.json || fail "without a checkpoint: exit $?"
  "$python" - <<'END' || fail "the spectrum at a checkpoint is not that of its weights"
import json

read = lambda name: json.load(open(name + ".json"))
exact = read("dense")
def off(answer, values):
    ends = list(zip(answer["top"]["eigenvalues"], values)) + list(zip(answer["bottom"]["eigenvalues"], values[::-1]))
    assert len(ends) == 6
    held = all(e["lower"] - 1e-9 * values[0] <= value <= e["upper"] + 1e-9 * values[0] for e, value in ends)
    return held, max(abs(e["value"] - value) for e, value in ends) / values[0]
for name in "hessian", "preconditioned":
    held, error = off(read(name), exact[name])
    assert held and error < 1e-9, (name, held, error)
assert off(read("weights"), exact["hessian"]) == off(read("hessian"), exact["hessian"])
held, error = off(read("fresh"), exact["hessian"])
assert not held and error > 0.1, error  # other weights, other numbers
END
fi

# Interrupted in its density: the ends, and the starts that are whole. A slow machine is waited for longer.
for seconds in 4 20 90; do
  "$etamax" spectrum "${job[@]}" --top 2 --density --starts 1000 --density-steps 400 --json >partial.json 2>err.txt &
  pid=$!
  until_it_listens $pid
  sleep $seconds
  kill -TERM $pid
  wait $pid
  status=$?
  [[ $status == 3 ]] || fail "an interrupted density: exit $status: $(cat err.txt)"
  grep -q '"nodes"' partial.json && break
done
"${python:-python3}" - <<'END' || fail "an interrupted density is not told as far as it came"
import json
answer = json.load(open("partial.json"))
assert answer["partial"] and len(answer["top"]["eigenvalues"]) == 2
starts = answer["density"]["starts"]
assert 0 < len(starts) < 1000 and all(abs(sum(s["weights"]) - 1) < 1e-9 for s in starts)
END

task=(follow --model mlp:64-16-1:tanh --data digits --samples 200 --loss mse --steps 800 --seed 1)
"$etamax" "${task[@]}" --lr 0.01,0.02 --json >follow.json || fail "follow exits with $?"
"$etamax" "${task[@]}" --lr 0.01 >follow.txt || fail "follow exits with $?"
for ending in html svg csv; do
  "$etamax" "${task[@]}" --lr 0.01 --quiet --output "follow.$ending" || fail "--output follow.$ending: exit $?"
  [[ -s follow.$ending ]] || fail "--output follow.$ending wrote nothing"
done

"${python:-python3}" - <<'END' || fail "an answer is not what it should be"
import csv, json

whole, analysis = (json.load(open(name)) for name in ("whole.json", "analysis.json"))
for end in ("lower", "upper"):
    assert whole["lambda_max"][end] == analysis["lambda_max"][end], (whole["lambda_max"], analysis["lambda_max"])
    assert whole["top"]["eigenvalues"][0][end] == analysis["lambda_max"][end]
top = whole["top"]["eigenvalues"]
assert len(top) == 3 and len(whole["bottom"]["eigenvalues"]) == 2
assert top[0]["value"] >= top[1]["value"] >= top[2]["value"]
assert all(e["lower"] <= e["value"] <= e["upper"] for e in top[1:])
assert len(whole["density"]["starts"]) == 2 and abs(sum(whole["density"]["starts"][0]["weights"]) - 1) < 1e-9
assert whole["trace"]["trace"]["half_width"] > 0 and len(whole["trace"]["layers"]) == 4
# The outputs' curvature is what the Hessian has beside Gauss-Newton.
ggn = json.load(open("ggn.json"))
assert abs(ggn["top"]["eigenvalues"][0]["value"] / top[0]["gauss_newton"] - 1) < 0.3
adam, plain = json.load(open("adam.json")), json.load(open("adam_analysis.json"))
assert adam["lambda_max"]["lower"] == plain["lambda_max"]["lower"] and adam["lambda_max"]["upper"] == plain["lambda_max"]["upper"]

followed = json.load(open("follow.json"))
assert [run["lr"] for run in followed["runs"]] == [0.01, 0.02]
for run in followed["runs"]:
    assert run["looking_gradients"] <= 0.15 * run["training_gradients"]
    for look in run["looks"]:
        assert abs(look["critical_sharpness"] * run["lr"] - 2) < 1e-6
rows = list(csv.DictReader(open("follow.csv")))
assert len(rows) == len(followed["runs"][0]["looks"]) and float(rows[0]["step"]) == 0

diagonal = list(csv.DictReader(open("diagonal.csv")))
assert len(diagonal) == 64 * 16 + 16 + 160 + 10 and {row["layer"] for row in diagonal} == {layer["name"] for layer in whole["trace"]["layers"]}
assert all(float(row["standard_error"]) >= 0 for row in diagonal)

try:
    import numpy
except ImportError:
    raise SystemExit
vectors = numpy.load("top.npz")
flat = numpy.concatenate([vectors[name] for name in vectors if name != "eigenvalues"], axis=1)
assert vectors["eigenvalues"].shape == (5,) and flat.shape == (5, 64 * 16 + 16 + 160 + 10)
assert numpy.allclose(flat[:3] @ flat[:3].T, numpy.eye(3), atol=1e-4)
arrays = numpy.load("diagonal.npz")
assert numpy.allclose(numpy.concatenate([arrays[name][0] for name in arrays]), [float(row["value"]) for row in diagonal])
END

# Killed and carried on: the answer of a run that was let be, but for what it cost.
kept=(follow --model mlp:64-16-1:tanh --data digits --samples 400 --loss mse --steps 1500 --budget 1 --lr 0.01,0.005 --batch-size 50 --optimizer adam)
"$etamax" "${kept[@]}" --json >whole_run.json || fail "follow exits with $?"
for ((attempt = 0; attempt < 3; attempt++)); do
  "$etamax" "${kept[@]}" --state kept --quiet &
  pid=$!
  for ((i = 0; i < 100; i++)); do
    sleep 0.1
    [[ -s kept ]] && grep -aq '"runs":\[{' kept && break
  done
  if ((attempt == 0)); then
    "$etamax" "${kept[@]}" --state kept >out.txt 2>err.txt
    status=$?
    kill -0 $pid 2>/dev/null && [[ $status == 0 || $(cat err.txt) != *"another follow uses this state"* ]] && fail "two have one state: exit $status, $(cat err.txt)"
  fi
  kill -KILL $pid 2>/dev/null
  wait $pid 2>/dev/null
done
"$etamax" "${kept[@]}" --state kept --json >resumed.json || fail "carried on: exit $?"
"${python:-python3}" - <<'END' || fail "what was killed carries on to another answer"
import json
whole, resumed = (json.load(open(name)) for name in ("whole_run.json", "resumed.json"))
for answer in whole, resumed:
    del answer["cost"]
    for run in answer["runs"]:
        del run["training_seconds"], run["looking_seconds"]
assert whole == resumed
END

# The edge of stability: training raises the sharpness until the rate is at its edge, 2 / lr, (2 + 2 momentum) / lr or Adam's 38 / lr of
# P^-1/2 H P^-1/2, and hovers there (Cohen et al. 2021, 2022).
hovers() { # NAME LEAST MOST OPTIONS...
  local name=$1 least=$2 most=$3
  shift 3
  "$etamax" follow --loss mse --budget 0.3 --json "$@" >"$name.json" || fail "$name: exit $?"
  "${python:-python3}" - "$name.json" "$least" "$most" <<'END' || fail "$name does not hover at its edge"
import json, sys
answer = json.load(open(sys.argv[1]))
(run,) = answer["runs"]
first, late = run["looks"][0]["of_edge"], run["late_of_edge"]
print(sys.argv[1], first, run["first_beyond"], late)
assert first < 0.5 and run["first_beyond"] > 50 and float(sys.argv[2]) < late < float(sys.argv[3]), answer["answer"]
assert run["looking_gradients"] <= 0.3 * run["training_gradients"]
assert "it hovers there" in answer["answer"][0]
END
}
digits=(--model mlp:64-32-32-1:tanh --standardize --samples 400 --steps 2500)
hovers descent 0.95 1.05 "${digits[@]}" --lr 0.02
hovers momentum 0.95 1.05 "${digits[@]}" --lr 0.03 --momentum 0.5
hovers adam 0.85 1.15 "${digits[@]}" --lr 0.002 --optimizer adam --beta2 0.99
hovers chebyshev 0.95 1.05 --model mlp:1-100-100-1:tanh --data chebyshev:degree=4,examples=20 --lr 0.03 --steps 6000

refused() { # REASON ARGUMENTS...
  local reason=$1 status
  shift
  "$etamax" "$@" >out.txt 2>err.txt
  status=$?
  [[ $status == 2 && ! -s out.txt && $(wc -l <err.txt) == 1 ]] || fail "etamax $*: exit $status, not one line: $(cat err.txt out.txt | head -n 3)"
  grep -qF -- "$reason" err.txt || fail "etamax $*: '$(cat err.txt)' does not say '$reason'"
}
refused "--matrix: preconditioned: gd divides its steps by nothing" spectrum "${job[@]}" --matrix preconditioned
refused "sampled_fisher: needs a loss that is a likelihood, which huber is not" spectrum --model mlp:64-4-1:tanh --loss huber --matrix sampled_fisher
refused "--vectors: top.txt is not the name of an .npz file" spectrum "${job[@]}" --vectors top.txt
refused "--diagonal: top.txt is not the name of an .npz or .csv file" spectrum "${job[@]}" --diagonal top.txt
refused "--matrix: 'hesian'" spectrum "${job[@]}" --matrix hesian
refused "--top: 2000 is not" spectrum "${job[@]}" --top 2000
refused "--lr: which rate" follow "${job[@]}"
refused "pays for no look but the first; --budget" follow "${job[@]}" --lr 0.1 --steps 10
refused "is of another job: steps is 1500, here 1600" "${kept[@]/1500/1600}" --state kept
printf 'x' >>kept
refused "is damaged: its checksum does not fit" "${kept[@]}" --state kept
refused "is no state of etamax follow" "${task[@]}" --lr 0.01 --state follow.csv
refused "--state: " "${task[@]}" --lr 0.01 --state no/such/folder/state
exit $failed
