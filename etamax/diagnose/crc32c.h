#pragma once

#include <cstdint>
#include <string_view>

namespace etamax {

/// CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected, RFC 3720 appendix B.4), of `bytes` after those that
/// gave `crc`.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

/// As TFRecord files store it: rotated right by 15 bits, plus 0xa282ead8.
std::uint32_t masked_crc32c(std::uint32_t crc);

}  // namespace etamax
