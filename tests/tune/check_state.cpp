#include "check_state.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "../made_folder.h"
#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/tune/tuning_state.h"

namespace etamax::testing {
namespace {

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

Ledger opened(const std::string& path) { return TuningState(path, {{"model", "linear"}, {"steps", "16"}}).open(); }

void save(const std::string& path, const Ledger& ledger) {
  TuningState file(path, {{"model", "linear"}, {"steps", "16"}});
  file.open();
  file.save(ledger);
}

std::string fault(const std::string& path) {
  try {
    save(path, opened(path));
  } catch (const InputError& e) {
    const std::string said = e.what();
    return said.find(path) == said.npos || said.find('\n') != said.npos ? "not one line with the file: " + said : "";
  } catch (const std::exception& e) {
    return std::string("not an InputError: ") + e.what();
  }
  try {
    const std::string first = content_of(path);
    save(path, opened(path));
    return content_of(path) == first ? "" : "what was written is read as something else";
  } catch (const std::exception& e) {
    return std::string("what was written is refused: ") + e.what();
  }
}

}  // namespace

std::string state_fault(std::string_view bytes) {
  static const MadeFolder folder;
  if (std::string found = fault(folder.write("state.json", bytes)); !found.empty()) return found;
  // The checksum is of all before its line.
  const std::string body(bytes.substr(0, bytes.rfind(",\n \"checksum\"")));
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(crc32_of(body)));
  return fault(folder.write("state.json", body + ",\n \"checksum\": \"" + digits + "\"\n}\n"));
}

}  // namespace etamax::testing
