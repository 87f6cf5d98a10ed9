#include "log_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/interruption.h"

namespace etamax::apps {

ByteSource open_log(const std::string& path) {
  constexpr int kPatience = 100;  // milliseconds to wait for bytes before asking whether to go on
  const std::string name = path == "-" ? "standard input" : one_line(path);
  // Not waiting for a FIFO's writer here, where nobody is asked whether to go on.
  const int file = path == "-" ? dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  const auto refuse = [name](const std::string& what) {
    throw InputError(fmt::format("'{}' cannot be read: {}", name, what));
  };
  if (file < 0) refuse(std::strerror(errno));
  const std::shared_ptr<const int> closer(new int(file), [](const int* f) { close(*f), delete f; });
  struct stat status {};
  if (fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) refuse("it is a folder; give the log file in it");
  return {name, [closer, refuse](char* to, std::size_t room) {
            pollfd ready{*closer, POLLIN, 0};
            const int news = poll(&ready, 1, kPatience);
            if (news == 0 || (news < 0 && errno == EINTR)) return ByteSource::kNoneYet;
            const ssize_t count = read(*closer, to, room);
            if (count < 0 && (errno == EINTR || errno == EAGAIN)) return ByteSource::kNoneYet;
            // A terminal that is closed asks to stop, and then has an end or a fault, which is none of the log.
            if (count <= 0 && interruption_asked()) return ByteSource::kNoneYet;
            if (count < 0) refuse(std::strerror(errno));
            return static_cast<std::size_t>(count);
          }};
}

}  // namespace etamax::apps
