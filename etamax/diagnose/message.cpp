#include "etamax/diagnose/message.h"

namespace etamax {

bool Message::varint(std::uint64_t& value) {
  constexpr int kMostBytes = 10;
  value = 0;
  for (int i = 0; i < kMostBytes && !rest_.empty(); ++i) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) return true;
  }
  return false;
}

bool Message::take(std::uint64_t count) {
  if (count > rest_.size()) return breaks();
  bytes_ = rest_.substr(0, static_cast<std::size_t>(count));
  rest_.remove_prefix(bytes_.size());
  return true;
}

bool Message::next() {
  if (rest_.empty() || broken_) return false;
  std::uint64_t key;
  if (!varint(key)) return breaks();
  number_ = key >> 3;
  kind_ = key & 7;
  if (number_ == 0 || number_ >= (1u << 29)) return breaks();
  switch (kind_) {
    case kVarint:
      return varint(bits_) || breaks();
    case kFixed64:
      return take(8);
    case kFixed32:
      return take(4);
    case kBytes:
      return varint(bits_) ? take(bits_) : breaks();
    default:  // groups, which nothing has written for many years
      return breaks();
  }
}

}  // namespace etamax
