#include "map_state.h"

#include <fmt/format.h>

#include <bit>
#include <string_view>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/files/bytes.h"

namespace etamax::apps {
namespace {

// A line that names the map, then of each pixel its fate (255: not drawn), its steps and its value, then a checksum of
// all that; numbers begin with their lowest byte.
constexpr std::string_view kMagic = "etamax map 1 ";
constexpr std::size_t kRecord = 1 + 4 + 8, kChecksum = 4;
constexpr std::uint8_t kNotDrawn = 255;

void put(std::string& bytes, std::uint64_t number, int count) {
  for (int k = 0; k < count; ++k) bytes += static_cast<char>(number >> (8 * k) & 255);
}

std::string axis_words(const MapAxis& axis) {
  return fmt::format("{}={:.17g}:{:.17g}{} ({})", axis.name, axis.from, axis.to, axis.log ? ":log" : "", axis.pixels);
}

}  // namespace

MapState::MapState(std::string path, const NetworkMapOptions& options)
    : path_(std::move(path)),
      map_(fmt::format("{}, {} steps, {} by {}", options.network, options.steps, axis_words(options.x),
                       axis_words(options.y))),
      count_(static_cast<std::size_t>(options.x.pixels) * static_cast<std::size_t>(options.y.pixels)) {}

std::vector<MapPixel> MapState::open() {
  if (path_.empty()) return {};
  const auto refuse = [&](const std::string& why) { return InputError("state", path_ + ": " + why); };
  const std::string head = std::string(kMagic) + map_ + "\n";
  const std::size_t size = head.size() + count_ * kRecord + kChecksum;
  file_.emplace("state", path_, std::max(size, std::size_t{1} << 30),
                "another map uses this state; wait for its end, or name another file");
  const std::string& content = file_->content();
  if (content.empty()) {
    save(std::vector<MapPixel>(count_));
    return {};
  }
  if (!content.starts_with(kMagic)) throw refuse("is no state of etamax map; name a new file, or one that it wrote");
  if (!content.starts_with(head)) {
    const std::string theirs = content.substr(kMagic.size(), content.find('\n') - kMagic.size());
    throw refuse("is of another map: " + one_line(theirs.substr(0, 200)) + "; here " + map_);
  }
  const std::string_view bytes = content;
  if (bytes.size() != size ||
      little_endian(bytes, size - kChecksum, kChecksum) != crc32_of(bytes.substr(0, size - kChecksum)))
    throw refuse("is damaged: its checksum does not fit; name a new file");
  std::vector<MapPixel> pixels(count_);
  std::size_t at = head.size();
  for (MapPixel& pixel : pixels) {
    const std::uint64_t fate = little_endian(bytes, at, 1);
    if (fate <= static_cast<std::uint64_t>(Verdict::unclear))
      pixel = {static_cast<Verdict>(fate), true, 0, static_cast<std::uint32_t>(little_endian(bytes, at + 1, 4)),
               std::bit_cast<double>(little_endian(bytes, at + 5, 8))};
    at += kRecord;
  }
  return pixels;
}

void MapState::save(const std::vector<MapPixel>& pixels) {
  if (!file_) return;
  std::string bytes = std::string(kMagic) + map_ + "\n";
  bytes.reserve(bytes.size() + pixels.size() * kRecord + kChecksum);
  for (const MapPixel& pixel : pixels) {
    put(bytes, pixel.drawn ? static_cast<std::uint8_t>(pixel.fate) : kNotDrawn, 1);
    put(bytes, pixel.steps, 4);
    put(bytes, std::bit_cast<std::uint64_t>(pixel.value), 8);
  }
  put(bytes, crc32_of(bytes), kChecksum);
  file_->replace(bytes);
}

}  // namespace etamax::apps
