#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text from outside: names in files, arguments, whatever somebody typed. It need not be UTF-8.
namespace etamax {

/// How many bytes the UTF-8 character takes that begins at `at`; 0 where none does.
std::size_t utf8_length(std::string_view text, std::size_t at);

/// The longest beginning of `text` that is at most `most` bytes long and ends with a whole character.
std::string_view utf8_prefix(std::string_view text, std::size_t most);

/// The character at `at` as a terminal may be shown it: as it is, or, where it is a control character or no UTF-8, its
/// bytes as "\x1b". Moves `at` behind it.
std::string visible_character(std::string_view text, std::size_t& at);

}  // namespace etamax
