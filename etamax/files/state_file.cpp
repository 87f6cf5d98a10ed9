#include "etamax/files/state_file.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/files/bytes.h"

namespace etamax {

std::string binary_seal(std::string_view bytes) {
  constexpr std::size_t kBytes = 4;
  std::string seal;
  append_little_endian(seal, crc32_of(bytes), kBytes);
  return seal;
}

StateJob as_text(StateJob job) {
  using Json = nlohmann::json;
  for (auto& [name, value] : job)
    value = Json::parse(Json(value).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
  return job;
}

StateFile::StateFile(std::string path, const StateForm& form, std::size_t most, FileFault told)
    : path_(std::move(path)), form_(form), most_(most), told_(std::move(told)) {}

void StateFile::refuse(const std::string& why) const { throw InputError("state", path_ + ": " + why); }

std::optional<std::string_view> StateFile::open() {
  if (!is_kept()) return std::nullopt;
  const std::string verb = form_.verb;
  file_.emplace("state", path_, most_, "another " + verb + " uses this state; wait for its end, or name another file");
  std::string_view said = file_->content();
  if (said.empty()) return std::nullopt;
  if (!said.starts_with(form_.magic))
    refuse("is no state of etamax " + verb + "; name a new file, or one that it wrote");
  long version = 0;
  const char* const digits = said.data() + form_.magic.size();
  const char* const behind = std::from_chars(digits, said.data() + said.size(), version).ptr;
  if (version != form_.version)
    refuse("is a state of version " + std::to_string(version) + ", and this etamax reads " +
           std::to_string(form_.version) + "; name a new file, or finish it with the etamax that began it");
  const std::size_t before = static_cast<std::size_t>(behind - said.data()), seal = form_.seal("").size();
  const std::size_t end = said.size() - std::min(said.size(), seal);
  if (end < before || said.substr(end) != form_.seal(said.substr(0, end)))
    refuse("is damaged: its checksum does not fit; name a new file");
  begun_ = true;
  return said.substr(before, end - before);
}

void StateFile::save(std::string said) {
  if (!file_) return;
  said.insert(0, std::string(form_.magic) + std::to_string(form_.version));
  said += form_.seal(said);
  const bool written = write_or_tell(begun_ ? told_ : FileFault(), [&] { file_->replace(said); });
  if (written && behind_) told_(nullptr);
  begun_ = true;
  behind_ = !written;
}

void StateFile::check_job(const StateJob& ours,
                          const std::function<std::string(const std::string& name)>& theirs) const {
  for (const auto& [name, value] : ours)
    if (const std::string other = theirs(name); other != value)
      refuse("is of another job: " + name + " is " + (other.empty() ? "not there" : one_line(other)) + ", here " +
             value);
}

}  // namespace etamax
