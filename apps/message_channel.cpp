#include "message_channel.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace etamax::apps {
namespace {

/// How many bytes went over: all of them, unless the other end is gone.
template <typename Transfer, typename Byte>
std::size_t transfer_all(Transfer transfer, int socket, Byte* bytes, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = transfer(socket, bytes + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

}  // namespace

MessageChannel::~MessageChannel() { ::close(socket_); }

bool MessageChannel::send(std::string_view text) {
  const std::uint64_t size = text.size();
  char header[sizeof(size)];
  std::memcpy(header, &size, sizeof(size));
  return transfer_all(::write, socket_, header, sizeof(header)) == sizeof(header) &&
         transfer_all(::write, socket_, text.data(), text.size()) == text.size();
}

bool MessageChannel::receive(std::string& text) {
  constexpr std::uint64_t kBlock = 1 << 20;
  std::uint64_t rest = 0;
  char header[sizeof(rest)];
  if (transfer_all(::read, socket_, header, sizeof(header)) != sizeof(header)) return false;
  std::memcpy(&rest, header, sizeof(rest));
  text.clear();
  while (rest > 0) {
    const std::size_t size = std::min(rest, kBlock), from = text.size();
    text.resize(from + size);
    if (transfer_all(::read, socket_, text.data() + from, size) != size) return false;
    rest -= size;
  }
  return true;
}

}  // namespace etamax::apps
