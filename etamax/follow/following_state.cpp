#include "etamax/follow/following_state.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/files/bytes.h"

namespace etamax {
namespace {

using Json = nlohmann::ordered_json;

// The length of a text and a line feed; the text, JSON; the vectors' numbers, 8 bytes each, and the run's own bytes.
// Numbers begin with their lowest byte.
constexpr StateForm kForm = {"follow", "etamax follow ", 2, binary_seal};
constexpr std::size_t kNumber = 8;
constexpr double kSavingShare = 0.02;

/// JSON has no numbers for what is not finite.
Json json_of(double x) { return std::isfinite(x) ? Json(x) : Json(fmt::format("{}", x)); }
double read_number(const Json& json) {
  return json.is_string() ? std::strtod(json.get_ref<const std::string&>().c_str(), nullptr) : json.get<double>();
}
Json json_of(const std::optional<double>& x) { return x ? json_of(*x) : Json(nullptr); }
std::optional<double> read_known(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(read_number(json));
}
Json json_of(const std::vector<double>& numbers) {
  Json list = Json::array();
  for (const double x : numbers) list.push_back(json_of(x));
  return list;
}
std::vector<double> read_numbers(const Json& json) {
  std::vector<double> numbers;
  for (const Json& x : json) numbers.push_back(read_number(x));
  return numbers;
}

Json json_of(const SharpnessLook& l) {
  return {{"step", l.step},
          {"lr", json_of(l.lr)},
          {"loss", json_of(l.loss)},
          {"sharpness", json_of(l.sharpness)},
          {"residual", json_of(l.residual)},
          {"lower", json_of(l.bounds.lower)},
          {"upper", json_of(l.bounds.upper)},
          {"edge", json_of(l.edge)},
          {"critical", json_of(l.critical)},
          {"batch_sharpness", json_of(l.batch_sharpness)},
          {"gauss_newton", json_of(l.gauss_newton)},
          {"layer", l.layer},
          {"layer_share", json_of(l.layer_share)},
          {"products", l.products}};
}

SharpnessLook read_look(const Json& l) {
  SharpnessLook look;
  look.step = l.at("step");
  look.lr = read_number(l.at("lr"));
  look.loss = read_number(l.at("loss"));
  look.sharpness = read_number(l.at("sharpness"));
  look.residual = read_number(l.at("residual"));
  look.bounds = {read_known(l.at("lower")), read_known(l.at("upper"))};
  look.edge = read_known(l.at("edge"));
  look.critical = read_known(l.at("critical"));
  look.batch_sharpness = read_known(l.at("batch_sharpness"));
  look.gauss_newton = read_known(l.at("gauss_newton"));
  look.layer = l.at("layer").get<std::string>();
  look.layer_share = read_number(l.at("layer_share"));
  look.products = l.at("products");
  return look;
}

Json json_of(const SharpnessRun& r) {
  Json looks = Json::array();
  for (const SharpnessLook& look : r.looks) looks.push_back(json_of(look));
  return {{"lr", json_of(r.lr)},
          {"steps", r.steps},
          {"lost", json_of(r.lost)},
          {"losses", json_of(r.losses)},
          {"losses_stride", r.losses_stride},
          {"looks", looks},
          {"left_out", r.left_out},
          {"training_gradients", json_of(r.training_gradients)},
          {"looking_gradients", json_of(r.looking_gradients)},
          {"training_seconds", json_of(r.training_seconds)},
          {"looking_seconds", json_of(r.looking_seconds)}};
}

/// Without what follows from the rest.
SharpnessRun read_run(const Json& r) {
  SharpnessRun run;
  run.lr = read_number(r.at("lr"));
  run.steps = r.at("steps");
  run.lost = read_known(r.at("lost"));
  run.losses = read_numbers(r.at("losses"));
  run.losses_stride = r.at("losses_stride");
  for (const Json& look : r.at("looks")) run.looks.push_back(read_look(look));
  run.left_out = r.at("left_out");
  run.training_gradients = read_number(r.at("training_gradients"));
  run.looking_gradients = read_number(r.at("looking_gradients"));
  run.training_seconds = read_number(r.at("training_seconds"));
  run.looking_seconds = read_number(r.at("looking_seconds"));
  return run;
}

Json json_of(const BatchPlace& place) { return {{"epochs", place.epochs}, {"at", place.at}}; }
BatchPlace read_place(const Json& json) { return {json.at("epochs"), json.at("at")}; }

/// The vectors and the bytes are not in it, but their lengths.
Json json_of(const TrainingUnderWay& u) {
  Json lengths = Json::array();
  for (const std::vector<double>& values : u.run.vectors) lengths.push_back(values.size());
  return {{"steps", u.training.steps},
          {"first_loss", json_of(u.training.first_loss)},
          {"losses", json_of(u.training.trace.losses)},
          {"losses_stride", u.training.trace.stride},
          {"run_steps", u.run.steps},
          {"run_batches", json_of(u.run.batches)},
          {"vectors", lengths},
          {"bytes", u.run.other.size()},
          {"look_batches", json_of(u.batches)},
          {"trail", u.trail.size()},
          {"trail_value", json_of(u.trail_value)},
          {"trail_shift", json_of(u.trail_shift)}};
}

/// Takes what lies behind the text, from its front. Throws std::out_of_range where there is less.
class Behind {
 public:
  explicit Behind(std::string_view bytes) : bytes_(bytes) {}
  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) throw std::out_of_range("cut off");
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::vector<double> numbers(std::size_t count) {
    if (count > bytes_.size() / kNumber) throw std::out_of_range("cut off");
    const std::string_view taken = take(count * kNumber);
    std::vector<double> numbers(count);
    for (std::size_t i = 0; i < count; ++i)
      numbers[i] = std::bit_cast<double>(little_endian(taken, i * kNumber, kNumber));
    return numbers;
  }
  bool empty() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

TrainingUnderWay read_under_way(const Json& u, Behind& behind) {
  TrainingUnderWay found;
  found.training.steps = u.at("steps");
  found.training.first_loss = read_number(u.at("first_loss"));
  found.training.trace = {read_numbers(u.at("losses")), u.at("losses_stride")};
  found.run.steps = u.at("run_steps");
  found.run.batches = read_place(u.at("run_batches"));
  for (const Json& length : u.at("vectors")) found.run.vectors.push_back(behind.numbers(length));
  found.run.other = behind.take(u.at("bytes"));
  found.batches = read_place(u.at("look_batches"));
  found.trail = behind.numbers(u.at("trail"));
  found.trail_value = read_number(u.at("trail_value"));
  found.trail_shift = read_number(u.at("trail_shift"));
  return found;
}

void put_behind(std::string& bytes, const TrainingUnderWay& u) {
  const auto put_numbers = [&](const std::vector<double>& numbers) {
    for (const double x : numbers) append_little_endian(bytes, std::bit_cast<std::uint64_t>(x), kNumber);
  };
  for (const std::vector<double>& values : u.run.vectors) put_numbers(values);
  bytes += u.run.other;
  put_numbers(u.trail);
}

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

bool is_sound(const FollowedSoFar& f) {
  for (const SharpnessRun& run : f.runs)
    if (run.steps < 0 || run.losses_stride < 1) return false;
  return !f.under_way || (!f.runs.empty() && f.under_way->training.steps >= 0 &&
                          f.under_way->training.trace.stride >= 1 && f.under_way->run.batches.epochs >= 0);
}

}  // namespace

FollowingState::FollowingState(std::string path, StateJob job, FileFault told)
    : job_(as_text(std::move(job))), file_(std::move(path), kForm, kMostBytes, std::move(told)) {}

FollowedSoFar FollowingState::open() {
  if (!file_.is_kept()) return {};
  const auto said = file_.open();
  if (!said) {
    save({});
    return {};
  }
  FollowedSoFar found;
  try {
    const std::size_t line = said->find('\n');
    if (line == said->npos) refuse_as_damaged();
    Behind behind(said->substr(line + 1));
    const Json json = Json::parse(behind.take(std::strtoull(std::string(said->substr(0, line)).c_str(), nullptr, 10)));
    file_.check_job(job_, [&](const std::string& name) { return json.at("job").value(name, ""); });
    const Json& cost = json.at("cost");
    found.cost.gradients = cost.at("gradients");
    found.cost.hvps = cost.at("hvps");
    found.cost.forwards = cost.at("forwards");
    found.cost.seconds = cost.at("seconds");
    for (const Json& run : json.at("runs")) found.runs.push_back(read_run(run));
    if (const Json& u = json.at("under_way"); !u.is_null()) found.under_way = read_under_way(u, behind);
    if (!behind.empty() || !is_sound(found)) refuse_as_damaged();
  } catch (const nlohmann::json::exception&) {
    refuse_as_damaged();
  } catch (const std::out_of_range&) {
    refuse_as_damaged();
  }
  return found;
}

bool FollowingState::is_due() const { return file_.is_kept() && since_save_.seconds() * kSavingShare >= save_seconds_; }

void FollowingState::save(const FollowedSoFar& so_far) {
  if (!file_.is_kept()) return;
  const Stopwatch watch;
  const Cost& cost = so_far.cost;
  Json json = {
      {"job", Json::object()},
      {"cost",
       {{"gradients", cost.gradients}, {"hvps", cost.hvps}, {"forwards", cost.forwards}, {"seconds", cost.seconds}}},
      {"runs", Json::array()},
      {"under_way", nullptr}};
  for (const auto& [name, value] : job_) json["job"][name] = value;
  for (const SharpnessRun& run : so_far.runs) json["runs"].push_back(json_of(run));
  if (so_far.under_way) json["under_way"] = json_of(*so_far.under_way);
  const std::string text = text_of(json);
  std::string bytes = fmt::format(" {}\n", text.size()) + text;
  if (so_far.under_way) put_behind(bytes, *so_far.under_way);
  file_.save(std::move(bytes));
  save_seconds_ = watch.seconds();
  since_save_ = {};
}

}  // namespace etamax
