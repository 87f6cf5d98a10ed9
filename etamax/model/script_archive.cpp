#include "etamax/model/script_archive.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/pickle.h"
#include "etamax/files/zip.h"

namespace etamax {
namespace {

/// A file's bytes, without a copy of them: models may be large.
class MappedFile {
 public:
  MappedFile(const std::string& field, const std::string& path) {
    const auto refuse = [&](const std::string& why) { throw InputError(field, path + ": " + why); };
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) refuse(std::string("cannot be read: ") + std::strerror(errno));
    struct stat found {};
    const bool plain = ::fstat(file, &found) == 0 && S_ISREG(found.st_mode);
    size_ = plain ? static_cast<std::size_t>(found.st_size) : 0;
    if (size_ > 0) bytes_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    ::close(file);
    if (!plain) refuse("is no plain file");
    if (size_ > 0 && bytes_ == MAP_FAILED) refuse(std::string("cannot be read: ") + std::strerror(errno));
  }
  ~MappedFile() {
    if (size_ > 0) ::munmap(bytes_, size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view bytes() const { return {static_cast<const char*>(bytes_), size_}; }

 private:
  void* bytes_ = nullptr;
  std::size_t size_ = 0;
};

/// Calls `look` with each member. A file beyond what is read here is left to LibTorch: no length in a pickle, of 32
/// bits, is more than such a file has.
template <typename Look>
void each_member(const std::string& field, const std::string& path, Look look) {
  const MappedFile file(field, path);
  if (file.bytes().size() >= kMostBytes || !looks_like_zip(file.bytes())) return;
  try {
    for (const ZipMember& member : zip_members(path, file.bytes())) look(member);
  } catch (const InputError& e) {
    throw e.about(field);
  }
}

}  // namespace

void check_script_archive(const std::string& field, const std::string& path) {
  std::string room;
  each_member(field, path, [&](const ZipMember& member) {
    if (member.name.ends_with("pkl")) check_pickle(path + ": " + printable(member.name), unzip(path, member, room));
  });
}

void refuse_file_access(const std::string& field, const std::string& path) {
  constexpr std::string_view kCalls[] = {"save", "from_file"}, kPlaces[] = {"torch.", "ops.aten."};
  std::string room;
  each_member(field, path, [&](const ZipMember& member) {
    if (!member.name.ends_with(".py")) return;
    const std::string_view code = unzip(path, member, room);
    for (const std::string_view call : kCalls)
      for (const std::string_view place : kPlaces)
        if (code.find(std::string(place) + std::string(call) + "(") != std::string::npos)
          throw InputError(field,
                           path + ": its code calls torch." + std::string(call) +
                               ", and a model has no right to files; where you trust it, `trust_model` gives it");
  });
}

}  // namespace etamax
