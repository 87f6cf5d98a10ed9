// What training programs print: "step 438: loss = 0.63", "Epoch 3/10 ... loss: 0.69 - val_loss: 0.71",
// "{'loss': 2.31}", "iter 100 | loss 2.1 | lr 1e-3", progress bars, and any other lines between them.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "etamax/core/format.h"
#include "etamax/diagnose/boxed_record.h"
#include "etamax/diagnose/format.h"
#include "etamax/diagnose/inline_table.h"
#include "etamax/diagnose/line_part.h"
#include "etamax/diagnose/number.h"
#include "etamax/diagnose/printed_list.h"
#include "etamax/diagnose/printed_words.h"
#include "etamax/diagnose/same_shape.h"
#include "etamax/diagnose/wide_table.h"

namespace etamax::readers {
namespace {

constexpr int kOfWhole = 100;  // the rank of a step that is one "of 100" of something, behind all others
constexpr CharKind letter = CharKind::letter, digit = CharKind::digit, space = CharKind::space;

bool is_loss(Role role) { return role == Role::loss || role == Role::other_loss; }
class Scanner {
 public:
  explicit Scanner(LogTable& table) : table_(table), list_(table), box_(table) {}

  /// A progress bar may go back by backspaces: each of its states is a line.
  void line(std::string_view text) {
    text = plain_bars(without_escapes(text, scratch_), bars_);
    // Of the lines of several processes those of one are read.
    line_rank_ = printing_rank(text);
    if (line_rank_ >= 0 && rank_ >= 0 && line_rank_ != rank_)
      return table_.remark("the lines of other ranks than " + std::to_string(rank_) + " are left out");
    for (std::size_t end; (end = text.find('\b')) != std::string_view::npos; text.remove_prefix(end + 1))
      if (end > 0) state(text.substr(0, end));
    state(text);
  }

  /// Behind the last line.
  void end() {
    box_.end();
    if (holds_counters_only()) shape_.put(table_);
  }

 private:
  /// Nothing has a name but what counts, and the learning rate: "Iter  100: 0.115".
  bool holds_counters_only() const {
    return std::all_of(table_.names().begin(), table_.names().end(), [](const std::string& name) {
      const Role role = role_of(name).role;
      return role == Role::step || role == Role::epoch || role == Role::batch || role == Role::learning_rate;
    });
  }

  void state(std::string_view text) {
    if (list_.open() && list_.go_on(text)) return;
    if (box_.take(text)) return;
    begin_record();
    pending_ = {};
    first_name_ = {};
    network_ = {};
    parts_ = false;
    std::size_t i = head_counter(text);
    fraction_of_ = 0;
    if (is_message(text)) table_.message(text);
    if (is_last_words(text)) return table_.last_words(text);
    if (const auto counted = counted_loss(text)) {
      add("step", counted->step), add("loss", counted->loss), add("avg loss", counted->mean);
      if (counted->rate) add("lr", *counted->rate);
      return finish_record();
    }
    double leading = 0;
    const bool leads = begins_with_value(text, leading);
    while (i < text.size()) {
      switch (kind_of(text[i])) {
        case letter:
          i = name(text, i);
          break;
        case digit:
          i = bare_number(text, i);
          break;
        default:
          ++i;
      }
    }
    if (found_ == 0) inline_.take_names(text), wide_.take_names(text);
    if (loss_ < 0) take_unnamed(text, leads && fraction_of_ > 0, leading);
    if (found_ == 0) return shape_.take(text), table_.unread(text);
    if (counters_only_ && !fraction_) shape_.take(text);
    finish_record();
  }

  void begin_record() {
    found_ = 0, loss_ = -1;
    loss_name_ = word_ = part_ = {};
    counters_only_ = true, fraction_ = in_parentheses_ = held_out_ = epoch_.seen = step_.seen = false;
  }

  /// "[10]\ttrain-loss:0.3", "10:\tlearn: 0.3" and "[2, 4000] loss: 1.75": counts that head a line. Returns where the
  /// rest begins.
  std::size_t head_counter(std::string_view text) {
    double count = 0;
    if (const EpochAndBatch head = epoch_and_batch_at_head(text); head.length > 0) {
      add("epoch", head.epoch), add("batch", head.batch), found_ = 0, counters_only_ = true;
      return head.length;
    }
    const std::size_t length = counter_at_head(text, count);
    if (length > 0) add("step", count), found_ = 0;
    return length;
  }

  /// Values of a line in which no loss has a name: a row of a table, a list, or "0.693 ..... 128/50000 ...".
  void take_unnamed(std::string_view text, bool leads, double leading) {
    loss_ = inline_.take_row(text, table_);
    if (loss_ == kNoColumn) loss_ = take_bar_row(text, table_);
    if (loss_ == kNoColumn) loss_ = wide_.take_row(text, table_);
    if (loss_ == kNoColumn) loss_ = take_lists(text, table_);
    if (loss_ == kNoColumn && leads) table_.put(loss_ = table_.column("column 0", {Role::unknown, 0}), leading);
    if (loss_ == kNoColumn) loss_ = take_list(text, table_);
    if (loss_ == kNoColumn) return;
    ++found_;
    counters_only_ = false;
  }

  void finish_record() {
    if (counters_only_ && !fraction_) {  // "Epoch 3/10" heads the lines that follow, and so does "Iteration 3"
      if (epoch_.seen) epoch_.heading = epoch_.value;
      if (step_.seen) step_.heading = step_.value, under_heading_.clear();
      table_.drop_record();
      return;
    }
    // A second loss of one name below the same step is no longer of that step.
    if (loss_ >= 0 && !step_.seen && step_.heading >= 0 && !under_heading_.insert(loss_).second) step_.heading = -1;
    for (const Counter* counter : {&epoch_, &step_})
      if (!counter->seen && counter->heading >= 0) table_.put(counter->column, counter->heading);
    if (held_out_) table_.drop_position();
    if (loss_ >= 0 && rank_ < 0) rank_ = line_rank_;
    table_.end_record();
  }

  /// "name: 0.3", "name = 0.3", "'name': '0.3'", and for names that are known "name 0.3" and "name [3/10]".
  std::size_t name(std::string_view text, std::size_t begin) {
    std::size_t end = begin + 1;
    while (end < text.size() && inside_name(text[end])) ++end;
    while (end > begin + 1 && kind_of(text[end - 1]) == CharKind::other) --end;
    // "loss0.3" is no name with a value, but "loss-0.3" might be a name; numbers need a separator.
    std::string_view word = text.substr(begin, end - begin);
    if (const auto counted = counting_word(word)) {
      add(counted->name, counted->count);
      return end;
    }
    auto [at, separated, spaced] = gap_after_name(text, begin, end, known_role(word));
    if (at >= text.size()) return end;
    const std::string_view before = word_, own = word;
    word_ = spaced && !separated ? word : std::string_view();
    if (const std::string_view numbered = numbered_part(text, begin); !numbered.empty() && is_loss(known_role(word)))
      word = std::string_view(numbered.data(), numbered.size() + word.size());
    if (before.data() && before.data() + before.size() + 1 == word.data() &&
        (is_qualifier(before) || own == total_of_ || (before == "episode" && known_role(own) == Role::step) ||
         (is_player(before) && is_loss(known_role(own))))) {
      if (before == "total" || before == "Total") total_of_ = own;
      word =
          std::string_view(before.data(), before.size() + 1 + word.size());  // also "episode steps": how many it took
    } else if (before.data() && before.data() + before.size() + 1 == own.data() && is_qualifier(own) &&
               is_loss(known_role(before))) {
      word = std::string_view(before.data(), before.size() + 1 + own.size());  // "Gen Loss Total : 70.5"
    }
    std::string_view rest = text.substr(at);
    if (const std::size_t wrapped = wrapper_length(rest); wrapped > 0) rest.remove_prefix(wrapped), at += wrapped;
    if (spaced && !separated && rest.substr(0, 3) == "to " && word.size() > 4 &&
        word.substr(word.size() - 5) == "scale")
      rest.remove_prefix(3), at += 3;  // "reducing loss scale to 32768"
    if (spaced && !separated && rest.substr(0, 3) == "is " && is_loss(known_role(word)))
      rest.remove_prefix(3), at += 3, separated = true;  // "total loss is 6.06"
    double value = 0;
    const std::size_t length = read_decimal(rest, value);
    if (is_loss(known_role(word)) || word == "Score") {
      if (length == 0) pending_ = word, parts_ = separated;
    }
    if (length == 0) {
      if (is_network_tag(text, begin, end)) network_ = word;
      return end;
    }
    if (const std::size_t counted = value_after_counter(text, word, at, length, separated); counted > 0) return counted;
    const char after = length < rest.size() ? rest[length] : ' ';
    if (word == "s" && before == "in") return at + length;  // "timing in s=0.5"
    if (before == "At" && word == "iterate" && spaced) word = "step";
    if (own == "Batch" && after == '/' && (before == "TRAIN" || before == "CV"))
      return epoch_and_batch(text, at, length, value, before == "CV");
    const bool digit_next = length + 1 < rest.size() && kind_of(rest[length + 1]) == digit;
    if ((after == '_' || after == '\'') && digit_next) {  // "20_00": such groups are of three digits
      if (is_loss(known_role(word)))
        table_.remark("'" + one_line(text.substr(begin, 60)) +
                      "': its digits stand in no groups of three; it was left out");
      return end;
    }
    if (kind_of(after) == letter || after == '%' || (!separated && !spaced)) return end;
    if ((after == ':' || after == '-') && digit_next) return end;  // a time, a date
    if (is_source_file(word)) return at + length;
    const Role role = known_role(word);
    if (role == Role::batch && in_parentheses_)
      table_.drop_position();  // "(0/8) Epoch 1, batch 50": of eight processes
    if (!separated && parts_ && (role == Role::unknown || role == Role::parameter)) {
      name_.assign("loss ").append(word);
      add(name_, value);
      return at + length;
    }
    if (!separated && role == Role::unknown && !network_.empty()) {  // "[D] real 0.049 fake 0.056 [G] fake 2.87"
      name_.assign(network_).append(" ").append(word);
      add(name_, value);
      return at + length;
    }
    if (!separated && word == "is" && is_objective(pending_)) {  // "... objective function ... is -35.0"
      add(pending_, value);
      return at + length;
    }
    const bool objective = word == "value" && step_.seen;  // "iter  10 value 150.5"
    if (!separated && role == Role::unknown && !objective) return end;
    if (begins_anew(word, rest)) finish_record(), begin_record();
    if (separated && is_loss(role) && text[at - 1] == '[')
      if (const std::size_t listed = list_.begin(text, at, word); listed > 0) {
        counters_only_ = false, ++found_;
        return listed;
      }
    if (found_ == 0 && first_name_.empty()) first_name_ = word;
    if (is_loss(role) && loss_ < 0) part_ = line_part(before_word(text, word));
    const Whole whole = whole_behind(text, at + length);
    if (whole.of > 0 && role == Role::step &&
        whole.bracketed) {  // "iter[ 14/ 15] ... [step] 89": the other counts all of them
      table_.column(word, {Role::step, kOfWhole + role_of(word).rank});
      if (value + 1 >= whole.of) table_.mark_whole_epoch();
    }
    if (!part_.empty() && role == Role::loss && !names_training(word)) {
      name_.assign(part_).append(" ").append(word);
      held_out_ |= loss_ < 0 && is_held_out(part_);
      add(name_, value);
    } else {
      add(word, value);
    }
    if (loss_ >= 0 && loss_name_.empty() && is_loss(role)) loss_name_ = word;
    return whole.end;
  }

  /// "TRAIN Batch 4/203700": an epoch and the position in it; of a validation ("CV") only the epoch.
  std::size_t epoch_and_batch(std::string_view text, std::size_t at, std::size_t length, double epoch, bool held_out) {
    double batch = 0;
    const std::size_t more = read_number(text.substr(at + length + 1), batch);
    add("epoch", epoch);
    if (!held_out && more > 0) add("batch", batch);
    return at + length + 1 + more;
  }

  /// Where a count stands between a loss and its value: "Loss 300: 2.5", "Cost after iteration 300: 2.5", "Score at
  /// step 300 is 2.5". `word` has the whole number at `at`. Returns where the value ends; 0 where it is not so.
  std::size_t value_after_counter(std::string_view text, std::string_view word, std::size_t at, std::size_t length,
                                  bool separated) {
    const Role role = known_role(word);
    const bool counter = role == Role::step || role == Role::epoch || role == Role::batch;
    const std::string_view loss = counter ? pending_ : is_loss(role) ? word : std::string_view();
    const std::string_view count = text.substr(at, length);
    if (separated || loss.empty() || count.find_first_not_of("0123456789") != std::string_view::npos) return 0;
    const SignedValue signed_value = value_behind_sign(text, at + length);
    if (signed_value.end == 0 || (signed_value.bare && step_.seen)) return 0;
    double number = 0;
    read_number(count, number);
    add(counter ? word : std::string_view("step"), number);
    if (const int column = table_.column(loss, loss == "Score" ? NamedRole{Role::loss, 9} : role_of(loss)); column >= 0)
      table_.put(column, signed_value.value), ++found_, counters_only_ = false, loss_ = loss_ < 0 ? column : loss_;
    pending_ = {};
    return signed_value.end;
  }

  /// "438/1875" that no name stands before, at the head of a line or a bar: a position.
  std::size_t bare_number(std::string_view text, std::size_t begin) {
    std::size_t end = begin;
    while (end < text.size() && kind_of(text[end]) == digit) ++end;
    if (const Fraction part = fraction_at(text, begin, end); part.end > end) {
      const std::size_t next = part.end;
      // Of a bar printed anew the last state counts.
      if (part.stands && (fraction_of_ == 0 || (part.of == fraction_of_ && loss_ < 0))) {
        if (mark_after_number(text, next, " ") == ':') return next;  // a date before a time
        // "[3/25][400/3183]", and a table's "0/99 3.2G 0.25": the epoch.
        const bool heads = text.find_first_not_of(" \t") == begin;
        if (mark_after_number(text, next, "])[( \t") == '/' ||
            (heads && (inline_.begins_with_epoch() || loss_of_bar_row(text)))) {
          add("epoch", part.at);
          return next;
        }
        if (fraction_of_ > 0) table_.drop_position();
        fraction_of_ = part.of;
        in_parentheses_ = begin > 0 && text[begin - 1] == '(' && text.substr(next, 1) == ")";
        add("batch", part.at);
        fraction_ = true;
        if (part.at == part.of) table_.mark_whole_epoch();
      }
      return next;
    }
    if (const auto speed = speed_at(text, begin)) {
      add(speed->unit, speed->value);
      return speed->end;
    }
    if (text.substr(end, 2) == "] " && counts_behind_bracket(text, begin, end)) {
      double step = 0;  // "logging_writer.py:48] [100] loss=2.5"
      read_number(text.substr(begin, end - begin), step);
      add("step", step);
      return end;
    }
    return end_of_word(text, end, first_name_);
  }

  /// What the name means by itself. Looked up once for each.
  Role known_role(std::string_view word) {
    if (const auto found = known_.find(word); found != known_.end()) return found->second;
    const Role role = role_of(word).role;
    if (known_.size() < LogTable::kMostNames) known_.emplace(word, role);
    return role;
  }

  /// Lines that ran together: the name that began the line comes again, and its loss was there already.
  bool begins_anew(std::string_view name, std::string_view rest) const {
    constexpr std::size_t kAhead = 400;
    return !loss_name_.empty() && found_ > 1 && name == first_name_ && name != loss_name_ &&
           rest.substr(0, kAhead).find(loss_name_) != std::string_view::npos;
  }

  void add(std::string_view name, double value) {
    const int column = table_.column(name);
    if (column < 0) return;
    ++found_;
    const Role role = table_.columns()[static_cast<std::size_t>(column)]->role.role;
    if (role != Role::epoch && role != Role::step) counters_only_ = false;
    if (is_loss(role) && loss_ < 0) loss_ = column;
    if (role == Role::epoch) epoch_ = {column, value, epoch_.heading, true};
    if (role == Role::step) step_ = {column, value, step_.heading, true};
    if (role != Role::epoch || found_ == 1) table_.put(column, value);
  }

  LogTable& table_;
  std::map<std::string, Role, std::less<>> known_;
  std::string scratch_, bars_;
  std::string_view word_;  // the word before, where only a space stands between
  /// Of steps or epochs: of this line, and of the last line that held nothing else.
  struct Counter {
    int column = -1;
    double value = 0, heading = -1;
    bool seen = false;
  };
  Counter epoch_, step_;
  std::string_view pending_;  // the name of a loss that no number has followed yet: "Cost after iteration 3: 0.5"
  std::string total_of_;      // of which there is a total, "cost": then "content cost" is a part of its own
  std::string name_;
  int found_ = 0, loss_ = -1;  // the first loss of the line
  std::string_view first_name_, loss_name_,
      part_;                  // part_: of which data the losses of this line are, if not the training's
  std::string_view network_;  // of a GAN, which the numbers of this line are of from here on
  PrintedList list_;
  BoxedRecord box_;
  InlineTable inline_;
  WideTable wide_;
  SameShape shape_;
  std::set<int> under_heading_;  // losses that stood below the last step that was alone in its line
  bool parts_ = false;           // "loss: x 3.1, y 2.4, total 5.5"
  bool counters_only_ = true, fraction_ = false, in_parentheses_ = false;
  double fraction_of_ = 0;          // the whole that the position in this line is of
  bool held_out_ = false;           // the first loss of this line is of a validation, as a word before it says
  int rank_ = -1, line_rank_ = -1;  // of the process whose lines are read, and of this line
};

double likeness(std::string_view beginning) {
  if (is_boxed(beginning)) return 0.9;  // no table of two columns
  std::size_t printable = 0;
  for (const char c : beginning) printable += static_cast<unsigned char>(c) >= '\b' ? 1 : 0;
  return printable * 100 >= beginning.size() * 99 ? 0.2 : 0;
}

void read(ByteSource& bytes, LogTable& table) {
  LineSource lines(bytes);
  Scanner scanner(table);
  std::string_view line;
  while (lines.next(line)) scanner.line(line);
  scanner.end();
  if (lines.cut_lines() > 0) table.remark("a line is longer than a mebibyte; the rest of it was left out");
}

}  // namespace

FormatSpec text() {
  return {"text", "lines that a training program prints, with names and numbers in them", likeness, read};
}

}  // namespace etamax::readers
