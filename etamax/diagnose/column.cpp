#include "etamax/diagnose/column.h"

#include <algorithm>
#include <array>
#include <vector>

namespace etamax {
namespace {

/// "train/Loss_D" -> "train" "loss" "d"; "trainLoss" -> "train" "loss".
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  char before = ' ';
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z', letter = upper || (c >= 'a' && c <= 'z');
    const bool digit = c >= '0' && c <= '9';
    const bool turn = (upper && before >= 'a' && before <= 'z') ||
                      (digit && before >= 'a' && before <= 'z' && words.back().size() > 1);
    if ((!letter && !digit) || turn)
      if (!words.back().empty()) words.emplace_back();
    if (letter || digit) words.back() += static_cast<char>(upper ? c | 0x20 : c);
    before = c;
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

using Words = std::vector<std::string>;

bool any(const Words& words, std::initializer_list<std::string_view> sought) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(sought.begin(), sought.end(), word) != sought.end();
  });
}

/// Whether `words` holds a word that begins so: "optimizer", "optim".
bool begins(const Words& words, std::string_view stem) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return word.substr(0, stem.size()) == stem; });
}

/// "tokens/s", "samples_per_second", "it/s", "fps": something for each second, not a second for each of it.
bool is_speed(std::string_view name, const Words& words) {
  if (any(words, {"throughput", "fps", "ips", "sps", "tps", "wps", "tgs", "mfu"})) return true;
  if (any(words, {"b", "kb", "mb", "gb", "kib", "mib", "gib"})) return false;  // a download
  if (!name.empty() && name.back() == ')') name.remove_suffix(1);              // "train_speed(iter/s)"
  for (const std::string_view end : {"/s", "/S", "/sec", "/second"})
    if (name.size() > end.size() && name.substr(name.size() - end.size()) == end) return true;
  for (std::size_t i = 1; i + 1 < words.size(); ++i)
    if (words[i] == "per" && (words[i + 1] == "s" || words[i + 1].substr(0, 3) == "sec")) return true;
  return false;
}

bool are_held_out(const Words& words) {
  return any(words, {"val", "valid", "validation", "validating", "eval", "evaluation", "evaluating", "test", "testing",
                     "dev", "heldout", "holdout", "cv"});
}

/// "log prob", "log-likelihood": what is to be raised.
bool is_log_probability(const Words& words) {
  return any(words, {"loglik", "loglikelihood", "logprob"}) ||
         (words.front() == "log" && any(words, {"prob", "probability", "likelihood"}));
}

}  // namespace

bool is_raised_by_training(std::string_view name) {
  const Words words = words_of(name);
  return !words.empty() && (is_log_probability(words) || begins(words, "obj") || any(words, {"elbo"}));
}

bool names_held_out(std::string_view name) { return are_held_out(words_of(name)); }

bool is_reward(std::string_view name) {
  return any(words_of(name), {"reward", "rewards", "rew", "return", "returns", "episode", "episodes"});
}

bool names_player(std::string_view name, Player player) {
  const Words words = words_of(name);
  const auto joined = [&](std::string_view stem) {  // "genloss", "lossG"
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
      return word == std::string(stem) + "loss" || word == "loss" + std::string(stem);
    });
  };
  if (player == Player::any_spelled_out)
    return begins(words, "generator") || begins(words, "discrim") || begins(words, "adversar");
  return player == Player::generator
             ? begins(words, "generator") || any(words, {"g", "gen"}) || joined("g") || joined("gen")
             : begins(words, "discrim") || begins(words, "critic") || any(words, {"d", "dis", "disc"}) || joined("d") ||
                   joined("disc");
}

NamedRole role_of(std::string_view name) {
  const Words words = words_of(name);
  if (words.empty()) return {};
  const int extra = static_cast<int>(words.size()) - 1;  // the plainer the name, the better
  const bool held_out = are_held_out(words);
  const bool loss = any(words, {"loss", "losses", "nll", "xent", "crossentropy", "perplexity", "ppl", "elbo", "cost",
                                "costs", "obj", "objf", "objective"}) ||
                    (words.size() > 1 && any(words, {"entropy"}) && any(words, {"cross"}));
  // "genloss", "trl" (training loss) and "tel" (of a test).
  const bool joined = std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word.size() > 4 && word.substr(word.size() - 4) == "loss" && word != "noloss";
  });
  if (words.size() == 1 && words[0] == "trl") return {Role::loss, 0};
  if (words.size() == 1 && words[0] == "tel") return {Role::other_loss, 10};
  if (words.size() == 1 && (words[0] == "s" || words[0] == "up")) return {Role::step, 9};
  if (words == Words{"num", "updates"}) return {Role::step, 0};
  if (words == Words{"l", "r"}) return {Role::learning_rate, 0};  // "L.r."
  if (words == Words{"since", "last"}) return {Role::loss, 0};    // Vowpal Wabbit's: of the last interval
  if (words == Words{"example", "counter"}) return {Role::step, 1};
  const bool norm = any(words, {"norm", "gnorm", "wnorm", "l2", "magnitude"});
  const bool weights = begins(words, "weight") || begins(words, "param") || any(words, {"w", "theta", "wnorm"});
  // Where nothing says of what, as in "norm: 1.2", it is that of the gradient.
  const bool gradient = begins(words, "grad") || any(words, {"gnorm"}) || (words.front() == "norm" && extra == 0) ||
                        (words == Words{"g", "norm"}) || (norm && any(words, {"total", "global", "clip"}) && !weights);
  if (any(words, {"scale", "scaler", "lossscale", "amp"}) &&
      (loss || any(words, {"grad", "gradient", "amp", "scaler", "lossscale"}) || words.size() == 1))
    return {Role::loss_scale, extra};
  if (any(words, {"lr", "learningrate", "lrs"}) || (any(words, {"learning"}) && any(words, {"rate"})))
    return {Role::learning_rate, extra};
  if (gradient && (norm || words.size() <= 2)) return {Role::gradient_norm, extra};
  if (is_speed(name, words) && !loss) return {Role::throughput, extra};
  if (norm && (weights || any(words, {"model"})) && !loss) return {Role::weight_norm, extra};
  if (any(words, {"wall", "walltime", "time", "timestamp", "eta", "elapsed", "seconds", "sec", "ms", "date", "runtime",
                  "hours", "duration"}))
    return {Role::time, extra};
  if ((loss || joined) && !norm) {
    if (held_out) return {Role::other_loss, 10 + extra};
    const bool part = any(words, {"aux", "auxiliary", "kl", "reg", "regularization", "commit", "commitment", "penalty",
                                  "best", "min", "delta"});
    const bool plain = any(words, {"loss", "losses"});
    int rank = extra + (plain ? 0 : 4);
    if (any(words, {"train", "training", "total"})) rank = std::max(rank - 1, 0);
    return part ? NamedRole{Role::other_loss, 5 + extra} : NamedRole{Role::loss, rank};
  }
  if (any(words,
          {"step", "steps", "iter", "iters", "iteration", "iterations", "itn", "globalstep", "update", "updates"})) {
    if (any(words, {"max", "total", "num", "per", "warmup", "logging", "save", "type", "episode"}))
      return {Role::metric, extra};
    return {Role::step, any(words, {"global"}) ? 0 : 1 + extra};
  }
  if (any(words, {"batch", "minibatch", "batches"}) && extra == 0) return {Role::batch, extra};
  if (extra == 0 && any(words, {"episode"})) return {Role::epoch, extra};
  if (any(words, {"epoch", "epochs", "ep"}))
    return {any(words, {"max", "total", "num"}) ? Role::metric : Role::epoch, extra};
  if (any(words, {"acc", "accuracy"}) && !any(words, {"best", "max"})) return {Role::accuracy, extra};
  if (any(words,
          {"acc", "accuracy", "top1", "top5",   "f1",     "auc",      "precision", "recall", "bleu",    "rouge", "iou",
           "map", "psnr",     "ssim", "reward", "return", "memory",   "mem",       "tokens", "samples", "gpu",   "cpu",
           "ram", "seed",     "rank", "params", "flos",   "momentum", "size",      "alpha",  "progress"}))
    return {Role::metric, extra};
  if (any(words, {"mse", "rmse", "mae", "error", "err", "residual", "bce", "ce", "l1", "l"}))
    return {held_out ? Role::other_loss : Role::loss, 8 + extra};
  if (any(words, {"recon", "reconstruction"})) return {held_out ? Role::other_loss : Role::loss, 9 + extra};
  if (any(words, {"kl", "kld"})) return {Role::other_loss, 9 + extra};
  if (is_log_probability(words)) return {held_out ? Role::other_loss : Role::loss, 12 + extra};
  // "G_A", "D_real": the losses of the two networks of a GAN, where none has the name of a loss.
  if ((words.size() == 2 || words.size() == 3) && (words.front() == "g" || words.front() == "d"))
    return {Role::other_loss, 20 + extra};
  if (norm || weights || any(words, {"x", "iterate", "iterates", "bias", "coef"}))
    return {Role::parameter, norm ? 5 + extra : extra};
  return {Role::unknown, extra};
}

}  // namespace etamax
