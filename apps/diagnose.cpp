#include "etamax/diagnose/diagnose.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include "etamax/core/error.h"
#include "etamax/optim/options.h"
#include "etamax/report/diagnosis.h"
#include "log_source.h"
#include "options.h"
#include "status.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

class Diagnose : public Verb {
 public:
  Fields fields() override {
    const Field log = {Group::problem,
                       "log",
                       &log_,
                       "Training log; - reads the standard input",
                       {},
                       {.placeholder = "LOG", .positional = true, .required = true}};
    const Field follow = {
        Group::runs, "follow", &follow_,
        "Read the log as it grows, and say when the verdict changes; until Ctrl-C, or with `check` until "
        "the learning rate is named"};
    const Field check_rate = {Group::output, "check", &check_, "Exit with status 4 where the learning rate is named"};
    return Fields{log} + etamax::fields(options_) + etamax::fields(optimizer_) + apps::fields(execution_) +
           Fields{follow, check_rate} + apps::fields(output_, names_of(diagnosis_pictures()));
  }

  int run() override {
    check(output_);
    check_spares("output", output_.output, "log", log_ == "-" ? "/dev/stdin" : log_);
    options_.optimizer = optimizer_.name();
    options_.settings = optimizer_.settings();
    Status status(output_.quiet);
    status.stage("reading the log");
    options_.progress = progress_of(status);
    const Diagnosis answer = follow_ ? followed(status) : read();
    status.clear();
    const int delivered = deliver(answer, output_);
    if (delivered != 0 || !check_) return delivered;
    return answer.verdict == LogVerdict::learning_rate ? kLearningRate : 0;
  }

 private:
  static constexpr int kLearningRate = 4;

  Diagnosis read() const {
    ByteSource log = open_log(log_);
    return diagnose(log, options_);
  }

  /// The answer to the log as it is when the following ends; partial where that is because the user asked to stop.
  Diagnosis followed(Status& status) const {
    if (log_ != "-" && !std::filesystem::exists(log_)) return read();  // which says so
    if (!log_state()) throw InputError("follow", "needs a file that grows, not a pipe or a folder");
    std::optional<Diagnosis> answer;
    LogState known;
    for (; going_on(); wait()) {
      const std::optional<LogState> state = log_state();
      if (!state || *state == known) continue;
      known = *state;
      std::optional<Diagnosis> news;
      try {
        news = read();
      } catch (const InputError&) {  // not enough of it yet
        continue;
      } catch (const Interrupted&) {
        break;
      }
      if (news->partial) break;
      if (!answer || news->verdict != answer->verdict) say(*news, status);
      answer = std::move(news);
      if (check_ && answer->verdict == LogVerdict::learning_rate) break;
    }
    if (!answer) return read();
    answer->partial = !going_on();
    return *answer;
  }

  struct LogState {
    std::uintmax_t size = 0;
    std::filesystem::file_time_type written = {};
    bool operator==(const LogState&) const = default;
  };

  /// None where there is no file at the moment, as while a log is rotated.
  std::optional<LogState> log_state() const {
    std::error_code missing;
    if (!std::filesystem::is_regular_file(log_, missing)) return {};
    const LogState state{std::filesystem::file_size(log_, missing), std::filesystem::last_write_time(log_, missing)};
    return missing ? std::nullopt : std::optional(state);
  }

  bool going_on() const { return options_.progress(0); }

  /// Between two looks at the file, half a second, as long as nobody asks to stop.
  void wait() const {
    for (int i = 0; i < 10 && going_on(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }

  void say(const Diagnosis& answer, Status& status) const {
    if (output_.quiet || output_.json) return;
    status.clear();
    const auto& samples = answer.loss.samples;
    print((samples.empty() ? "" : format_number(samples.back().step, 12) + ": ") + answer.reason + "\n");
    std::fflush(stdout);
  }

  std::string log_;
  bool follow_ = false, check_ = false;
  DiagnoseOptions options_;
  OptimizerOptions optimizer_;
  ExecutionOptions execution_;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<Verb> make_diagnose() { return std::make_unique<Diagnose>(); }

}  // namespace etamax::apps
