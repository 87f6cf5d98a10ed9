#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "etamax/core/format.h"
#include "etamax/report/comparison/detail_words.h"
#include "etamax/report/explanation/detail_words.h"

namespace etamax {
namespace {

/// As it is printed: what differs in digits that nobody sees is not called lower.
bool same_loss(const Standing& a, const Standing& b) { return format_number(a.loss) == format_number(b.loss); }

/// "gd", or "gd at lr 0.1" where there are several rates.
std::string who(const Standing& s, bool several_rates) {
  return s.optimizer + (several_rates ? " at lr " + format_rate(s.lr) : "");
}

std::string all_of(const std::vector<std::string>& names) {
  std::string text = alternatives(names);
  if (const std::size_t at = text.rfind(" or "); at != std::string::npos) text.replace(at, 4, " and ");
  return text;
}

/// What is not there for the same reason.
struct Missing {
  std::string what, reason;
  std::vector<std::string> optimizers;
};

void add(std::vector<Missing>& all, const std::string& what, const std::string& reason, const std::string& optimizer) {
  for (Missing& missing : all)
    if (missing.what == what && missing.reason == reason) return missing.optimizers.push_back(optimizer);
  all.push_back({what, reason, {optimizer}});
}

std::vector<Missing> missing_facts(const Comparison& c) {
  std::vector<Missing> all;
  for (const Explanation& e : c.explanations) {
    std::vector<std::pair<std::string, std::vector<std::string>>> by_reason;
    for (const Fact& fact : stability_facts(e.stability)) {
      if (!fact.value.empty() || fact.basis.empty()) continue;
      const auto at =
          std::find_if(by_reason.begin(), by_reason.end(), [&](const auto& r) { return r.first == fact.basis; });
      if (at == by_reason.end())
        by_reason.push_back({fact.basis, {fact.name}});
      else
        at->second.push_back(fact.name);
    }
    for (const auto& [reason, names] : by_reason) add(all, all_of(names), reason, e.optimizer);
  }
  return all;
}

}  // namespace

std::string name_of(const Comparison& c) {
  return c.explanations.empty() || c.explanations.front().expression.empty() ? "etamax"
                                                                             : c.explanations.front().expression;
}

std::string setting_sentence(const Comparison& c) {
  if (c.explanations.empty()) return "";
  std::vector<std::string> optimizers;
  for (const Explanation& e : c.explanations) optimizers.push_back(optimizer_words(e.optimizer, e.hyperparameters));
  return "From " + start_words(c.explanations.front()) + ", with the optimizers " + joined(optimizers, "; ") + ".";
}

std::string run_title(const Explanation& e, const FunctionRun& run) {
  return e.optimizer + " at lr " + format_rate(run.lr) + " " + to_string(run.verdict);
}

std::string reason_in_short(const FunctionRun& run) {
  const std::size_t end = run.reason.find(". ");
  return end == std::string::npos ? run.reason : run.reason.substr(0, end + 1);
}

std::string standings_sentence(const Comparison& c) {
  const std::vector<Standing>& all = c.standings;
  if (all.empty()) return "";
  const bool several_rates = c.explanations.front().runs.size() > 1;
  const auto others =
      std::find_if(all.begin(), all.end(), [&](const Standing& s) { return !same_loss(s, all.front()); });
  std::vector<std::string> lowest, rest;
  for (auto s = all.begin(); s != others; ++s) lowest.push_back(who(*s, several_rates));
  for (auto s = others; s != all.end(); ++s)
    rest.push_back(fmt::format("{} ({})", who(*s, several_rates), format_number(s->loss)));
  const std::string after = "After " + counted(all.front().step, "step") + " ";
  const std::string loss = format_number(all.front().loss);
  if (lowest.size() > 1 && rest.empty()) return after + all_of(lowest) + " have the same loss, " + loss + ".";
  return after + fmt::format("the loss of {} is lowest, {}", all_of(lowest), loss) +
         (rest.empty() ? "" : ", before " + all_of(rest)) + ".";
}

std::vector<std::string> observed_remarks(const Comparison& c) {
  std::vector<std::string> remarks;
  for (const Explanation& e : c.explanations)
    if (const std::string remark = observed_remark(e); !remark.empty()) remarks.push_back(e.optimizer + ": " + remark);
  return remarks;
}

StabilityTable stability_table(const Comparison& c) {
  StabilityTable table;
  table.header = {"optimizer"};
  for (const Fact& fact : stability_facts({})) table.header.push_back(fact.name);
  for (const Explanation& e : c.explanations) {
    table.rows.push_back({e.optimizer});
    for (const Fact& fact : stability_facts(e.stability))
      table.rows.back().push_back(fact.value.empty() ? "none" : fact.value);
  }
  for (const Missing& m : missing_facts(c))
    table.notes.push_back(fmt::format("{} {} none under {}: {}.", all_of(m.optimizers),
                                      m.optimizers.size() == 1 ? "has" : "have", m.what, m.reason));
  for (const Explanation& e : c.explanations)
    if (const std::string& warning = e.stability.lr_fastest_warning; !warning.empty())
      table.notes.push_back(fmt::format("Careful with the fastest of {}: {}.", e.optimizer, warning));
  return table;
}

LineLook look_of(std::size_t optimizer) {
  // Green and vermillion, which look like verdicts, come late.
  constexpr Color kLineColors[] = {Color::blue, Color::purple, Color::orange,     Color::green,
                                   Color::ink,  Color::sky,    Color::vermillion, Color::grey};
  constexpr Dash kDashes[] = {Dash::solid, Dash::dashed, Dash::dotted};
  return {kLineColors[optimizer % std::size(kLineColors)], kDashes[optimizer % std::size(kDashes)]};
}

std::size_t rates_shown(const Comparison& c, std::size_t most) {
  return c.explanations.empty() ? 0 : std::min(c.explanations.front().runs.size(), std::max<std::size_t>(1, most));
}

std::string rates_left_out(const Comparison& c, std::size_t shown) {
  const std::size_t all = c.explanations.empty() ? 0 : c.explanations.front().runs.size();
  if (shown >= all) return "";
  return shown == 1 ? fmt::format(" The first of {} learning rates.", all)
                    : fmt::format(" The first {} of {} learning rates.", shown, all);
}

}  // namespace etamax
