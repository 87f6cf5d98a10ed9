// Numbers of fields are those of tensorflow/core/util/event.proto, framework/summary.proto and framework/tensor.proto.
#include "etamax/diagnose/event.h"

#include <optional>

#include "etamax/diagnose/message.h"

namespace etamax {
namespace {

/// A scalar in the newer form: one element, in its typed field or as bytes.
class Tensor {
 public:
  /// Adds what the message says to what was said before.
  bool read(std::string_view bytes) {
    Message message(bytes);
    while (message.next()) {
      if (const auto type = message.integer(1)) type_ = *type;
      if (const auto content = message.bytes(4)) content_ = *content;
      if (const auto one = message.float32(5)) add(floats_, *one);
      if (const auto one = message.float64(6)) add(doubles_, *one);
      if (const auto packed = message.bytes(5); packed && !add_all<float>(floats_, *packed)) return false;
      if (const auto packed = message.bytes(6); packed && !add_all<double>(doubles_, *packed)) return false;
    }
    return !message.broken();
  }

  std::optional<double> scalar() const {
    if (floats_.count == 1) return floats_.last;
    if (doubles_.count == 1) return doubles_.last;
    if (type_ == 1 && content_.size() == sizeof(float)) return Message::number_at<float>(content_);
    if (type_ == 2 && content_.size() == sizeof(double)) return Message::number_at<double>(content_);
    return {};
  }

 private:
  struct Elements {
    std::size_t count = 0;
    double last = 0;
  };
  static void add(Elements& to, double one) {
    ++to.count;
    to.last = one;
  }
  template <typename Number>
  static bool add_all(Elements& to, std::string_view packed) {
    if (packed.size() % sizeof(Number) != 0) return false;
    for (; !packed.empty(); packed.remove_prefix(sizeof(Number))) add(to, Message::number_at<Number>(packed));
    return true;
  }

  std::uint64_t type_ = 0;  // 1 float, 2 double
  std::string_view content_;
  Elements floats_, doubles_;
};

/// One value of a summary; a picture or a histogram is none.
bool read_value(std::string_view bytes, Event& event) {
  Message message(bytes);
  std::string_view tag;
  std::optional<double> simple;
  Tensor tensor;
  bool is_tensor = false;
  while (message.next()) {
    if (const auto text = message.bytes(1)) tag = *text;
    if (const auto number = message.float32(2)) {  // it or the tensor: the last that is there
      simple = number;
      is_tensor = false;
    }
    if (const auto inside = message.bytes(8)) {
      if (!is_tensor) tensor = {};
      is_tensor = true;
      if (!tensor.read(*inside)) return false;
    }
  }
  if (message.broken()) return false;
  const std::optional<double> value = is_tensor ? tensor.scalar() : simple;
  if (value) event.scalars.push_back({tag, *value});
  return true;
}

bool read_summary(std::string_view bytes, Event& event) {
  Message message(bytes);
  while (message.next())
    if (const auto value = message.bytes(1); value && !read_value(*value, event)) return false;
  return !message.broken();
}

}  // namespace

bool parse_event(std::string_view record, Event& event) {
  event.step = 0;
  event.scalars.clear();
  Message message(record);
  while (message.next()) {
    if (const auto step = message.integer(2)) event.step = static_cast<std::int64_t>(*step);
    if (const auto summary = message.bytes(5); summary && !read_summary(*summary, event)) return false;
  }
  return !message.broken();
}

}  // namespace etamax
