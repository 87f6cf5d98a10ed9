#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Files as bytes. `source` names the file in what is thrown.
namespace etamax {

/// What a file may hold, unpacked: 4 GiB.
inline constexpr std::size_t kMostBytes = std::size_t{1} << 32;

/// What the `packed` bytes of a file may unpack to, all together, before they are taken for a bomb: 100 times their
/// number, or 16 MiB where that is more. Tables, images and weights pack 2 to 20 times; rows that are almost all zeros
/// may pass the limit, and can be had uncompressed.
std::size_t most_unpacked(std::size_t packed);

/// A whole file, gunzipped where it is gzipped. Throws InputError, also where there is more than `limit`, and
/// Interrupted.
std::string read_whole_file(const std::string& path, std::size_t limit = kMostBytes);

/// Gunzips all of `compressed`, which may be several streams end to end. Throws InputError where it is not
/// whole, or holds more than `limit` bytes.
std::string gunzip(const std::string& source, std::string_view compressed, std::size_t limit);

/// Unpacks a bare deflate stream, as in zip files, of exactly `size` bytes. Throws InputError.
std::string inflate_exactly(const std::string& source, std::string_view compressed, std::size_t size);

/// The checksum of zip and gzip.
std::uint32_t crc32_of(std::string_view bytes);

/// An unsigned number of `count` <= 8 bytes at `at`, which must lie within `bytes`.
std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t count);
/// Its inverse: puts the number's `count` lowest bytes behind `bytes`.
void append_little_endian(std::string& bytes, std::uint64_t number, std::size_t count);
std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t count);

/// For messages: at most 40 letters of `text`, what cannot be printed as '?'.
std::string printable(std::string_view text);

}  // namespace etamax
