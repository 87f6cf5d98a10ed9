#include "etamax/diagnose/score.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "etamax/diagnose/evidence.h"
#include "etamax/diagnose/number.h"
#include "etamax/diagnose/sentences.h"
#include "etamax/diagnose/signs.h"

namespace etamax {
namespace {

constexpr double kHarmless = 0.55;   // of a rise of the loss, that it is no harm where there are rewards or two players
constexpr double kHugeLoss = 1e6;    // which none that learns has
constexpr double kPieceShown = 0.3;  // of evidence, in natural logarithms of odds

/// The share that is given to all explanations alike.
double doubt(const Findings& f) {
  // As where nothing is measured, or nothing moves. The loss of a constant guess tells more, and so does a huge one.
  const bool all_same = f.resting == f.raw.size() && f.resting >= 2 && f.constant_guess == 0 && !rests_huge(f);
  if (f.finite == 0 || all_same) return kDoubtOfNone;
  const double records = static_cast<double>(std::min(f.finite, kFewRecords)) / static_cast<double>(kFewRecords);
  return kDoubt + (1 - records) * kDoubtOfFew;
}

/// The numbers of a sentence, as they are printed.
std::vector<std::string> numbers_of(const std::string& sentence) {
  std::vector<std::string> numbers;
  std::string word;
  for (const char c : sentence + " ") {
    if (c != ' ' && c != ',' && c != ':') {
      word += c;
      continue;
    }
    double value = 0;
    if (is_number(word, value)) numbers.push_back(word);
    word.clear();
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

/// That all numbers of the one, two at least, stand in the other: it tells the same records.
bool is_told_by(const std::string& sentence, const std::string& other) {
  constexpr std::size_t kOwn = 2;
  const std::vector<std::string> numbers = numbers_of(sentence), told = numbers_of(other);
  return numbers.size() >= kOwn && std::includes(told.begin(), told.end(), numbers.begin(), numbers.end());
}

/// Adds a sentence to stronger ones; of two that tell the same records the one that tells more stays.
void add_sentence(const std::string& sentence, std::vector<std::string>& all) {
  for (std::string& before : all) {
    if (is_told_by(sentence, before)) return;
    if (!is_told_by(before, sentence)) continue;
    before = sentence;
    return;
  }
  all.push_back(sentence);
}

struct Piece {
  double points;
  std::string sentence;
};

/// A policy's loss, that of the rewards it expects, and that of one of two networks that play against each other rise
/// as well while they learn.
bool may_rise(const Findings& f) {
  return (f.rewards || f.players) && !f.first_bad &&
         std::all_of(f.raw.begin(), f.raw.end(), [](double v) { return !(std::abs(v) > kHugeLoss); });
}

/// A part of the probability of the learning rate is then that of a healthy run; where it rises by amounts, and not by
/// a factor, that of a fault in what is summed or printed.
void share_rise(const Findings& f, std::vector<WeighedCause>& all) {
  const auto of = [&](const char* name) {
    return std::find_if(all.begin(), all.end(), [&](const WeighedCause& cause) { return cause.name == name; });
  };
  const double moved = kHarmless * of("learning_rate")->score;
  of("learning_rate")->score -= moved;
  WeighedCause& other = *of(may_rise(f) ? "healthy" : "data_or_bug");
  other.score += moved;
  const std::string why =
      !may_rise(f)
          ? (rises_as_the_count(f) ? "it rises all along, from " + loss_at(f, 0) + " to " + loss_at(f, last_record(f)) +
                                         ", by amounts that do not grow"
                                   : "from " + loss_at(f, *f.onset) + " on it rises by amounts that do not grow") +
                ", as a sum over the run or a reward does, and not by a factor"
      : f.rewards ? "the log has rewards, and a policy's loss may rise while it learns"
                  : "the log has the losses of two networks that play against each other, and one may rise while they "
                    "learn";
  of("learning_rate")->against.insert(of("learning_rate")->against.begin(), why);
  if (!may_rise(f)) other.evidence.insert(other.evidence.begin(), why);
}

}  // namespace

std::vector<ShownEvidence> shown_evidence(const Findings& f) {
  std::vector<ShownEvidence> shown;
  for (const EvidenceSpec& evidence : evidence_table())
    if (const double value = evidence.shown(f); value != 0) shown.push_back({evidence.name, value});
  return shown;
}

std::vector<WeighedCause> weigh_causes(const Findings& f) {
  std::array<double, kCauses> points{};
  std::array<std::vector<Piece>, kCauses> pieces;
  for (const EvidenceSpec& evidence : evidence_table()) {
    const double value = evidence.shown(f);
    if (value == 0) continue;
    double mean = 0;
    for (const double w : evidence.weights) mean += w / kCauses;
    const std::string sentence = evidence.sentence(f);
    for (std::size_t c = 0; c < kCauses; ++c) {
      points[c] += value * evidence.weights[c];
      // What all causes gain alike tells nothing.
      if (const double own = value * (evidence.weights[c] - mean); !sentence.empty() && std::abs(own) >= kPieceShown)
        pieces[c].push_back({own, sentence});
    }
  }
  const double most = *std::max_element(points.begin(), points.end());
  double sum = 0;
  for (double& p : points) sum += p = std::exp(p - most);
  std::vector<WeighedCause> all;
  for (std::size_t c = 0; c < kCauses; ++c) {
    const CauseSpec& spec = known_causes()[c];
    WeighedCause cause{spec.name, spec.heading, spec.verdict, (1 - doubt(f)) * points[c] / sum + doubt(f) / kCauses, {},
                       {}};
    std::stable_sort(pieces[c].begin(), pieces[c].end(),
                     [](const Piece& a, const Piece& b) { return std::abs(a.points) > std::abs(b.points); });
    for (const Piece& piece : pieces[c])
      add_sentence(piece.sentence, piece.points > 0 ? cause.evidence : cause.against);
    all.push_back(std::move(cause));
  }
  if (may_rise(f) || rose_by_amounts(f) || rises_as_the_count(f)) share_rise(f, all);
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  return all;
}

}  // namespace etamax
