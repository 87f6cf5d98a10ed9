#include "etamax/spectra/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"

namespace etamax {
namespace {

constexpr double kCluster = 10;  // residuals
constexpr double kApart = 1.5;   // times the next one
constexpr std::size_t kClustersTold = 3;

std::string number(double x) { return format_number(x, 4); }

std::string matrix_words(const std::string& matrix) {
  if (matrix == "ggn") return "the Gauss-Newton matrix";
  if (matrix == "fisher") return "the empirical Fisher matrix";
  if (matrix == "sampled_fisher") return "the Fisher matrix (targets drawn from the model)";
  if (matrix == "preconditioned") return "the preconditioned Hessian P^-1/2 H P^-1/2";
  return "the Hessian";
}

/// "37.2%", and what is next to nothing as such.
std::string percent(double share) {
  return share != 0 && share < 5e-4 ? "less than 0.1%" : format_number(100 * share, 3) + "%";
}

/// How many of the largest certainly stand apart: after which the next is smaller by the largest factor, of at least
/// kApart. 0: none do.
std::size_t apart(const SpectralEnds& ends, double& factor) {
  std::size_t best = 0;
  factor = kApart;
  for (std::size_t k = 0; k < ends.values.size(); ++k) {
    const bool last = k + 1 == ends.values.size();
    const std::optional<double> next = last ? ends.others : ends.values[k + 1].bounds.upper;
    const std::optional<double> lower = ends.values[k].bounds.lower;
    if (!next || !lower || !(*next > 0) || !(*lower / *next >= factor)) continue;
    factor = *lower / *next;
    best = k + 1;
  }
  return best;
}

void tell_clusters(std::vector<std::string>& answer, const SpectralEnds& ends, const std::string& which) {
  std::vector<std::string> clusters;
  for (std::size_t k = 0; k < ends.values.size();) {
    std::size_t to = k + 1;
    while (ends.values[k].cluster && to < ends.values.size() && ends.values[to].cluster == ends.values[k].cluster) ++to;
    if (to > k + 1) clusters.push_back(ordinal(static_cast<long>(k + 1)) + " to " + ordinal(static_cast<long>(to)));
    k = to;
  }
  if (!clusters.empty())
    answer.push_back(fmt::format(
        "The {} of the {} are {}: neighbors are nearer to each other than ten times their residuals, so that "
        "their vectors are known only as a whole.",
        list_of(clusters, kClustersTold), which, clusters.size() == 1 ? "a cluster" : "clusters"));
}

std::string end_sentence(const std::string& which, const std::string& matrix, const Interval& bounds,
                         double confidence) {
  return fmt::format("The {} eigenvalue of {} is {} (confidence {}%).", which, matrix, rounded_out(bounds),
                     format_number(100 * confidence, 6));
}

void tell_top(Spectra& s, const SpectralEnds& ends) {
  double factor = 0;
  if (const std::size_t k = apart(ends, factor); k > 0)
    s.answer.push_back(k == 1
                           ? fmt::format("It stands apart: at least {} times the next.", rounded_down(factor, 2))
                           : fmt::format("The {} largest stand apart: the last of them is at least {} times the next.",
                                         k, rounded_down(factor, 2)));
  tell_clusters(s.answer, ends, "largest");
  if (ends.values.front().gauss_newton) {
    const double part = *ends.values.front().gauss_newton, value = ends.values.front().value;
    s.answer.push_back(fmt::format("Along its vector {} of {} is the Gauss-Newton part, {} the outputs' own curvature.",
                                   number(part), number(value), number(value - part)));
  }
}

bool all_are_told(const Spectra& s) { return s.top && static_cast<long>(s.top->values.size()) == s.dimension; }

void tell_density(Spectra& s, const SpectralMass& mass) {
  if (mass.starts.size() < 2 || all_are_told(s)) return;
  std::string text = fmt::format(
      "{} of all eigenvalues (standard error {}) are within {} of zero, a hundredth of the largest magnitude",
      percent(mass.share_near), percent(mass.share_near_error), number(mass.near));
  if (mass.share_negative > 0)
    text += fmt::format("; {} (standard error {}) are below that", percent(mass.share_negative),
                        percent(mass.share_negative_error));
  s.answer.push_back(text + ".");
  if (mass.count_outer > 0)
    s.answer.push_back(fmt::format(
        "About {} of the {} (standard error {}) are beyond {} in magnitude, a tenth of the largest.",
        format_number(mass.count_outer, 2), counted(s.dimension, "eigenvalue"),
        mass.count_outer_error < 0.1 ? "less than 0.1" : format_number(mass.count_outer_error, 1), number(mass.outer)));
}

}  // namespace

void mark_clusters(SpectralEnds& ends) {
  long clusters = 0;
  std::vector<SpectralEnd>& all = ends.values;
  for (std::size_t k = 0; k + 1 < all.size(); ++k) {
    const double between = std::abs(all[k].value - all[k + 1].value);
    if (between > kCluster * std::max(all[k].residual, all[k + 1].residual)) continue;
    if (!all[k].cluster) all[k].cluster = clusters++;
    all[k + 1].cluster = all[k].cluster;
  }
}

void conclude(Spectra& s) {
  const std::string matrix = matrix_words(s.matrix);
  if (s.lambda_max.lower || s.lambda_max.upper)
    s.answer.push_back(end_sentence("largest", matrix, s.lambda_max, s.confidence));
  else
    s.answer.push_back("Interrupted before anything of " + matrix + " was known.");
  if (s.top && !s.top->values.empty()) tell_top(s, *s.top);
  if (s.bottom && !s.bottom->values.empty()) {
    s.answer.push_back(end_sentence("smallest", matrix, s.bottom->values.front().bounds, s.confidence));
    tell_clusters(s.answer, *s.bottom, "smallest");
  }
  if (s.dimension > 1 && all_are_told(s))
    s.answer.push_back(fmt::format("The matrix has {}: all are here.", counted(s.dimension, "eigenvalue")));
  for (const auto* ends : {&s.top, &s.bottom})
    if (*ends && !(*ends)->reached_tolerance)
      s.answer.push_back(
          fmt::format("The {} eigenvalues are not all as exact as was asked for: the residuals say how far.",
                      ends == &s.top ? "largest" : "smallest"));
  if (s.density) tell_density(s, *s.density);
  if (s.traces)
    s.answer.push_back(fmt::format("Its trace is {}, that of its square {} (95%, from their own samples).",
                                   with_half_width(s.traces->trace), with_half_width(s.traces->square)));
}

}  // namespace etamax
