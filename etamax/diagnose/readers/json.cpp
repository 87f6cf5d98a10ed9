// JSON lines, or JSON documents: every object that stands by itself or in a list is a record, objects inside
// it lend their names ("train/loss"), and a list of numbers is a column ({"loss": [2.3, 1.9]}).
#include <algorithm>
#include <string>

#include "etamax/diagnose/format.h"
#include "etamax/diagnose/number.h"

namespace etamax::readers {
namespace {

constexpr std::size_t kAhead = 512, kMostDepth = 32, kMostName = 200, kMostFields = 4096;
constexpr std::string_view kWords[] = {"true", "false", "null", "None"};  // values that are no numbers

/// Reads value by value and never builds the document. Where the text is no JSON it goes on with the next
/// line.
class JsonReader {
 public:
  JsonReader(ByteSource& bytes, LogTable& table) : bytes_(bytes), table_(table) { refill(); }

  void run() {
    for (;;) {
      const int c = next_sign();
      if (c < 0) break;
      if (c != '{' && c != '[') {
        skip_line();
        ++other_lines_;
        continue;
      }
      name_.clear();
      fields_.clear();
      starts_.clear();
      if (!value(0, true) && !recover()) break;
    }
    bytes_.take(static_cast<std::size_t>(at_ - begin_));
    if (other_lines_ > 0) remark(other_lines_, "no JSON");
    if (faults_ > 0) remark(faults_, "broken off or broken JSON");
  }

 private:
  void remark(long count, const std::string& what) {
    table_.remark(std::to_string(count) + (count == 1 ? " line is " : " lines are ") + what + ", and left out");
  }

  /// At least kAhead bytes from at_ on, fewer only where the log ends.
  void refill() {
    bytes_.take(static_cast<std::size_t>(at_ - begin_));
    const std::string_view ready = bytes_.peek(kAhead);
    begin_ = at_ = ready.data(), end_ = at_ + ready.size();
  }
  bool need(std::size_t count) {
    if (static_cast<std::size_t>(end_ - at_) < count) refill();
    return at_ < end_;
  }

  /// The next sign that is no space, not taken; -1 at the end.
  int next_sign() {
    fresh_line_ = false;
    for (;; ++at_) {
      if (at_ == end_ && !need(1)) return -1;
      if (*at_ == '\n')
        fresh_line_ = true;
      else if (*at_ != ' ' && *at_ != '\t' && *at_ != '\r')
        return static_cast<unsigned char>(*at_);
    }
  }

  void skip_line() {
    do {
      const char* newline = std::find(at_, end_, '\n');
      at_ = newline;
      if (newline != end_) {
        ++at_;
        return;
      }
    } while (need(1));
  }

  bool recover() {
    ++faults_;
    const int c = next_sign();
    if (c < 0) return false;
    if (!(fresh_line_ && (c == '{' || c == '['))) skip_line();
    return true;
  }

  /// A string without its quotes, its escapes as they stand; the beginning of a long one.
  bool string(std::string& text) {
    text.clear();
    ++at_;
    for (;;) {
      if (at_ == end_ && !need(1)) return false;
      const char* stop = std::find_if(at_, end_, [](char c) { return c == '"' || c == '\\' || c == '\n'; });
      text.append(at_, std::min<std::size_t>(static_cast<std::size_t>(stop - at_),
                                             kMostName - std::min(text.size(), kMostName)));
      at_ = stop;
      if (at_ == end_) continue;
      if (*at_ == '\n') return false;
      if (*at_++ == '"') return true;
      if (!need(1)) return false;
      ++at_;  // what a backslash stands before
    }
  }

  bool value(std::size_t depth, bool alone) {
    const int c = next_sign();
    if (c < 0 || depth > kMostDepth) return false;
    if (c == '{') return object(depth, alone);
    if (c == '[') return array(depth);
    need(64);
    double number = 0;
    if (c == '"') {
      if (!string(text_)) return false;
      if (is_number(text_, number)) field(number);
      return true;
    }
    const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
    for (const std::string_view word : kWords)
      if (rest.substr(0, word.size()) == word) {
        at_ += word.size();
        return true;
      }
    const std::size_t length = read_number(rest.substr(0, 400), number);
    at_ += length;
    if (length > 0) field(number);
    return length > 0;
  }

  bool object(std::size_t depth, bool alone) {
    ++at_;
    const std::size_t name = name_.size();
    if (alone) starts_.push_back(fields_.size());
    int c = next_sign();
    if (c == '}') ++at_;
    while (c != '}') {
      if (c != '"' || !string(text_)) return false;
      if (next_sign() != ':') return false;
      ++at_;
      if (name_.size() + text_.size() < kMostName) {
        if (!name_.empty()) name_ += '/';
        name_ += text_;
      }
      if (!value(depth + 1, false)) return false;
      name_.resize(name);
      c = next_sign();
      if (c != ',' && c != '}') return false;
      ++at_;
      if (c == ',') c = next_sign();
    }
    if (!alone) return true;
    for (std::size_t i = starts_.back(); i < fields_.size(); ++i) table_.put(fields_[i].column, fields_[i].number);
    table_.end_record();
    fields_.resize(starts_.back());
    starts_.pop_back();
    return true;
  }

  bool array(std::size_t depth) {
    ++at_;
    const std::string name = name_;
    int c = next_sign();
    if (c == ']') {
      ++at_;
      return true;
    }
    // Numbers are a column of their own; objects are records.
    const bool numbers = c != '{' && c != '[' && c != '"';
    for (long index = 0; c != ']'; ++index) {
      const std::size_t before = fields_.size();
      if (!numbers) name_.clear();
      if (!value(depth + 1, true)) return false;
      name_ = name;
      if (fields_.size() > before) {
        const Field f = fields_.back();
        fields_.resize(before);
        if (numbers) table_.put(f.column, f.number), table_.end_record(static_cast<double>(index));
      }
      c = next_sign();
      if (c != ',' && c != ']') return false;
      ++at_;
      if (c == ',') c = next_sign();
    }
    return true;
  }

  void field(double number) {
    if (fields_.size() >= kMostFields) return;
    if (const int column = table_.column(name_.empty() ? std::string_view("values") : std::string_view(name_));
        column >= 0)
      fields_.push_back({column, number});
  }

  struct Field {
    int column;
    double number;
  };
  ByteSource& bytes_;
  LogTable& table_;
  const char *begin_ = nullptr, *at_ = nullptr, *end_ = nullptr;
  bool fresh_line_ = false;
  std::string name_, text_;
  std::vector<Field> fields_;        // of the objects that are open
  std::vector<std::size_t> starts_;  // where those of each record begin
  long other_lines_ = 0, faults_ = 0;
};

/// That a number of a list begins there, and not "[1500/4500 10:01": a comma, a bracket or the line's end follows it.
bool begins_list(std::string_view text) {
  double value = 0;
  const std::size_t length = read_number(text.substr(0, 400), value);
  const std::size_t next = text.find_first_not_of(" \t\r", length);
  return length > 0 && (next == std::string_view::npos || text[next] == ',' || text[next] == ']' || text[next] == '\n');
}

double likeness(std::string_view beginning) {
  // Some line begins an object or a list as JSON writes it: with double quotes.
  std::size_t json = 0, lines = 0;
  while (!beginning.empty() && lines < 50) {
    const std::size_t end = beginning.find('\n');
    std::string_view line = beginning.substr(0, end);
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first != std::string_view::npos) {
      ++lines;
      const char opening = line[first];
      const std::size_t second = beginning.find_first_not_of(" \t\r\n", first + 1);
      const char next = second == std::string_view::npos ? ' ' : beginning[second];
      if (opening == '{' && (next == '"' || next == '}')) json += lines == 1 ? 50 : 1;
      if (opening == '[' && lines == 1 && second != std::string_view::npos &&
          (next == '{' || begins_list(beginning.substr(second))) &&
          beginning.find_first_of(",}\n", second) != std::string_view::npos)
        json += next == '{'                                                                    ? 50
                : line.find(']') == std::string_view::npos || line.find(']') + 3 > line.size() ? 25
                                                                                               : 0;
    }
    beginning = end == std::string_view::npos ? std::string_view() : beginning.substr(end + 1);
  }
  if (json >= 25) return 0.9;
  return lines > 0 && 2 * json >= lines ? 0.85 : 0;
}

void read(ByteSource& bytes, LogTable& table) { JsonReader(bytes, table).run(); }

}  // namespace

FormatSpec json() { return {"json", "JSON lines, or a JSON document such as trainer_state.json", likeness, read}; }

}  // namespace etamax::readers
