#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "etamax/diagnose/column.h"

/// What stands in the lines that a training program prints: kinds of characters, and words that mean something.
namespace etamax {

enum class CharKind : unsigned char { other, letter, digit, space };
constexpr std::array<CharKind, 256> char_kinds() {
  std::array<CharKind, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') table[c] = CharKind::letter;
    if (c >= '0' && c <= '9') table[c] = CharKind::digit;
    if (c == ' ' || c == '\t') table[c] = CharKind::space;
  }
  return table;
}
inline constexpr std::array<CharKind, 256> kCharKinds = char_kinds();
/// An underscore is a letter.
inline CharKind kind_of(char c) { return kCharKinds[static_cast<unsigned char>(c)]; }

/// A name may hold these between letters: "train/loss", "lr-AdamW", "optim.lr", "loss@8".
inline bool inside_name(char c) {
  return kind_of(c) == CharKind::letter || kind_of(c) == CharKind::digit || c == '/' || c == '-' || c == '.' ||
         c == '@';
}

/// The line without the escape sequences of colors and cursor movements; `scratch` may hold it.
std::string_view without_escapes(std::string_view line, std::string& scratch);

/// The same with bars of a single byte for those of frames: "│ 1     │ 2.5 │"; `scratch` may hold it.
std::string_view plain_bars(std::string_view line, std::string& scratch);

/// The words before which "loss" is another one: "val loss", "train_loss".
bool is_qualifier(std::string_view word);
/// "D" and "G" before "loss": that of a discriminator, and of a generator.
bool is_player(std::string_view word);

/// "Log" of "Function 'LogBackward0' returned nan values" and "Error detected in LogBackward0": the function whose
/// derivative PyTorch found to be NaN, where that derivative has no bound at an edge of the function's domain; else
/// empty.
std::string_view unbounded_derivative(std::string_view message);
/// What a program prints about its numbers: "divide by zero encountered in log".
bool is_message(std::string_view line);
/// With such a line it ends, as the loss is no number; no record says so.
bool is_last_words(std::string_view line);

/// Whether only letters stand between `begin` and a bracket before it.
bool is_bracketed(std::string_view text, std::size_t begin);
/// "[D]" or "[G]", one of the networks of a GAN.
bool is_network_tag(std::string_view text, std::size_t begin, std::size_t end);
/// A name that ends with "objective".
bool is_objective(std::string_view name);
/// "Content 1 " before the loss at `begin`, of several with a number each; else empty.
std::string_view numbered_part(std::string_view text, std::size_t begin);
/// The length of "np.float32(", "tensor([", "tf.Tensor(" and the like, with which `text` begins; 0 for others.
std::size_t wrapper_length(std::string_view text);
/// What stands between the name [begin, end) and the value behind it, spaces, quotes, brackets and at most one sign
/// such as "=": where it ends, and whether there is a sign, or a space, in it.
struct Gap {
  std::size_t at = 0;
  bool separated = false, spaced = false;
};
Gap gap_after_name(std::string_view text, std::size_t begin, std::size_t end, Role role);
/// "11.2it/s", "9.5 tok/s": a number before its unit, work for each second; tqdm turns the fraction round where it is
/// slow.
struct Speed {
  std::string_view unit;
  double value = 0;
  std::size_t end = 0;
};
std::optional<Speed> speed_at(std::string_view text, std::size_t begin);
/// "ep6", "it156/313": a counter and its count in one word.
struct CountingWord {
  std::string_view name;
  double count = 0;
};
std::optional<CountingWord> counting_word(std::string_view word);
/// "[10]\t" and "10:\t" at the head of a line: the count, and how long it is; 0 where there is none.
std::size_t counter_at_head(std::string_view text, double& count);
/// "[2,  4000] loss: 1.75": the epoch and the position in it, at the head of a line, before a name.
struct EpochAndBatch {
  double epoch = 0, batch = 0;
  std::size_t length = 0;  ///< 0 where the line does not begin so
};
EpochAndBatch epoch_and_batch_at_head(std::string_view text);
/// "/100" behind a number, of how many it is: where that ends, and the whole; 0 where there is none.
struct Whole {
  double of = 0;
  std::size_t end = 0;     ///< where what is behind the number ends, with the whole or without
  bool bracketed = false;  ///< a bracket closes behind it: "iter[ 14/ 15]"
};
Whole whole_behind(std::string_view text, std::size_t at);
/// "438/1875", "438 / 1875", "438/ 1875": the digits [begin, end), and of how many they are.
struct Fraction {
  double at = 0, of = 0;
  std::size_t end = 0;  ///< behind the slash and what follows it; 0 where there is no slash
  bool stands = false;  ///< as a word of its own, and at most the whole
};
Fraction fraction_at(std::string_view text, std::size_t begin, std::size_t end);
/// Whether the digits [begin, end) stand alone in brackets behind other brackets and before a name: "main.py:48] [100]
/// loss=2.5".
bool counts_behind_bracket(std::string_view text, std::size_t begin, std::size_t end);
/// Where a word ends that begins with a digit, a time or a date, and is known up to `end`; at the latest before `name`,
/// as in lines that ran together.
std::size_t end_of_word(std::string_view text, std::size_t end, std::string_view name);
/// "solver.cpp:266", a line of the program.
bool is_source_file(std::string_view name);
/// "0.693 ....", a value that no name stands before; the point tells it from a count.
bool begins_with_value(std::string_view text, double& value);
/// "300: 12.1, 12.5 avg, 0.001 rate, ...": a count, the loss, and the running mean of it, as darknet prints.
struct CountedLoss {
  double step = 0, loss = 0, mean = 0;
  std::optional<double> rate;
};
std::optional<CountedLoss> counted_loss(std::string_view text);
/// Behind a count: ": 2.5", "= 2.5", "is 2.5", or a decimal number alone.
struct SignedValue {
  double value = 0;
  std::size_t end = 0;  ///< where it ends; 0 where there is none, or a time
  bool bare = false;    ///< no sign stands before it
};
SignedValue value_behind_sign(std::string_view text, std::size_t at);
/// The character after the number that comes next, where only `between` stands before it; else 0.
char mark_after_number(std::string_view text, std::size_t from, const char* between);

}  // namespace etamax
