// What the other columns and the program's own messages say. The weights are fitted: tests/diagnose/fit.py writes them
// here.
#include <algorithm>
#include <cmath>

#include "etamax/diagnose/evidence.h"
#include "etamax/diagnose/sentences.h"
#include "etamax/diagnose/signs.h"

namespace etamax {
namespace {

double share(bool shown) { return shown ? 1 : 0; }

bool stays_inaccurate(const Findings& f) {
  return f.accuracy_last && *f.accuracy_last < 0.6 && std::abs(*f.accuracy_last - *f.accuracy_first) <= 0.02;
}

/// The number of classes k of which the accuracy is that of a guess, 1 / k, all along; 0 for none.
int guessed_classes(const Findings& f) {
  constexpr double kNear = 0.1;
  if (!stays_inaccurate(f)) return 0;
  for (const int classes : {2, 3, 4, 5, 10, 20})
    if (std::abs(*f.accuracy_first * classes - 1) < kNear && std::abs(*f.accuracy_last * classes - 1) < kNear)
      return classes;
  return 0;
}

}  // namespace

std::vector<EvidenceSpec> other_columns_evidence() {
  return {
      // name, weights for: learning_rate, collapse, bad_batch, overflow, domain_error, data_or_bug, recovering_spikes,
      // healthy
      {"rate_rose",
       {0.60, 0.35, -0.20, -0.08, -0.26, -0.08, -0.15, -0.18},
       [](const Findings& f) { return share(f.onset && f.rate_rose); },
       [](const Findings& f) { return std::string("the learning rate had just risen, to " + value_text(*f.rate)); }},
      {"rate_rising",
       {0.38, -0.01, -0.08, -0.05, -0.14, -0.05, -0.02, -0.03},
       [](const Findings& f) { return share(f.rate_rising && !f.rate_rose); },
       [](const Findings& f) {
         return std::string("the learning rate was still being raised, and was at " + value_text(*f.rate));
       }},
      {"rate_fell",
       {0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00},
       [](const Findings& f) {
         return share(f.onset && !f.rate_rose && f.rate && f.rate_highest && *f.rate < 0.5 * *f.rate_highest);
       },
       [](const Findings& f) {
         return std::string("the learning rate had come down from " + value_text(*f.rate_highest) + " to " +
                            value_text(*f.rate));
       }},
      {"rate_high",
       {0.98, 0.90, -0.54, -0.22, -0.36, -0.54, 0.49, -0.71},
       [](const Findings& f) { return share(f.rate_high); },
       [](const Findings& f) {
         return std::string("the learning rate, " + value_text(*f.rate) + ", is higher than most runs bear");
       }},
      {"rate_low",
       {-0.33, -0.05, -0.06, -0.01, -0.01, -0.02, 0.14, 0.35},
       [](const Findings& f) { return share(f.rate && *f.rate > 0 && *f.rate <= 1e-5); },
       [](const Findings& f) {
         return std::string("the learning rate, " + value_text(*f.rate) + ", is lower than most runs need");
       }},
      {"gradient_grew",
       {0.38, 0.05, -0.17, -0.01, -0.03, -0.03, -0.08, -0.10},
       [](const Findings& f) {
         return share(f.gradient_rising >= 2 && f.gradient_peak && f.gradient_before &&
                      *f.gradient_peak > 3 * *f.gradient_before);
       },
       [](const Findings& f) {
         return std::string("the gradient norm grew along, from " + value_text(*f.gradient_before) + " to " +
                            value_text(*f.gradient_peak));
       }},
      {"gradient_broke",
       {-0.32, -0.04, 0.44, 0.16, 0.06, -0.13, -0.08, -0.08},
       [](const Findings& f) { return share(f.gradient_bad && f.gradient_rising == 0); },
       [](const Findings&) { return std::string("the gradient norm was not finite without having grown before"); }},
      {"gradient_far_up",
       {0.28, 0.19, -0.05, -0.03, -0.06, -0.07, -0.14, -0.12},
       [](const Findings& f) {
         return share(f.onset && f.gradient_peak && f.gradient_before && *f.gradient_peak > 4 * *f.gradient_before &&
                      f.gradient_rising < 2);
       },
       [](const Findings& f) {
         return std::string("the gradient norm went from " + value_text(*f.gradient_before) + " up to " +
                            value_text(*f.gradient_peak));
       }},
      {"part_grew",
       {0.04, -0.03, -0.03, 0.01, 0.09, 0.00, -0.04, -0.05},
       [](const Findings& f) {  // the whole of it from a hundredfold on
         return f.part.empty() ? 0 : std::min(std::log(f.part_peak / f.part_before) / std::log(100), 1.0);
       },
       [](const Findings& f) {
         return std::string("another loss, '" + f.part + "', had grown by then: from about " +
                            value_text(f.part_before) + " to " + value_text(f.part_peak));
       }},
      {"scale_collapsed",
       {-0.22, -0.05, -0.14, 0.84, -0.34, -0.04, -0.02, -0.02},
       [](const Findings& f) { return share(f.scale_high && *f.scale_low <= *f.scale_high / 16); },
       [](const Findings& f) {
         return std::string("the loss scale fell from " + value_text(*f.scale_high) + " to " +
                            value_text(*f.scale_low));
       }},
      {"scale_held",
       {-0.10, -0.03, -0.07, 0.44, -0.13, -0.03, -0.02, -0.05},
       [](const Findings& f) { return share(f.scale_high && *f.scale_low > *f.scale_high / 16 && f.onset); },
       [](const Findings&) { return std::string("the loss scale did not collapse"); }},
      {"weights_grew",
       {-0.09, 0.38, -0.14, -0.01, -0.04, -0.03, -0.05, -0.03},
       [](const Findings& f) {
         return share(f.weights_before && f.weights_peak && f.weights_rising >= 2 &&
                      *f.weights_peak > 1.5 * *f.weights_before && !leapt(f));
       },
       [](const Findings& f) {
         return std::string("the norm of the weights grew along, from " + value_text(*f.weights_before) + " to " +
                            value_text(*f.weights_peak));
       }},
      {"weights_held",
       {-0.38, -0.02, 0.19, 0.16, 0.22, -0.09, -0.04, -0.04},
       [](const Findings& f) { return share(weights_held(f) && !weights_survived(f)); },
       [](const Findings& f) {
         return std::string("the norm of the weights, " + value_text(*f.weights_before) +
                            ", had hardly changed before the loss was " + loss_text(f, *f.first_bad));
       }},
      {"weights_survived",
       {-0.07, -0.01, -0.04, 0.28, -0.11, -0.02, -0.01, -0.01},
       [](const Findings& f) { return share(weights_survived(f)); },
       [](const Findings& f) {
         return std::string("the norm of the weights is as before even after the loss was " +
                            loss_text(f, *f.first_bad) + ", so the steps were skipped");
       }},
      {"speed_changed",
       {0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00},
       [](const Findings& f) { return share(f.speed_before.has_value()); },
       [](const Findings& f) {
         return std::string("the throughput went from " + value_text(*f.speed_before) + " to " +
                            value_text(*f.speed_after) + " after " + step_text(f, *f.onset));
       }},
      {"accuracy_high",
       {-0.19, -0.15, 0.02, 0.00, -0.01, -0.12, 0.30, 0.15},
       [](const Findings& f) {
         return share(f.accuracy_last && *f.accuracy_last >= 0.7 && *f.accuracy_last > *f.accuracy_first - 0.05);
       },
       [](const Findings& f) { return std::string("the accuracy is high, " + value_text(f.accuracy_shown)); }},
      {"accuracy_rises",
       {0.06, -0.11, 0.14, -0.06, -0.14, 0.07, 0.24, -0.20},
       [](const Findings& f) { return share(f.accuracy_last && *f.accuracy_last > *f.accuracy_first + 0.02); },
       [](const Findings& f) { return std::string("the accuracy rises, up to " + value_text(f.accuracy_shown)); }},
      {"accuracy_falls",
       {0.42, -0.26, -0.04, 0.02, 0.01, 0.39, -0.21, -0.32},
       [](const Findings& f) { return share(f.accuracy_last && *f.accuracy_last < *f.accuracy_first - 0.05); },
       [](const Findings& f) { return std::string("the accuracy falls, down to " + value_text(f.accuracy_shown)); }},
      {"accuracy_low",
       {-0.07, -0.02, 0.07, -0.02, -0.02, -0.04, -0.12, 0.23},
       [](const Findings& f) { return share(stays_inaccurate(f) && falls(f)); },
       [](const Findings& f) {
         return std::string("the accuracy does not move, and is " + value_text(f.accuracy_shown));
       }},
      {"accuracy_and_loss_rest",
       {0.46, 0.08, -0.09, 0.00, -0.01, 0.40, -0.16, -0.67},
       [](const Findings& f) { return share(stays_inaccurate(f) && !falls(f)); },
       [](const Findings& f) {
         return std::string("the accuracy does not move, and is " + value_text(f.accuracy_shown) +
                            ", and the loss does not fall");
       }},
      {"accuracy_of_a_guess",
       {-0.16, 0.21, -0.03, -0.01, -0.01, -0.12, 0.04, 0.08},
       [](const Findings& f) { return share(guessed_classes(f) > 0 && !falls(f)); },
       [](const Findings& f) {
         return std::string("the accuracy stays at " + value_text(f.accuracy_shown) + ", as by a guess among " +
                            std::to_string(guessed_classes(f)));
       }},
      {"says_domain",
       {0.01, -0.01, -0.04, 0.07, -0.05, 0.07, -0.02, -0.03},
       [](const Findings& f) { return share(says(f, "log") || says(f, "divide")); },
       [](const Findings& f) { return std::string("the program itself says: " + f.messages.front()); }},
      {"says_diverged",
       {0.44, -0.10, -0.08, -0.02, -0.03, -0.04, -0.09, -0.09},
       [](const Findings& f) { return share(says(f, "explod") || says(f, "diverge") || says(f, "earning rate")); },
       [](const Findings& f) { return std::string("the program itself says: " + f.messages.front()); }},
      {"says_overflow",
       {0.20, 0.00, -0.05, -0.03, -0.07, -0.02, -0.01, -0.01},
       [](const Findings& f) { return share(says(f, "verflow")); },
       [](const Findings& f) { return std::string("the program itself says: " + f.messages.front()); }},
  };
}

}  // namespace etamax
