#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Zip files, as far as NumPy and PyTorch write them: stored or deflated, not encrypted, below 4 GB.
namespace etamax {

struct ZipMember {
  std::string name;
  std::string_view packed;  ///< within the bytes that were given to zip_members
  std::size_t size = 0;     ///< unpacked
  bool deflated = false;
  std::uint32_t crc = 0;
};

bool looks_like_zip(std::string_view bytes);

/// What the file's directory lists. Throws InputError with `source`, place and reason.
std::vector<ZipMember> zip_members(const std::string& source, std::string_view bytes);

/// One member's content, its size and checksum verified. Throws InputError, also for what unpacks to more
/// than most_unpacked().
std::string unzip(const std::string& source, const ZipMember& member);

}  // namespace etamax
