#include "synthetic.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "log_writer.h"

namespace etamax::testing {
namespace {

using Records = std::vector<StepRecord>;

double mean_loss(const Records& r, std::size_t first, std::size_t last) {
  double sum = 0;
  for (std::size_t i = first; i < last; ++i) sum += r[i].loss;
  return sum / static_cast<double>(last - first);
}

double end_loss(const Records& r) { return mean_loss(r, r.size() - std::max<std::size_t>(r.size() / 10, 1), r.size()); }

/// Not a number to the end, or at the end at twice its start or more.
bool blew_up(const Records& r) {
  const double end = end_loss(r);
  return !std::isfinite(end) || end > 2 * mean_loss(r, 0, std::min<std::size_t>(r.size(), 3));
}

double highest_loss(const Records& r) {
  return std::max_element(r.begin(), r.end(), [](const auto& a, const auto& b) { return a.loss < b.loss; })->loss;
}

bool learned(const Records& r) { return end_loss(r) < 0.75 * r.front().loss; }

/// How far the loss rises above its mean over the ten steps before, at the most, from step 5 on.
double largest_spike(const Records& r) {
  double largest = 0;
  for (std::size_t i = 10; i < r.size(); ++i) largest = std::max(largest, r[i].loss / mean_loss(r, i - 10, i));
  return largest;
}

struct Draw {
  Draw(const Digits& d, int number, int attempt)
      : digits(d), random(static_cast<std::uint64_t>(number) * 1000 + static_cast<std::uint64_t>(attempt)) {
    setup.seed = random.next() >> 20;
    setup.hidden = random.chance(0.15) ? 0 : 4 * random.whole(2, 4);
    setup.unit = random.chance(0.5) ? Unit::tanh : Unit::relu;
    setup.loss = random.chance(0.6) ? LossKind::cross_entropy : LossKind::squared;
    setup.adam = random.chance(0.25);
    if (!setup.adam && random.chance(0.5)) setup.momentum = random.chance(0.7) ? 0.9 : random.between(0.3, 0.95);
    constexpr int kBatches[] = {0, 1, 4, 8, 16, 32, 64};
    setup.batch = kBatches[random.whole(0, 6)];
    if (setup.batch == 0) setup.examples = 150;
    interval = random.chance(0.4) ? 1 : static_cast<int>(std::lround(random.log_between(1, 100)));
    const long most = setup.batch == 0 ? 400 : setup.batch >= 32 ? 800 : 2500;
    interval = static_cast<int>(std::min<long>(interval, most / 25));
    steps = std::clamp<long>(static_cast<long>(random.log_between(30, 150)) * interval, 60, most);
  }

  /// The smallest rate of a grid at which 150 steps blow up; 0 where none does. A rate that trains is well
  /// below.
  double threshold() {
    const double lowest = setup.adam ? 1e-3 : 5e-3 / (setup.input_scale * setup.input_scale);
    for (double rate = lowest; rate < 300; rate *= 3) {
      setup.rate = [rate](long) { return rate; };
      const Records r = train(digits, setup, 150, [&](const Records& so_far) {
        return !std::isfinite(so_far.back().loss) || so_far.back().loss > 1e6 * so_far.front().loss;
      });
      if (blew_up(r)) return rate;
    }
    return 0;
  }

  /// A rate at which nothing goes wrong.
  double calm_rate() {
    const double edge = threshold();
    const double most = setup.adam ? 0.01 : 0.5;
    return std::min(edge > 0 ? edge : most, most) / random.log_between(4, 20);
  }

  Records run() const {
    return train(digits, setup, steps, [this](const Records& so_far) {
      // A log of a run that is no number goes on for a while.
      const std::size_t n = so_far.size(), after = static_cast<std::size_t>(12 * interval);
      return n > after && !std::isfinite(so_far[n - after].loss) && !std::isfinite(so_far.back().loss);
    });
  }
  Records run_at(double factor) const {
    Draw other = *this;
    other.setup.rate = [rate = setup.rate, factor](long t) { return factor * rate(t); };
    return other.run();
  }

  const Digits& digits;
  Random random;
  TrainingSetup setup;
  int interval = 1;
  long steps = 100;
  std::string what;
};

/// Below the edge, but so near that small batches keep the loss swinging high up, where a tenth of the rate trains.
bool swings(Draw& d, Records& records, double edge) {
  d.setup.batch = d.random.chance(0.5) ? 1 : 4, d.setup.examples = 1200;
  d.setup.rate = [rate = edge * d.random.between(0.4, 0.99)](long) { return rate; };
  d.what = "swings";
  records = d.run();
  if (blew_up(records)) return false;
  const Records calm = d.run_at(0.1);
  const Records last(records.end() - static_cast<std::ptrdiff_t>(records.size() / 4), records.end());
  return largest_spike(last) > 1.5 && learned(calm) && end_loss(calm) < 0.4 * end_loss(records);
}

/// After an excursion in the first steps the loss rests, and has learned nothing.
bool rests_after_excursion(const Draw& d, const Records& r) {
  const Records first(r.begin(), r.begin() + static_cast<std::ptrdiff_t>(r.size() / 5));
  return d.setup.loss == LossKind::squared && !blew_up(r) && !learned(r) && highest_loss(first) > 100 * r.front().loss;
}

bool too_high_rate(Draw& d, Records& records) {
  if (d.random.chance(0.3)) {  // a regression on raw inputs: it grows faster than exponentially
    d.setup.unit = Unit::relu, d.setup.loss = LossKind::squared, d.setup.input_scale = d.random.chance(0.5) ? 16 : 1;
    d.setup.hidden = std::max(d.setup.hidden, 8), d.setup.adam = false;
  }
  const double edge = d.threshold();
  if (edge <= 0) return false;
  const double kind = d.random.uniform();
  if (kind < 0.05) return swings(d, records, edge);
  const bool far = kind < 0.27;
  const double high = edge * (far ? d.random.log_between(6, 1e4) : d.random.log_between(1, 6));
  const long steps = d.steps;
  if (kind < 0.55) {
    d.setup.rate = [high](long) { return high; };
    d.what = far ? "far too high" : "constant";
  } else if (kind < 0.67) {  // to find a rate: raised by a factor each step
    d.setup.rate = [=](long t) {
      return high * std::pow(1e4, static_cast<double>(t) / static_cast<double>(steps) - 1);
    };
    d.what = "finder";
  } else if (kind < 0.82) {
    const long warmup = static_cast<long>(static_cast<double>(steps) * d.random.between(0.3, 0.9));
    d.setup.rate = [=](long t) {
      return high * std::min(1.0, static_cast<double>(t + 1) / static_cast<double>(warmup));
    };
    d.what = "warmup";
  } else {
    const long jump = static_cast<long>(static_cast<double>(steps) * d.random.between(0.3, 0.8));
    d.setup.rate = [=](long t) { return t < jump ? edge / 16 : high; };
    d.what = "jump";
  }
  records = d.run();
  const double tenth = 0.1 * std::min(edge / high * (far ? 1 : 10), 1.0);
  if (rests_after_excursion(d, records)) {
    d.what += ", rests";
    return learned(d.run_at(tenth));
  }
  return blew_up(records) && !blew_up(d.run_at(tenth));
}

bool collapses(Draw& d, Records& records) {
  d.setup.unit = Unit::relu;
  d.setup.loss = LossKind::cross_entropy;
  if (d.setup.hidden == 0) d.setup.hidden = 12;
  const double chance_level = std::log(10.0);
  const double first = d.setup.adam ? 0.02 : 0.3;
  const long jump =
      d.random.chance(0.5) ? static_cast<long>(static_cast<double>(d.steps) * d.random.between(0.1, 0.6)) : 0;
  const auto collapsed = [&](const Records& r) {
    const auto highest =
        std::max_element(r.begin(), r.end(), [](const auto& a, const auto& b) { return a.loss < b.loss; });
    return std::abs(end_loss(r) - chance_level) < 0.12 &&
           (highest->loss > 1.5 * chance_level || end_loss(r) > 1.3 * r[static_cast<std::size_t>(jump)].loss);
  };
  for (double high = first * d.random.log_between(1, 2); high < 300; high *= 1.7) {
    d.setup.rate = [=](long t) { return t < jump ? first / 10 : high; };
    const Records beginning = train(d.digits, d.setup, std::min(d.steps, jump + 200));
    if (blew_up(beginning)) return false;
    if (!collapsed(beginning)) continue;
    records = d.run();
    d.what = jump > 0 ? "after a jump" : "constant";
    return collapsed(records) && learned(d.run_at(0.03));
  }
  return false;
}

bool recovers(Draw& d, Records& records) {
  if (d.setup.batch != 0 && !d.setup.adam) d.setup.adam = true, d.setup.momentum = 0;
  if (d.setup.adam && d.random.chance(0.5)) d.setup.beta2 = 0.9999;
  d.interval = std::min(d.interval, 5);
  d.steps = std::clamp<long>(100 * d.interval, 150, 400);
  for (double high = d.setup.adam ? 0.005 : 0.05; high < 30; high *= 1.5) {
    d.setup.rate = [high](long) { return high; };
    records = d.run();
    if (blew_up(records)) return false;
    // It comes back: the last tenth is at the level of the best.
    Records quarter(records.begin(), records.end() - static_cast<std::ptrdiff_t>(records.size() / 10));
    if (largest_spike(quarter) > 2.5 && learned(records) &&
        largest_spike(Records(records.end() - static_cast<std::ptrdiff_t>(records.size() / 10), records.end())) < 1.5) {
      d.what = d.setup.adam ? "adam" : "full batch";
      return true;
    }
  }
  return false;
}

bool bad_batch(Draw& d, Records& records) {
  const double rate = d.calm_rate();
  d.setup.rate = [rate](long) { return rate; };
  // On a step that the log shows.
  const long records_of_log = d.steps / d.interval;
  const long bad = static_cast<long>(static_cast<double>(records_of_log) * d.random.between(0.2, 0.85)) * d.interval;
  d.setup.bad_step = bad;
  d.setup.bad_factor = d.random.chance(0.25) ? NAN : d.random.log_between(10, 3000);
  records = d.run();
  d.what = std::isnan(d.setup.bad_factor) ? "NaN in it" : "scaled";
  const double before =
      mean_loss(records, static_cast<std::size_t>(std::max(bad - 10, 0L)), static_cast<std::size_t>(bad));
  return !(records[static_cast<std::size_t>(bad)].loss < 3 * before);
}

bool overflows(Draw& d, Records& records) {
  const double rate = d.calm_rate();
  d.setup.rate = [rate](long) { return rate; };
  d.setup.half_precision = true;
  d.setup.loss_scale = std::pow(2.0, d.random.whole(6, 12));
  d.setup.overflow_step = static_cast<long>(static_cast<double>(d.steps) * d.random.between(0.2, 0.9));
  d.what = "float16";
  records = d.run();
  return std::isfinite(records[static_cast<std::size_t>(d.setup.overflow_step - 1)].loss);
}

bool leaves_domain(Draw& d, Records& records) {
  d.setup.loss = LossKind::naive_bce;
  d.steps = std::min(d.steps, std::max(1000L, 25L * d.interval));
  const double rate = d.calm_rate() / 2;
  d.setup.rate = [rate](long) { return rate; };
  d.what = "log(1 - p)";
  for (d.setup.logit_scale = 3; d.setup.logit_scale < 40; d.setup.logit_scale *= 2) {
    d.setup.rate = [rate, scale = d.setup.logit_scale](long) { return rate / scale; };
    records = d.run();
    std::size_t bad = 0;
    while (bad < records.size() && std::isfinite(records[bad].loss)) ++bad;
    if (bad == records.size()) continue;
    // The rate is not at fault: it had been learning until a probability rounded to one.
    return static_cast<long>(bad) > 4 * d.interval && mean_loss(records, bad - 3, bad) < 0.7 * records.front().loss;
  }
  return false;
}

bool broken_from_the_start(Draw& d, Records& records) {
  const double rate = d.calm_rate();
  d.setup.rate = [rate](long) { return rate; };
  const double kind = d.random.uniform();
  // Where the loss of a constant guess is near that of the start; a squared loss falls on its way there.
  if (kind >= 0.35) d.setup.loss = LossKind::cross_entropy;
  if (kind < 0.35)
    d.setup.inputs_are_nan = true, d.what = "NaN inputs";
  else if (kind < 0.7)
    d.setup.labels_at_random = true, d.what = "random labels";
  else
    d.setup.inputs_are_zero = true, d.what = "zero inputs";
  records = d.run();
  return true;
}

bool is_healthy(Draw& d, Records& records) {
  const double rate = d.calm_rate();
  const double kind = d.random.uniform();
  const auto total = static_cast<double>(d.steps);
  if (kind < 0.3)
    d.setup.rate = [rate](long) { return rate; }, d.what = "constant";
  else if (kind < 0.4)
    d.setup.rate =
        [=](long t) {
          const double x = std::fmod(3 * static_cast<double>(t) / total, 1.0);
          return rate * (0.5 + 0.5 * std::cos(3.14159 * x));
        },
    d.what = "cosine restarts";
  else if (kind < 0.7)
    d.setup.rate =
        [=](long t) {
          const double x = static_cast<double>(t) / total;
          return rate * std::min(1.0, x / 0.1) * (0.5 + 0.5 * std::cos(3.14159 * x));
        },
    d.what = "warmup and cosine";
  else
    d.setup.rate = [=](long t) { return rate * std::pow(0.3, std::floor(3 * static_cast<double>(t) / total)); },
    d.what = "steps down";
  records = d.run();
  return learned(records);
}

/// The log shows what happened: a fault between two records that leaves no trace in them is none to diagnose.
bool shows(const std::string& truth, std::vector<double> losses, const LogStyle& style) {
  const double chance_level = std::log(10.0);
  for (double& loss : losses) loss = style.perplexity ? std::log(loss) : loss - style.offset;
  double low = losses.front(), high = losses.front(), jump = 0;
  for (std::size_t i = 1; i < losses.size(); ++i) {
    if (!std::isfinite(losses[i])) return truth != "collapse";
    low = std::min(low, losses[i]), high = std::max(high, losses[i]);
    double before = 0;
    for (std::size_t k = i > 8 ? i - 8 : 0; k < i; ++k) before = std::max(before, losses[k]);
    jump = std::max(jump, losses[i] / before);
  }
  if (truth == "collapse") return high > 1.5 * chance_level || low < 0.75 * chance_level;
  if (truth == "bad_batch") return jump > 2;
  if (truth == "recovering_spikes") return jump > 2 && losses.back() < high / 2 && losses.back() < 1.5 * losses.front();
  if (truth == "learning_rate") return jump > 1.5 || high > 1e3 * chance_level;
  return truth != "overflow" && truth != "domain_error";
}

/// The record at which the log of a cause shows it: the first that is no number, else the largest jump.
std::size_t moment_of(const std::vector<double>& losses) {
  std::size_t moment = 0;
  double most = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (!std::isfinite(losses[i])) return i;
    const double jump = i > 0 ? losses[i] / losses[i - 1] : 0;
    if (jump > most) most = jump, moment = i;
  }
  return moment;
}

/// As people post it: some records about the moment, in whatever layout.
void make_excerpt(Draw& d, const std::string& truth, const std::vector<double>& losses, LogStyle& style) {
  style.records = static_cast<std::size_t>(std::lround(d.random.log_between(3, 40)));
  const std::size_t room = losses.size() > style.records ? losses.size() - style.records : 0;
  const bool anywhere = truth == "healthy" || truth == "data_or_bug";
  if (d.random.chance(anywhere ? 0.4 : 0.15)) return;  // its beginning
  if (anywhere) {
    style.first = static_cast<std::size_t>(d.random.uniform() * static_cast<double>(room));
    return;
  }
  const std::size_t moment = moment_of(losses);
  if (!std::isfinite(losses[moment]) && d.random.chance(0.06)) {  // when it is too late
    style.first = std::min(moment, room);
    return;
  }
  const auto before = static_cast<std::size_t>(d.random.uniform() * static_cast<double>(style.records));
  style.first = std::min(moment > before ? moment - before : 0, room);
}

LogStyle style_of(Draw& d, const std::string& truth, const Records& records) {
  LogStyle style;
  style.interval = d.interval;
  const double mode = d.random.uniform();
  style.averaging = mode < 0.6 ? LogStyle::none : mode < 0.85 ? LogStyle::since_last : LogStyle::smoothed;
  style.format = static_cast<LogStyle::Format>(d.random.whole(0, LogStyle::formats - 1));
  style.rate = d.random.chance(0.55);
  style.gradient_norm = d.random.chance(0.4);
  style.loss_scale = d.setup.half_precision && d.random.chance(0.6);
  style.stops_when_bad = d.random.chance(0.4);
  style.weight_norm = d.random.chance(0.35);
  if (d.random.chance(0.25)) style.speed_seed = d.random.next() | 1;
  if (d.random.chance(0.4)) return style;
  style.rate = d.random.chance(0.35), style.gradient_norm = d.random.chance(0.12);
  style.weight_norm = d.random.chance(0.05), style.speed_seed = d.random.chance(0.1) ? 7 : 0;
  if (d.random.chance(0.25)) {
    style.epochs = true, style.averaging = LogStyle::since_last;
    style.interval = std::max(d.setup.batch > 0 ? d.setup.examples / d.setup.batch : 1, 1);
    style.interval = std::min(style.interval, static_cast<int>(records.size() / 4) + 1);
  }
  if (d.random.chance(0.5)) style.decimals = d.random.whole(2, 6);
  if (d.random.chance(0.08)) style.offset = -d.random.log_between(0.3, 3);
  style.perplexity = style.offset == 0 && d.setup.loss == LossKind::cross_entropy && d.random.chance(0.2);
  style.cutoff = style.offset == 0 && d.setup.loss == LossKind::cross_entropy && d.random.chance(0.12);
  style.parts = style.offset == 0 && !style.perplexity && d.random.chance(0.25);
  style.printed = d.random.chance(0.2) ? d.random.whole(2, 4) : 1;
  if (d.random.chance(0.06)) style.machines = d.random.whole(2, 4);
  style.evaluations = d.random.chance(0.1);
  make_excerpt(d, truth, logged_losses(records, style), style);
  return style;
}

}  // namespace

const std::vector<std::string>& truths() {
  static const std::vector<std::string> all = {"learning_rate", "collapse",     "recovering_spikes", "bad_batch",
                                               "overflow",      "domain_error", "data_or_bug",       "healthy"};
  return all;
}

SyntheticLog synthetic_log(const Digits& digits, int number) {
  constexpr bool (*kMakers[])(Draw&, Records&) = {
      too_high_rate, collapses, recovers, bad_batch, overflows, leaves_domain, broken_from_the_start, is_healthy};
  // Three of ten are of the learning rate, which is what the program is asked about.
  const auto cause = static_cast<std::size_t>(std::max(number % 10 - 2, 0));
  for (int attempt = 0;; ++attempt) {
    Draw d(digits, number, attempt);
    Records records;
    if (!kMakers[cause](d, records)) continue;
    LogStyle style = style_of(d, truths()[cause], records);
    const std::vector<double> losses = logged_losses(records, style);
    if (losses.size() < 2 || !shows(truths()[cause], losses, style)) continue;
    style.anomaly = anomaly_of(truths()[cause], d.setup.loss, style.format, number);
    SyntheticLog log{truths()[cause], d.what,       write_log(records, style),
                     style.interval,  style.epochs, style.records > 0};
    char more[160];
    std::snprintf(more, sizeof more, ", %s, batch %d, every %d, averaging %d, format %d%s%s",
                  d.setup.adam           ? "adam"
                  : d.setup.momentum > 0 ? "momentum"
                                         : "gd",
                  d.setup.batch, d.interval, style.averaging, style.format, style.rate ? ", lr" : "",
                  style.gradient_norm ? ", grad" : "");
    log.what += more;
    return log;
  }
}

}  // namespace etamax::testing
