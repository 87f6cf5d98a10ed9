// TensorBoard event files: TFRecords (length, checksum of it, data, checksum of that) of protocol buffers.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "etamax/diagnose/crc32c.h"
#include "etamax/diagnose/event.h"
#include "etamax/diagnose/format.h"
#include "etamax/diagnose/message.h"

namespace etamax::readers {
namespace {

constexpr std::size_t kHeader = 12, kFooter = 4;
constexpr std::uint64_t kMostScalar = ByteSource::kBuffer - kHeader - kFooter;  // larger records are pictures or graphs

bool sound_header(std::string_view header) {
  return Message::number_at<std::uint32_t>(header.substr(8)) == masked_crc32c(crc32c(header.substr(0, 8)));
}

class EventReader {
 public:
  EventReader(ByteSource& bytes, LogTable& table) : bytes_(bytes), table_(table) {}

  void run() {
    while (record()) ++records_;
    if (!fault_.empty())
      table_.remark(
          fmt::format("{}; the {} whole records before it, {} bytes, were read", fault_, records_, sound_bytes_));
    if (damaged_ > 0)
      table_.remark(fmt::format("{} of {} records fail their checksum, and were left out", damaged_, records_));
  }

 private:
  /// False where the file ends, or nothing after can be read.
  bool record() {
    const std::string_view header = bytes_.peek(kHeader);
    if (header.empty()) return false;
    if (header.size() < kHeader) return fails("the file breaks off inside a record");
    if (!sound_header(header))
      return fails(fmt::format("the length of the record at byte {} fails its checksum", bytes_.taken()));
    const auto length = Message::number_at<std::uint64_t>(header);
    if (length > kMostScalar) return skip(length);
    const std::size_t whole = kHeader + static_cast<std::size_t>(length) + kFooter;
    const std::string_view all = bytes_.peek(whole);
    if (all.size() < whole) return fails("the file breaks off inside a record");
    const std::string_view data = all.substr(kHeader, static_cast<std::size_t>(length));
    if (Message::number_at<std::uint32_t>(all.substr(kHeader + data.size())) != masked_crc32c(crc32c(data)))
      ++damaged_;
    else
      event(data);
    bytes_.take(whole);
    sound_bytes_ = bytes_.taken();
    return true;
  }

  bool fails(const std::string& fault) {
    fault_ = fault;
    while (!bytes_.available().empty()) bytes_.take(bytes_.available().size());
    return false;
  }

  /// A record that is larger than a scalar can be: only its checksum is of interest.
  bool skip(std::uint64_t length) {
    bytes_.take(kHeader);
    std::uint32_t crc = 0;
    while (length > 0) {
      const std::string_view part =
          bytes_.available().substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(length, ByteSource::kBuffer)));
      if (part.empty()) return fails("the file breaks off inside a record");
      crc = crc32c(part, crc);
      length -= part.size();
      bytes_.take(part.size());
    }
    const std::string_view footer = bytes_.peek(kFooter);
    if (footer.size() < kFooter) return fails("the file breaks off inside a record");
    if (Message::number_at<std::uint32_t>(footer) != masked_crc32c(crc)) ++damaged_;
    bytes_.take(kFooter);
    sound_bytes_ = bytes_.taken();
    return true;
  }

  void event(std::string_view data) {
    if (!parse_event(data, event_)) {
      ++damaged_;
      return;
    }
    for (const Event::Scalar& scalar : event_.scalars) table_.put(table_.column(scalar.tag), scalar.value);
    table_.end_record(static_cast<double>(event_.step));
  }

  ByteSource& bytes_;
  LogTable& table_;
  Event event_;  // reused: its memory is
  long records_ = 0, damaged_ = 0;
  long long sound_bytes_ = 0;
  std::string fault_;
};

double likeness(std::string_view beginning) {
  if (beginning.size() < kHeader) return 0;
  if (sound_header(beginning)) return 1;
  // A damaged first record still names the format.
  return beginning.substr(0, 64).find("brain.Event:") != std::string_view::npos ? 1 : 0;
}

void read(ByteSource& bytes, LogTable& table) { EventReader(bytes, table).run(); }

}  // namespace

FormatSpec tensorboard() { return {"tensorboard", "a TensorBoard event file", likeness, read}; }

}  // namespace etamax::readers
