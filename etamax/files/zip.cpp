#include "etamax/files/zip.h"

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"

namespace etamax {
namespace {

// The records' fixed parts, by the letters that begin them (PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12
// and 4.3.16).
constexpr std::string_view kLocal = "PK\3\4", kCentral = "PK\1\2", kEnd = "PK\5\6";
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kLongestComment = 65535;
constexpr std::uint64_t kInAnotherRecord = 0xffffffff;  // a zip64 file says so

}  // namespace

bool looks_like_zip(std::string_view bytes) { return bytes.starts_with(kLocal) || bytes.starts_with(kEnd); }

std::vector<ZipMember> zip_members(const std::string& source, std::string_view bytes) {
  const auto refuse = [&](const std::string& why) -> InputError { return InputError(source + ": " + why); };
  if (bytes.size() < kEndSize) throw refuse("is no whole zip file");
  const std::size_t last = bytes.size() - kEndSize;
  const std::size_t end = bytes.rfind(kEnd, last);
  if (end == std::string_view::npos || last - end > kLongestComment)
    throw refuse("is no whole zip file: it has no directory at its end");
  const std::size_t count = little_endian(bytes, end + 10, 2);
  std::size_t at = little_endian(bytes, end + 16, 4);
  if (at == kInAnotherRecord || count == 0xffff)
    throw refuse("is a zip file of 4 GB or 65,535 members, which is not read");

  std::vector<ZipMember> members;
  std::size_t unpacked = 0;  // of all members, of which several may claim the same bytes
  for (std::size_t i = 0; i < count; ++i) {
    const auto damaged = [&](const std::string& why) {
      return refuse("member " + std::to_string(i + 1) + " of its directory " + why);
    };
    if (at > end || end - at < kCentralSize || bytes.substr(at, 4) != kCentral) throw damaged("is damaged");
    const auto field = [&](std::size_t offset, std::size_t size) { return little_endian(bytes, at + offset, size); };
    const std::size_t flags = field(8, 2), method = field(10, 2), packed = field(20, 4), name_size = field(28, 2);
    const std::size_t others = field(30, 2) + field(32, 2), local = field(42, 4);
    if (end - at - kCentralSize < name_size + others) throw damaged("is damaged");
    ZipMember member;
    member.name = bytes.substr(at + kCentralSize, name_size);
    member.crc = static_cast<std::uint32_t>(field(16, 4));
    member.size = field(24, 4);
    at += kCentralSize + name_size + others;
    const std::string called = "('" + printable(member.name) + "') ";
    if ((flags & 1) != 0) throw damaged(called + "is encrypted");
    if (method != 0 && method != 8)
      throw damaged(called + "is packed in a way that is not read; it must be stored or deflated");
    if (packed == kInAnotherRecord || member.size == kInAnotherRecord || local == kInAnotherRecord)
      throw damaged(called + "is of 4 GB or more, which is not read");
    member.deflated = method == 8;
    if (local > end || end - local < kLocalSize || bytes.substr(local, 4) != kLocal)
      throw damaged(called + "is not where it says");
    const std::size_t begin =
        local + kLocalSize + little_endian(bytes, local + 26, 2) + little_endian(bytes, local + 28, 2);
    if (begin > end || end - begin < packed) throw damaged(called + "is cut off");
    member.packed = bytes.substr(begin, packed);
    if (!member.deflated && member.size != packed) throw damaged(called + "is damaged: its sizes disagree");
    unpacked += member.size;
    members.push_back(std::move(member));
  }
  if (unpacked > most_unpacked(bytes.size()))
    throw refuse("its " + std::to_string(bytes.size()) + " bytes unpack to " + std::to_string(unpacked) +
                 ", more than " + std::to_string(most_unpacked(bytes.size())) +
                 "; if that is right, write it uncompressed");
  return members;
}

std::string_view unzip(const std::string& source, const ZipMember& member, std::string& room) {
  const std::string where = source + ": " + printable(member.name);
  if (member.deflated) room = inflate_exactly(where, member.packed, member.size);
  const std::string_view content = member.deflated ? room : member.packed;
  if (crc32_of(content) != member.crc) throw InputError(where + ": is damaged: its checksum does not fit");
  return content;
}

}  // namespace etamax
