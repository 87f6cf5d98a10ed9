// What the other columns and the program's own messages say. The weights are fitted: tests/diagnose/fit.py writes them
// here.
#include <algorithm>
#include <cmath>

#include "etamax/diagnose/evidence.h"
#include "etamax/diagnose/printed_words.h"
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

std::string program_says(const std::string& message) { return "the program itself says: " + message; }

}  // namespace

std::vector<EvidenceSpec> other_columns_evidence() {
  return {
      // name, weights for: learning_rate, collapse, bad_batch, overflow, domain_error, data_or_bug, recovering_spikes,
      // healthy
      {"rate_rose",
       {0.59, 0.35, -0.21, -0.10, -0.21, -0.07, -0.17, -0.19},
       [](const Findings& f) { return share(f.onset && f.rate_rose); },
       [](const Findings& f) { return std::string("the learning rate had just risen, to " + value_text(*f.rate)); }},
      {"rate_rising",
       {0.42, -0.01, -0.08, -0.08, -0.15, -0.06, -0.02, -0.03},
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
       {1.04, 0.90, -0.55, -0.25, -0.42, -0.64, 0.61, -0.69},
       [](const Findings& f) { return share(f.rate_high); },
       [](const Findings& f) {
         return std::string("the learning rate, " + value_text(*f.rate) + ", is higher than most runs bear");
       }},
      {"rate_low",
       {-0.36, -0.07, -0.10, -0.02, -0.02, -0.12, 0.19, 0.50},
       [](const Findings& f) { return share(f.rate && *f.rate > 0 && *f.rate <= 1e-5); },
       [](const Findings& f) {
         return std::string("the learning rate, " + value_text(*f.rate) + ", is lower than most runs need");
       }},
      {"gradient_grew",
       {0.39, 0.06, -0.18, -0.01, -0.03, -0.03, -0.08, -0.10},
       [](const Findings& f) {
         return share(f.gradient_rising >= 2 && f.gradient_peak && f.gradient_before &&
                      *f.gradient_peak > 3 * *f.gradient_before);
       },
       [](const Findings& f) {
         return std::string("the gradient norm grew along, from " + value_text(*f.gradient_before) + " to " +
                            value_text(*f.gradient_peak));
       }},
      {"gradient_broke",
       {-0.31, -0.04, 0.53, 0.01, 0.10, -0.13, -0.08, -0.08},
       [](const Findings& f) { return share(f.gradient_bad && f.gradient_rising == 0); },
       [](const Findings&) { return std::string("the gradient norm was not finite without having grown before"); }},
      {"gradient_far_up",
       {0.22, 0.21, -0.04, -0.03, -0.07, -0.06, -0.13, -0.10},
       [](const Findings& f) {
         return share(f.onset && f.gradient_peak && f.gradient_before && *f.gradient_peak > 4 * *f.gradient_before &&
                      f.gradient_rising < 2);
       },
       [](const Findings& f) {
         return std::string("the gradient norm went from " + value_text(*f.gradient_before) + " up to " +
                            value_text(*f.gradient_peak));
       }},
      {"gradient_turned_up",
       {0.18, 0.05, -0.05, -0.01, -0.02, -0.03, -0.07, -0.05},
       [](const Findings& f) { return share(gradient_turned_up(f)); },
       [](const Findings& f) {
         return std::string("the gradient norm grew along, from " + value_text(*f.gradient_at_lowest) + " to " +
                            value_text(*f.gradient_at_last));
       }},
      {"part_grew",
       {0.05, -0.03, -0.03, 0.00, 0.08, 0.00, -0.04, -0.04},
       [](const Findings& f) {  // the whole of it from a hundredfold on
         return f.part.empty() ? 0 : std::min(std::log(f.part_peak / f.part_before) / std::log(100), 1.0);
       },
       [](const Findings& f) {
         return std::string("another loss, '" + f.part + "', had grown by then: from about " +
                            value_text(f.part_before) + " to " + value_text(f.part_peak));
       }},
      {"scale_collapsed",
       {-0.32, -0.05, -0.13, 0.93, -0.35, -0.05, -0.02, -0.02},
       [](const Findings& f) { return share(f.scale_high && *f.scale_low <= *f.scale_high / 16); },
       [](const Findings& f) {
         return std::string("the loss scale fell from " + value_text(*f.scale_high) + " to " +
                            value_text(*f.scale_low));
       }},
      {"scale_held",
       {-0.20, -0.04, -0.16, 0.86, -0.31, -0.05, -0.03, -0.07},
       [](const Findings& f) { return share(f.scale_high && *f.scale_low > *f.scale_high / 16 && f.onset); },
       [](const Findings&) { return std::string("the loss scale did not collapse"); }},
      {"weights_grew",
       {-0.06, 0.38, -0.15, -0.02, -0.05, -0.03, -0.05, -0.03},
       [](const Findings& f) {
         return share(f.weights_before && f.weights_peak && f.weights_rising >= 2 &&
                      *f.weights_peak > 1.5 * *f.weights_before && !leapt(f));
       },
       [](const Findings& f) {
         return std::string("the norm of the weights grew along, from " + value_text(*f.weights_before) + " to " +
                            value_text(*f.weights_peak));
       }},
      {"weights_held",
       {-0.46, -0.03, 0.17, 0.40, 0.14, -0.12, -0.04, -0.06},
       [](const Findings& f) { return share(weights_held(f) && !weights_survived(f)); },
       [](const Findings& f) {
         return std::string("the norm of the weights, " + value_text(*f.weights_before) +
                            ", had hardly changed before the loss was " + loss_text(f, *f.first_bad));
       }},
      {"weights_survived",
       {-0.03, 0.00, -0.03, 0.15, -0.06, -0.01, -0.01, -0.01},
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
       {-0.22, -0.16, 0.03, -0.01, -0.02, -0.13, 0.17, 0.34},
       [](const Findings& f) {
         return share(f.accuracy_last && *f.accuracy_last >= 0.7 && *f.accuracy_last > *f.accuracy_first - 0.05);
       },
       [](const Findings& f) { return std::string("the accuracy is high, " + value_text(f.accuracy_shown)); }},
      {"accuracy_rises",
       {-0.01, -0.13, 0.17, -0.07, -0.12, 0.27, 0.02, -0.13},
       [](const Findings& f) { return share(f.accuracy_last && *f.accuracy_last > *f.accuracy_first + 0.02); },
       [](const Findings& f) { return std::string("the accuracy rises, up to " + value_text(f.accuracy_shown)); }},
      {"accuracy_falls",
       {0.48, -0.25, -0.11, 0.02, 0.02, 0.40, -0.22, -0.33},
       [](const Findings& f) { return share(f.accuracy_last && *f.accuracy_last < *f.accuracy_first - 0.05); },
       [](const Findings& f) { return std::string("the accuracy falls, down to " + value_text(f.accuracy_shown)); }},
      {"accuracy_low",
       {-0.08, -0.02, 0.09, -0.02, -0.02, -0.05, -0.13, 0.23},
       [](const Findings& f) { return share(stays_inaccurate(f) && falls(f)); },
       [](const Findings& f) {
         return std::string("the accuracy does not move, and is " + value_text(f.accuracy_shown));
       }},
      {"accuracy_and_loss_rest",
       {0.63, 0.14, -0.02, 0.04, -0.05, 0.16, -0.16, -0.74},
       [](const Findings& f) { return share(stays_inaccurate(f) && !falls(f)); },
       [](const Findings& f) {
         return std::string("the accuracy does not move, and is " + value_text(f.accuracy_shown) +
                            ", and the loss does not fall");
       }},
      {"accuracy_of_a_guess",
       {-0.35, 0.16, -0.04, 0.02, -0.06, 0.09, 0.06, 0.11},
       [](const Findings& f) { return share(guessed_classes(f) > 0 && !falls(f)); },
       [](const Findings& f) {
         return std::string("the accuracy stays at " + value_text(f.accuracy_shown) + ", as by a guess among " +
                            std::to_string(guessed_classes(f)));
       }},
      {"says_domain",
       {0.09, -0.02, 0.06, -0.03, -0.08, 0.17, -0.14, -0.04},
       [](const Findings& f) { return share(says(f, "in log") || says(f, "divide")); },
       [](const Findings& f) { return program_says(says(f, "in log") ? said(f, "in log") : said(f, "divide")); }},
      {"says_edge_of_domain",
       {-0.23, -0.01, -0.02, -0.02, 0.32, 0.00, -0.02, -0.02},
       [](const Findings& f) { return share(!message_of_edge(f).empty() && !rose_before_bad(f)); },
       [](const Findings& f) {
         const std::string message = message_of_edge(f);
         return program_says(message) + "; the derivative of '" + std::string(unbounded_derivative(message)) +
                "' has no bound at an edge of where it is defined";
       }},
      {"says_diverged",
       {0.45, -0.10, -0.08, -0.02, -0.02, -0.05, -0.09, -0.09},
       [](const Findings& f) { return share(says(f, "explod") || says(f, "diverge") || says(f, "earning rate")); },
       [](const Findings& f) {
         return program_says(said(f, says(f, "explod") ? "explod" : says(f, "diverge") ? "diverge" : "earning rate"));
       }},
      {"says_overflow",
       {0.72, -0.01, -0.14, -0.16, -0.15, -0.21, -0.02, -0.03},
       [](const Findings& f) { return share(says(f, "verflow")); },
       [](const Findings& f) { return program_says(said(f, "verflow")); }},
  };
}

}  // namespace etamax
