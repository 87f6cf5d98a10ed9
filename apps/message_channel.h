#pragma once

#include <string>
#include <string_view>

namespace etamax::apps {

/// One end of a pair of sockets, over which texts go whole.
class MessageChannel {
 public:
  /// Takes over the socket.
  explicit MessageChannel(int socket) : socket_(socket) {}
  ~MessageChannel();
  MessageChannel(const MessageChannel&) = delete;
  MessageChannel& operator=(const MessageChannel&) = delete;

  /// False where the other end is gone.
  bool send(std::string_view text);
  /// The same; memory is taken as the text comes, whatever its length is said to be.
  bool receive(std::string& text);

 private:
  int socket_;
};

}  // namespace etamax::apps
