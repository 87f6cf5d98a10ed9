#include "map_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <string_view>
#include <utility>

#include "etamax/core/format.h"
#include "etamax/files/bytes.h"

namespace etamax::apps {
namespace {

// A line that names the map, then of each pixel its fate (255: not drawn), its period, its steps and its value; numbers
// begin with their lowest byte.
constexpr StateForm kForm = {"map", "etamax map ", 2, binary_seal};
constexpr std::size_t kRecord = 1 + 1 + 4 + 8;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // more than the most pixels take, and the line
constexpr std::uint8_t kNotDrawn = 255;
constexpr double kBetweenSaves = 15;  // seconds

std::string axis_words(const MapAxis& axis) {
  return fmt::format("{}={:.17g}:{:.17g}{} ({})", axis.name, axis.from, axis.to, axis.log ? ":log" : "", axis.pixels);
}

std::string words_of(const MapProblem& problem) {
  std::string words = problem.expression() + ", " + problem.optimizer().name;
  for (std::size_t i = 0; i < problem.values().values().size(); ++i)
    words += fmt::format(" {}={:.17g}", problem.optimizer().hyperparameters[i].name, problem.values()[i]);
  if (problem.lr()) words += fmt::format(", lr {:.17g}", *problem.lr());
  words += ", from";
  for (const double x : problem.start()) words += fmt::format(" {:.17g}", x);
  return words +
         fmt::format(", {} steps, {} by {}", problem.max_steps(), axis_words(problem.x()), axis_words(problem.y()));
}

}  // namespace

MapState::MapState(std::string path, std::string map, const MapAxis& x, const MapAxis& y, FileFault told)
    : map_(std::move(map)),
      count_(static_cast<std::size_t>(x.pixels) * static_cast<std::size_t>(y.pixels)),
      file_(std::move(path), kForm, kMostBytes, std::move(told)) {}

MapState::MapState(std::string path, const MapProblem& problem, FileFault told)
    : MapState(std::move(path), words_of(problem), problem.x(), problem.y(), std::move(told)) {}

MapState::MapState(std::string path, const NetworkMapOptions& options, FileFault told)
    : MapState(std::move(path),
               fmt::format("{}, {} steps, {} by {}", options.network, options.steps, axis_words(options.x),
                           axis_words(options.y)),
               options.x, options.y, std::move(told)) {}

MapKeeping MapState::open() {
  MapKeeping keeping;
  if (!file_.is_kept()) return keeping;
  keeping.begun = read();
  since_save_ = {};
  keeping.keep = [this](const std::vector<MapPixel>& pixels) {
    if (since_save_.seconds() < kBetweenSaves) return;
    save(pixels);
    since_save_ = {};
  };
  return keeping;
}

std::vector<MapPixel> MapState::read() {
  const auto said = file_.open();
  if (!said) {
    save(std::vector<MapPixel>(count_));
    return {};
  }
  const std::string head = " " + map_ + "\n";
  const std::string_view bytes = *said;
  if (!bytes.starts_with(head)) {
    const std::string theirs(bytes.substr(0, std::min<std::size_t>(bytes.find('\n'), 200)));
    file_.refuse("is of another map: " + one_line(theirs.substr(std::min<std::size_t>(theirs.size(), 1))) + "; here " +
                 map_);
  }
  if (bytes.size() != head.size() + count_ * kRecord) file_.refuse_as_damaged();
  std::vector<MapPixel> pixels(count_);
  std::size_t at = head.size();
  for (MapPixel& pixel : pixels) {
    const std::uint64_t fate = little_endian(bytes, at, 1);
    if (fate <= static_cast<std::uint64_t>(Verdict::unclear))
      pixel = {static_cast<Verdict>(fate), true, static_cast<std::uint8_t>(little_endian(bytes, at + 1, 1)),
               static_cast<std::uint32_t>(little_endian(bytes, at + 2, 4)),
               std::bit_cast<double>(little_endian(bytes, at + 6, 8))};
    at += kRecord;
  }
  return pixels;
}

void MapState::save(const std::vector<MapPixel>& pixels) {
  if (!file_.is_kept()) return;
  std::string bytes = " " + map_ + "\n";
  bytes.reserve(bytes.size() + pixels.size() * kRecord);
  for (const MapPixel& pixel : pixels) {
    append_little_endian(bytes, pixel.drawn ? static_cast<std::uint8_t>(pixel.fate) : kNotDrawn, 1);
    append_little_endian(bytes, pixel.period, 1);
    append_little_endian(bytes, pixel.steps, 4);
    append_little_endian(bytes, std::bit_cast<std::uint64_t>(pixel.value), 8);
  }
  file_.save(std::move(bytes));
}

}  // namespace etamax::apps
