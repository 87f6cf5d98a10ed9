#include "etamax/files/image_file.h"

#include <png.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <memory>
#include <new>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"

namespace etamax {
namespace {

constexpr std::uint64_t kMostValues = std::uint64_t{1} << 26;  // of an image: what a header says costs nothing to say

void check_size(const std::string& source, std::uint64_t width, std::uint64_t height, std::uint64_t channels) {
  if (width == 0 || height == 0 || width > kMostValues || height > kMostValues ||
      width * height > kMostValues / channels)
    throw InputError(source + ": is an image of " + std::to_string(width) + " x " + std::to_string(height) +
                     " pixels, not of 1 to 2^26 numbers");
}

/// Of numbers that lie pixel after pixel, each with `stored` channels, of which the first `kept` count.
template <typename Value>
Image image_of(std::size_t width, std::size_t height, std::size_t kept, std::size_t stored, Value value) {
  Image image{kept, height, width, std::vector<float>(kept * height * width)};
  const std::size_t pixels = height * width;
  for (std::size_t i = 0; i < pixels; ++i)
    for (std::size_t c = 0; c < kept; ++c) image.values[c * pixels + i] = value(i * stored + c);
  return image;
}

/// The numbers of a Netpbm file's header, and of a text one's body.
class Netpbm {
 public:
  Netpbm(const std::string& source, std::string_view bytes) : source_(source), bytes_(bytes) {}
  /// The next whole number, behind blanks and comments.
  std::uint64_t number(std::uint64_t most) {
    while (at_ < bytes_.size() && (is_blank(bytes_[at_]) || bytes_[at_] == '#')) {
      if (bytes_[at_] == '#')
        while (at_ < bytes_.size() && bytes_[at_] != '\n') ++at_;
      else
        ++at_;
    }
    const std::size_t from = at_;
    std::uint64_t value = 0;
    for (; at_ < bytes_.size() && bytes_[at_] >= '0' && bytes_[at_] <= '9'; ++at_) {
      value = 10 * value + static_cast<std::uint64_t>(bytes_[at_] - '0');
      if (value > most) throw InputError(source_ + ": has a number above " + std::to_string(most));
    }
    if (at_ == from) throw InputError(source_ + ": lacks a number at byte " + std::to_string(from));
    return value;
  }
  /// What follows the one blank behind the header.
  std::string_view rest() const { return bytes_.substr(std::min(at_ + 1, bytes_.size())); }
  void skip(std::size_t count) { at_ += count; }

 private:
  static bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
  const std::string& source_;
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace

Image read_png(const std::string& source, std::string_view bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, void (*)(png_image*)> freed(&image, png_image_free);
  const auto refusal = [&] {
    if (std::string_view(image.message).find("ut of memory") != std::string_view::npos) throw std::bad_alloc();
    return InputError(source + ": is no PNG image that can be read: " + std::string(image.message));
  };
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) throw refusal();
  const bool color = (image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  // Asked for with its transparency, an image keeps its colors where it is transparent.
  image.format = color ? PNG_FORMAT_RGBA : PNG_FORMAT_GA;
  const std::size_t kept = color ? 3 : 1, stored = kept + 1;
  check_size(source, image.width, image.height, stored);
  const std::uint64_t numbers = std::uint64_t{image.width} * image.height * kept;
  if (numbers > most_unpacked(bytes.size()))
    throw InputError(source + ": its " + std::to_string(bytes.size()) + " bytes unpack to " + std::to_string(numbers) +
                     " numbers, more than " + std::to_string(most_unpacked(bytes.size())) +
                     "; if that is right, convert it to .pgm or .ppm");
  std::vector<unsigned char> pixels(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr) == 0) throw refusal();
  return image_of(image.width, image.height, kept, stored,
                  [&](std::size_t i) { return static_cast<float>(pixels[i]) / 255; });
}

Image read_pnm(const std::string& source, std::string_view bytes) {
  const char kind = bytes.size() > 2 && bytes[0] == 'P' ? bytes[1] : '0';
  const bool text = kind == '2' || kind == '3', color = kind == '3' || kind == '6';
  if (!text && kind != '5' && kind != '6')
    throw InputError(source + ": is no PGM or PPM image: it must begin with P2, P3, P5 or P6");
  Netpbm file(source, bytes);
  file.skip(2);
  const std::uint64_t width = file.number(kMostValues), height = file.number(kMostValues), most = file.number(65535);
  const std::size_t channels = color ? 3 : 1;
  check_size(source, width, height, channels);
  if (most == 0) throw InputError(source + ": its largest value is 0");
  const std::size_t values = width * height * channels, bytes_each = most > 255 ? 2 : 1;
  const std::string_view rest = file.rest();
  if (rest.size() < values * (text ? 1 : bytes_each))
    throw InputError(source + ": is cut off: its header says " + std::to_string(values) + " numbers");
  const auto binary = [&](std::size_t i) {
    std::uint64_t value = 0;
    for (std::size_t k = 0; k < bytes_each; ++k)
      value = value << 8 | static_cast<unsigned char>(rest[i * bytes_each + k]);
    return static_cast<float>(value) / static_cast<float>(most);
  };
  if (!text) return image_of(width, height, channels, channels, binary);
  std::vector<float> numbers(values);
  for (float& value : numbers) value = static_cast<float>(file.number(65535)) / static_cast<float>(most);
  return image_of(width, height, channels, channels, [&](std::size_t i) { return numbers[i]; });
}

}  // namespace etamax
