#include <fmt/format.h>

#include "etamax/core/format.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/following/detail_words.h"

namespace etamax {

std::string setting_sentence(const Following& f) {
  std::string text = fmt::format("{} ({} parameters) on {}, {}{}, with {}: {} steps on batches of {}", f.model,
                                 f.parameters, f.data, f.loss, guess_words(f.loss_basis),
                                 optimizer_words(f.optimizer, f.hyperparameters), f.steps, f.batch_size);
  if (f.manner.schedule != "constant") text += ", schedule " + f.manner.schedule;
  if (f.manner.warmup > 0) text += fmt::format(", a warmup of {}", counted(f.manner.warmup, "step"));
  if (f.manner.clip) text += ", gradients clipped at " + format_number(*f.manner.clip);
  text += f.preconditioned
              ? ". The sharpness is the largest eigenvalue of P^-1/2 H P^-1/2, P what the optimizer divides by"
              : ". The sharpness is the largest eigenvalue of the loss's Hessian";
  text += f.looked_at < f.examples ? fmt::format(", on {} of the {} examples.", f.looked_at, f.examples)
                                   : ", on all examples.";
  for (const std::string& note : f.notes) text += " Note: " + note + ".";
  return text;
}

std::vector<LookRow> look_rows(const Following& f) {
  std::vector<LookRow> rows = {
      {"lr", "step", "loss", "sharpness", "lr/edge", "Gauss-Newton", "batch sharpness", "layer"}};
  const auto number = [](const std::optional<double>& x) { return x ? format_number(*x, 3) : std::string("-"); };
  for (const SharpnessRun& run : f.runs)
    for (const SharpnessLook& look : run.looks)
      if (look.bounds.lower || look.bounds.upper)
        rows.push_back({format_rate(run.lr), std::to_string(look.step), format_number(look.loss, 3),
                        rounded_out(look.bounds), number(look.of_edge()), number(look.gauss_newton),
                        number(look.batch_sharpness),
                        fmt::format("{} {}%", look.layer, format_number(100 * look.layer_share, 2))});
  if (rows.size() == 1) rows.clear();
  return rows;
}

std::string looking_sentence(const Following& f) {
  double looking = 0, training = 0;
  for (const SharpnessRun& run : f.runs) looking += run.looking_seconds, training += run.training_seconds;
  return fmt::format("Of the time, the steps took {} s and the looks {} s.", format_number(training, 3),
                     format_number(looking, 3));
}

}  // namespace etamax
