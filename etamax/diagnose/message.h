#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace etamax {

/// A message of protocol buffers, field by field, by the published encoding. The library of that name is not used: one
/// process may hold only one version of it, and a training script has its own.
///
///     Message message(bytes);
///     while (message.next())
///       if (const auto text = message.bytes(1)) ...
///     if (message.broken()) ...
class Message {
 public:
  explicit Message(std::string_view bytes) : rest_(bytes) {}

  /// Goes to the next field. False at the end, and where the message is broken.
  bool next();
  bool broken() const { return broken_; }

  /// The field's value, where it has that number and that kind.
  std::optional<std::uint64_t> integer(unsigned number) const { return is(number, kVarint) ? some(bits_) : none(); }
  std::optional<double> float32(unsigned number) const {
    return is(number, kFixed32) ? std::optional<double>(number_at<float>(bytes_)) : std::nullopt;
  }
  std::optional<double> float64(unsigned number) const {
    return is(number, kFixed64) ? std::optional<double>(number_at<double>(bytes_)) : std::nullopt;
  }
  /// Text, a message inside this one, numbers one behind the other.
  std::optional<std::string_view> bytes(unsigned number) const {
    return is(number, kBytes) ? std::optional(bytes_) : std::nullopt;
  }

  /// The first bytes as a number: little-endian, as are the machines that this is built for.
  template <typename Number>
  static Number number_at(std::string_view bytes) {
    Number number;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
  }

 private:
  enum Kind : unsigned { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
  static std::optional<std::uint64_t> some(std::uint64_t x) { return x; }
  static std::optional<std::uint64_t> none() { return {}; }
  bool is(unsigned number, Kind kind) const { return number_ == number && kind_ == kind; }
  bool varint(std::uint64_t& value);
  bool take(std::uint64_t count);
  bool breaks() { return broken_ = true, false; }

  std::string_view rest_, bytes_;
  std::uint64_t number_ = 0, bits_ = 0;
  unsigned kind_ = 0;
  bool broken_ = false;
};

}  // namespace etamax
