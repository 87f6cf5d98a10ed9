#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etamax/files/exclusive_file.h"
#include "etamax/files/file_fault.h"

namespace etamax {

/// How the states of a verb are written: `magic`, the version in digits, what the verb has to say, and a seal.
struct StateForm {
  const char* verb;  ///< "tune"
  std::string_view magic;
  long version;
  std::string (*seal)(std::string_view bytes);  ///< tells whether all before it is as it was written; always as long
};

/// A checksum of four bytes, the lowest first.
std::string binary_seal(std::string_view bytes);

/// What a job is, name by name.
using StateJob = std::vector<std::pair<std::string, std::string>>;
/// The same as UTF-8: names of files are bytes.
StateJob as_text(StateJob job);

/// What a verb has done so far, in a file, so that one that was stopped carries on. One process at a time has it; what
/// is no state of this form, or is not as it was written, is refused.
class StateFile {
 public:
  /// `path` "": nothing is kept. `most`: bytes that it may have. `told` of what becomes of it once it was begun.
  StateFile(std::string path, const StateForm& form, std::size_t most, FileFault told = {});

  bool is_kept() const { return !path_.empty(); }
  /// What stands between the version and the seal, for as long as this lives; none where there is no file yet, which is
  /// made then. Throws InputError where the file is none of this verb's, is of another version or damaged,
  /// EnvironmentError where another process has it.
  std::optional<std::string_view> open();
  /// Puts `said` there, once it was opened; where nothing is kept, nowhere. Throws what replace_file does, into a file
  /// that was begun only where nobody is told: what it held stays, and another save may succeed.
  void save(std::string said);

  /// Throws InputError for the option `state`, about this file.
  [[noreturn]] void refuse(const std::string& why) const;
  [[noreturn]] void refuse_as_damaged() const { refuse("is damaged; name a new file"); }
  /// Refuses a file of another job, with what differs. `theirs` gives what the file says of a name, "" where nothing.
  void check_job(const StateJob& ours, const std::function<std::string(const std::string& name)>& theirs) const;

 private:
  std::string path_;
  StateForm form_;
  std::size_t most_;
  FileFault told_;
  std::optional<ExclusiveFile> file_;
  bool begun_ = false, behind_ = false;  ///< it holds a state; which is not the last one
};

}  // namespace etamax
