#include "log_writer.h"

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

std::string number(double value, const char* nan) {
  if (std::isnan(value)) return nan;
  char text[40];
  std::snprintf(text, sizeof text, "%.5g", value);
  return text;
}

struct Row {
  long step;
  std::vector<std::pair<const char*, double>> values;  // loss first
};

std::vector<Row> rows_of(const std::vector<StepRecord>& records, const LogStyle& style) {
  std::vector<Row> rows;
  Random speed(style.speed_seed);
  double smooth = records.front().loss, sum = 0;
  long count = 0;
  for (std::size_t t = 0; t < records.size(); ++t) {
    const StepRecord& r = records[t];
    smooth += 0.1 * (r.loss - smooth);
    sum += r.loss, ++count;
    if (static_cast<long>(t) % style.interval != 0) continue;
    const double loss = style.averaging == LogStyle::none       ? r.loss
                        : style.averaging == LogStyle::smoothed ? smooth
                                                                : sum / static_cast<double>(count);
    sum = 0, count = 0;
    Row row{static_cast<long>(t), {{"loss", loss}}};
    if (style.rate) row.values.emplace_back(style.format == LogStyle::trainer_dict ? "learning_rate" : "lr", r.rate);
    if (style.gradient_norm) row.values.emplace_back("grad_norm", r.gradient_norm);
    if (style.loss_scale) row.values.emplace_back("loss_scale", r.loss_scale);
    if (style.weight_norm) row.values.emplace_back("weight_norm", r.weight_norm);
    if (style.speed_seed != 0) row.values.emplace_back("samples_per_second", 1000 * std::exp(0.05 * speed.normal()));
    rows.push_back(row);
    if (style.stops_when_bad && rows.size() > 1 && !std::isfinite(loss)) break;
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

std::string write_log(const std::vector<StepRecord>& records, const LogStyle& style) {
  const std::vector<Row> rows = rows_of(records, style);
  std::string text;
  std::vector<std::string> events;
  const char separator = style.format == LogStyle::tsv ? '\t' : ',';
  if (style.format == LogStyle::csv || style.format == LogStyle::tsv) {
    text = "step";
    for (const auto& [name, value] : rows.front().values) text += separator + std::string(name);
    text += "\n";
  } else if (style.format != LogStyle::jsonl) {
    text = "loading 1797 examples from digits.csv: done in 0.3 s\n";
  }
  for (const Row& row : rows) {
    const std::string step = std::to_string(row.step);
    switch (style.format) {
      case LogStyle::csv:
      case LogStyle::tsv:
        text += step;
        for (const auto& [name, value] : row.values) text += separator + number(value, "nan");
        break;
      case LogStyle::jsonl:
        text += "{\"step\": " + step;
        for (const auto& [name, value] : row.values)
          text += std::string(", \"") + name + "\": " + (std::isinf(value) ? "Infinity" : number(value, "NaN"));
        text += "}";
        break;
      case LogStyle::trainer_dict:
        text += "{";
        for (const auto& [name, value] : row.values)
          text += std::string("'") + name + "': " + number(value, "nan") + ", ";
        text += "'step': " + step + "}";
        break;
      case LogStyle::step_text:
        text += "2026-01-02 10:00:00 INFO step " + step + ":";
        for (const auto& [name, value] : row.values) text += std::string(" ") + name + " = " + number(value, "nan");
        break;
      case LogStyle::keras: {
        text += step + "/100000 [=====>........] - ETA: 5s";
        for (const auto& [name, value] : row.values) text += std::string(" - ") + name + ": " + number(value, "nan");
        text += " - accuracy: 0.5";
        break;
      }
      case LogStyle::pipes:
        text += "\x1b[32miter " + step + "\x1b[0m";
        for (const auto& [name, value] : row.values) text += std::string(" | ") + name + " " + number(value, "NaN");
        break;
      case LogStyle::event_file: {
        std::vector<std::pair<std::string, double>> scalars;
        for (const auto& [name, value] : row.values) scalars.emplace_back(std::string("train/") + name, value);
        events.push_back(event_bytes(row.step, scalars));
        break;
      }
    }
    text += style.format == LogStyle::keras ? "\r" : "\n";
  }
  return style.format == LogStyle::event_file ? event_file(events) : text;
}

}  // namespace etamax::testing
