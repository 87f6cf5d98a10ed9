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

/// What the file's directory lists. Throws InputError with `source`, place and reason; among others where the members
/// unpack to more than most_unpacked() of the file.
std::vector<ZipMember> zip_members(const std::string& source, std::string_view bytes);

/// One member's content, its size and checksum verified: where it lies if it is stored, else unpacked into `room`.
/// Throws InputError.
std::string_view unzip(const std::string& source, const ZipMember& member, std::string& room);

}  // namespace etamax
