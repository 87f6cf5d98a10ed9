#include "log_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace etamax::testing {
namespace {

std::uint32_t bitwise_crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffu;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
  }
  return ~crc;
}

template <typename T>
std::string raw(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string masked(std::string_view bytes) {
  const std::uint32_t crc = bitwise_crc32c(bytes);
  return raw<std::uint32_t>(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
}

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes += static_cast<char>(value | 128);
  return bytes + static_cast<char>(value);
}

/// A field of wire type 2: its number, its length, its bytes.
std::string lengthy(int field, const std::string& bytes) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(bytes.size()) + bytes;
}

std::string number(double value, const char* nan, int decimals = -1) {
  if (std::isnan(value)) return nan;
  char text[400];
  if (decimals >= 0)
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
  else
    std::snprintf(text, sizeof text, "%.5g", value);
  return text;
}

struct Row {
  long step;
  std::vector<std::pair<const char*, double>> values;  // loss first
};

/// Only where the losses have names.
bool has_parts(const LogStyle& style) {
  return style.parts && style.format != LogStyle::bare && style.format != LogStyle::csv &&
         style.format != LogStyle::tsv;
}

std::vector<Row> rows_of(const std::vector<StepRecord>& records, const LogStyle& style) {
  std::vector<Row> rows;
  Random speed(style.speed_seed);
  double smooth = records.front().loss, sum = 0;
  long count = 0;
  for (std::size_t t = 0; t < records.size(); ++t) {
    const StepRecord& r = records[t];
    smooth += 0.1 * (r.loss - smooth);
    sum += r.loss, ++count;
    if ((static_cast<long>(t) + (style.epochs ? 1 : 0)) % style.interval != 0) continue;
    double loss = style.averaging == LogStyle::none       ? r.loss
                  : style.averaging == LogStyle::smoothed ? smooth
                                                          : sum / static_cast<double>(count);
    constexpr double kHighest = 87.3365;  // -ln of it
    if (style.cutoff && !(loss < kHighest)) loss = kHighest;
    sum = 0, count = 0;
    const double shown = style.perplexity ? std::exp(std::min(loss, 100.0)) : loss + style.offset;
    const long count_of = style.epochs ? static_cast<long>(rows.size()) + 1 : static_cast<long>(t);
    Row row{count_of, {{style.perplexity ? "ppl" : "loss", shown}}};
    if (has_parts(style)) {
      const double penalty = 1e-4 * r.weight_norm * r.weight_norm;
      row.values = {{"total_loss", shown + penalty}, {"loss_cls", shown}, {"loss_reg", penalty}};
    }
    if (style.rate) row.values.emplace_back(style.format == LogStyle::trainer_dict ? "learning_rate" : "lr", r.rate);
    if (style.gradient_norm) row.values.emplace_back("grad_norm", r.gradient_norm);
    if (style.loss_scale) row.values.emplace_back("loss_scale", r.loss_scale);
    if (style.weight_norm) row.values.emplace_back("weight_norm", r.weight_norm);
    if (style.speed_seed != 0) row.values.emplace_back("samples_per_second", 1000 * std::exp(0.05 * speed.normal()));
    rows.push_back(row);
    if (style.stops_when_bad && rows.size() > 1 && !std::isfinite(loss)) break;
  }
  if (style.records > 0) {
    const std::size_t first = std::min(style.first, rows.size());
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(first));
    if (rows.size() > style.records) rows.resize(style.records);
  }
  return rows;
}

}  // namespace

std::string tf_record(std::string_view data) {
  const std::string length = raw<std::uint64_t>(data.size());
  return length + masked(length) + std::string(data) + masked(data);
}

std::string event_bytes(long step, const std::vector<std::pair<std::string, double>>& scalars) {
  std::string summary;
  for (const auto& [tag, value] : scalars)
    summary += lengthy(1, lengthy(1, tag) + static_cast<char>(2 << 3 | 5) + raw(static_cast<float>(value)));
  return std::string(1, 1 << 3 | 1) + raw(1.7e9) + static_cast<char>(2 << 3) +
         varint(static_cast<std::uint64_t>(step)) + lengthy(5, summary);
}

std::string event_file(const std::vector<std::string>& events) {
  std::string file = tf_record(std::string(1, 1 << 3 | 1) + raw(1.7e9) + lengthy(3, "brain.Event:2"));
  for (const std::string& event : events) file += tf_record(event);
  return file;
}

std::vector<double> logged_losses(const std::vector<StepRecord>& records, const LogStyle& style) {
  std::vector<double> losses;
  for (const Row& row : rows_of(records, style)) losses.push_back(row.values.front().second);
  return losses;
}

namespace {

/// The line of a record, without its end. `count` is the name of its counter.
std::string line_of(const Row& row, const LogStyle& style, const std::string& count) {
  std::string text;
  const std::string step = std::to_string(row.step);
  const char* nan = style.format == LogStyle::jsonl || style.format == LogStyle::pipes ? "NaN" : "nan";
  std::vector<std::pair<std::string, std::string>> values;
  for (const auto& [name, value] : row.values)
    values.emplace_back(name, number(value, nan, values.empty() ? style.decimals : -1));
  const auto all = [&](const std::string& before, const std::string& between, const std::string& after) {
    for (const auto& [name, value] : values) text += before + name + between + value + after;
  };
  switch (style.format) {
    case LogStyle::csv:
    case LogStyle::tsv:
      text = step;
      for (const auto& [name, value] : values) text += (style.format == LogStyle::tsv ? "\t" : ",") + value;
      break;
    case LogStyle::jsonl:
      text = "{\"" + count + "\": " + step;
      for (const auto& [name, value] : values)
        text += ", \"" + name + "\": " + (value == "inf" ? "Infinity" : value == "-inf" ? "-Infinity" : value);
      text += "}";
      break;
    case LogStyle::trainer_dict:
      text = "{";
      all("'", "': ", ", ");
      text += "'" + count + "': " + step + "}";
      break;
    case LogStyle::step_text:
      text = "2026-01-02 10:00:00 INFO " + count + " " + step + ":";
      all(" ", " = ", "");
      break;
    case LogStyle::keras:
      text = step + "/100000 [=====>........] - ETA: 5s";
      all(" - ", ": ", "");
      text += " - accuracy: 0.5";
      break;
    case LogStyle::pipes:
      text = "\x1b[32m" + count + " " + step + "\x1b[0m";
      all(" | ", " ", "");
      break;
    case LogStyle::bar:
      text = "Train:  12%|#2        | " + step + "/100000 [00:12<01:20,  4.05it/s";
      all(", ", "=", "");
      text += "]";
      break;
    case LogStyle::bare:
      text = step;
      for (const auto& [name, value] : values) text += " " + value;
      break;
    case LogStyle::event_file:
      break;
  }
  return text;
}

}  // namespace

std::string anomaly_of(const std::string& truth, LossKind loss, LogStyle::Format format, int number) {
  Random random(static_cast<std::uint64_t>(number) * 1000 + 999);
  const bool text = format == LogStyle::trainer_dict || format == LogStyle::step_text || format == LogStyle::keras ||
                    format == LogStyle::pipes || format == LogStyle::bar;
  if (!text || !random.chance(0.4)) return "";
  if (truth == "domain_error") return "LogBackward0";
  if (truth == "overflow") return "MulBackward0";
  // Infinite activations give inf - inf in a product, or NaN in the loss; one that is written out, -log(p), a log(0).
  if (loss == LossKind::squared) return random.chance(0.5) ? "PowBackward0" : "AddmmBackward0";
  return random.chance(0.3) ? "LogBackward0" : random.chance(0.5) ? "LogSoftmaxBackward0" : "AddmmBackward0";
}

std::string write_log(const std::vector<StepRecord>& records, const LogStyle& style) {
  std::vector<Row> rows = rows_of(records, style);
  const auto bad =
      std::find_if(rows.begin(), rows.end(), [](const Row& row) { return !std::isfinite(row.values.front().second); });
  const bool stops = !style.anomaly.empty() && bad != rows.end() && bad - rows.begin() >= 2;
  if (stops) rows.erase(bad, rows.end());
  std::string text;
  std::vector<std::string> events;
  const std::string count = style.epochs ? "epoch" : style.format == LogStyle::pipes ? "iter" : "step";
  const bool whole = style.records == 0;
  if (style.format == LogStyle::csv || style.format == LogStyle::tsv) {
    text = count;
    for (const auto& [name, value] : rows.front().values)
      text += (style.format == LogStyle::tsv ? "\t" : ",") + std::string(name);
    text = whole || style.rate ? text + "\n" : "";
  } else if (style.format != LogStyle::jsonl && style.format != LogStyle::bare && whole) {
    text = "loading 1797 examples from digits.csv: done in 0.3 s\n";
  }
  std::string before;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (style.format == LogStyle::event_file) {
      std::vector<std::pair<std::string, double>> scalars;
      for (const auto& [name, value] : rows[i].values) scalars.emplace_back(std::string("train/") + name, value);
      events.push_back(event_bytes(rows[i].step, scalars));
      continue;
    }
    const std::string line = line_of(rows[i], style, count);
    const bool bar = style.format == LogStyle::keras || style.format == LogStyle::bar;
    for (int again = 1; bar && again < style.printed; ++again) text += line + "\r";
    for (int machine = 0; machine < style.machines; ++machine)
      text += (style.machines > 1 ? "[rank" + std::to_string(machine) + "] " : "") + line +
              (style.format == LogStyle::keras && whole ? "\r" : "\n");
    if (style.evaluations && i % 5 == 4)
      text += "validation loss: " + number(rows[i].values.front().second, "nan") + "\n";
  }
  if (stops) text += "RuntimeError: Function '" + style.anomaly + "' returned nan values in its 0th output.\n";
  return style.format == LogStyle::event_file ? event_file(events) : text;
}

}  // namespace etamax::testing
