#include "etamax/diagnose/score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "etamax/diagnose/evidence.h"
#include "etamax/diagnose/number.h"
#include "etamax/diagnose/sentences.h"
#include "etamax/diagnose/signs.h"

namespace etamax {
namespace {

constexpr double kHarmless = 0.55;   // of what seems to be the rate's, that it is not where there is another reason
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

bool stays_below(const Findings& f, double loss) {
  return !f.first_bad && std::all_of(f.raw.begin(), f.raw.end(), [&](double v) { return !(std::abs(v) > loss); });
}

/// A reason for which a loss may rise, or break, at any rate, and the explanation that it speaks for.
struct OtherReason {
  const char* cause;
  std::string why;
};

/// What the other columns say of a rise that is no harm.
std::optional<OtherReason> harmless_rise(const Findings& f) {
  constexpr double kThreefold = 1.1, kLower = 0.9;
  if (!stays_below(f, kHugeLoss)) return {};
  if (f.rewards) return OtherReason{"healthy", "the log has rewards, and a policy's loss may rise while it learns"};
  if (f.players && f.outplayed.empty())
    return OtherReason{"healthy",
                       "the log has the losses of two networks that play against each other, and one may rise while "
                       "they learn"};
  const std::size_t low = lowest_record(f, f.raw.size()), high = highest_record(f, f.raw.size());
  const double range = f.height[high] - f.height[low];
  if (f.held_out && range < kThreefold)
    return OtherReason{"healthy",
                       "the loss is of data that is held out, and it rises as well where training fits its own data "
                       "ever closer"};
  if (!f.falling_part.empty() && range < kThreefold)
    return OtherReason{"healthy", "'" + f.falling_part + "', a part of it, falls, from " + value_text(f.falling_from) +
                                      " to " + value_text(f.falling_to) +
                                      ", as where another part is given more weight"};
  if (is_highest_at_once(f) && f.rate && f.rate_highest && *f.rate < kLower * *f.rate_highest)
    return OtherReason{"healthy", "only the last record, " + loss_at(f, last_record(f)) +
                                      ", is high, and the learning rate had come down to " + value_text(*f.rate)};
  return {};
}

std::optional<OtherReason> other_reason(const Findings& f) {
  if (!f.sound_part.empty())
    return OtherReason{"domain_error", "'" + f.sound_part + "' is finite even after that, " +
                                           value_text(f.sound_part_value) + ", so the weights are"};
  if (f.gradient_bad_at_rest)
    return OtherReason{"overflow", "the gradient norm was not finite where the learning rate was still 0"};
  if (auto reason = harmless_rise(f)) return reason;
  const std::string as_a_sum = ", as a sum over the run or a reward does, and not by a factor";
  if (rises_as_the_count(f))
    return OtherReason{"data_or_bug", "it rises all along, from " + loss_at(f, 0) + " to " +
                                          loss_at(f, last_record(f)) + ", by amounts that do not grow" + as_a_sum};
  if (rose_by_amounts(f))
    return OtherReason{"data_or_bug",
                       "from " + loss_at(f, *f.onset) + " on it rises by amounts that do not grow" + as_a_sum};
  return {};
}

WeighedCause& cause_of(const std::string& name, std::vector<WeighedCause>& all) {
  return *std::find_if(all.begin(), all.end(), [&](const WeighedCause& cause) { return cause.name == name; });
}

/// Gives a share of the probability of one explanation to another, and says why against the one.
void give(double share, WeighedCause& from, WeighedCause& to, const std::string& why) {
  const double moved = share * from.score;
  from.score -= moved, to.score += moved;
  from.against.insert(from.against.begin(), why);
}

/// Gives a part of the probability of the learning rate to the other reason's explanation.
void share_rise(const OtherReason& reason, std::vector<WeighedCause>& all) {
  WeighedCause& other = cause_of(reason.cause, all);
  give(kHarmless, cause_of("learning_rate", all), other, reason.why);
  other.evidence.insert(other.evidence.begin(), reason.why);
}

/// A discriminator that has nothing left to learn has a low loss, too: it is no sign that the run goes well.
void share_calm(const Findings& f, std::vector<WeighedCause>& all) {
  if (f.outplayed.empty()) return;
  const std::string why = "of two networks that play against each other one loses ever more: '" + f.outplayed +
                          "' rises from " + value_text(f.outplayed_from) + " to " + value_text(f.outplayed_to);
  WeighedCause& collapse = cause_of("collapse", all);
  for (WeighedCause& cause : all)
    if (cause.verdict == LogVerdict::healthy) give(0.5, cause, collapse, why);
  collapse.evidence.insert(collapse.evidence.begin(), why);
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
  if (const auto reason = other_reason(f)) share_rise(*reason, all);
  share_calm(f, all);
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  return all;
}

}  // namespace etamax
