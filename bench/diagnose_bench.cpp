// How fast a log is read: 100 MB of each format from memory, by the reader and into the bounded table. The
// claim is at least 200 MB/s, so at most 500 ms. `long_line` is CSV without a newline, `progress` a progress
// bar of carriage returns.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "../tests/diagnose/log_writer.h"
#include "etamax/diagnose/format.h"

namespace {

constexpr std::size_t kBytes = 100'000'000;

/// Records made by `record`, up to 100 MB of them. A thousand different ones in turn, with the step running
/// on.
template <typename Record>
std::string log_of(const std::string& header, Record record) {
  std::string log = header;
  log.reserve(kBytes + 1000);
  for (long step = 0; log.size() < kBytes; ++step)
    log += record(step, 0.5 + 1.0 / static_cast<double>(1 + step % 1000));
  return log;
}

std::string make(const std::string& kind) {
  if (kind == "csv")
    return log_of("step,loss,lr,grad_norm\n",
                  [](long s, double l) { return fmt::format("{},{:.6f},0.001,{:.5f}\n", s, l, 2 * l); });
  if (kind == "json")
    return log_of("", [](long s, double l) {
      return fmt::format("{{\"step\": {}, \"loss\": {:.6f}, \"lr\": 0.001, \"grad_norm\": {:.5f}}}\n", s, l, 2 * l);
    });
  if (kind == "text")
    return log_of("", [](long s, double l) {
      return fmt::format("2026-01-02 10:00:00 INFO step {}: loss = {:.6f} | lr 0.001 | grad_norm {:.5f}\n", s, l,
                         2 * l);
    });
  if (kind == "progress")
    return log_of("", [](long s, double l) {
      return fmt::format("{}/90000000 [=====>........] - ETA: 5s - loss: {:.5f} - accuracy: 0.51\r", s, l);
    });
  if (kind == "long_line") return std::string(kBytes, '7');
  const std::string first = etamax::testing::event_file({});
  return log_of(first, [](long s, double l) {
    return etamax::testing::tf_record(
        etamax::testing::event_bytes(s, {{"train/loss", l}, {"train/lr", 0.001}, {"train/grad_norm", 2 * l}}));
  });
}

void read_log(benchmark::State& state, const std::string& kind) {
  const std::string log = make(kind);
  const std::string format = kind == "progress" ? "text" : kind == "long_line" ? "csv" : kind;
  for ([[maybe_unused]] auto iteration : state) {
    etamax::ByteSource source = etamax::ByteSource::memory(log);
    etamax::LogTable table("", "");
    etamax::log_format(format, source).read(source, table);
    if (source.taken() != static_cast<long long>(log.size())) return state.SkipWithError("not read to its end");
  }
  state.SetBytesProcessed(
      static_cast<std::int64_t>(state.iterations() * static_cast<benchmark::IterationCount>(log.size())));
}

}  // namespace

int main(int argc, char** argv) {
  for (const std::string kind : {"csv", "json", "text", "progress", "tensorboard", "long_line"})
    benchmark::RegisterBenchmark(("read_100MB/" + kind).c_str(), read_log, kind)
        ->Unit(benchmark::kMillisecond)
        ->Repetitions(5)
        ->ReportAggregatesOnly();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
