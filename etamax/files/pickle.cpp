// pickletools.py of CPython describes the codes.
#include "etamax/files/pickle.h"

#include <cstddef>
#include <cstdint>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"

namespace etamax {
namespace {

/// What follows a code.
enum class Argument { none, bytes, line, two_lines, counted, memo };
struct Code {
  Argument argument = Argument::none;
  std::size_t size = 0;  ///< of the argument, or of the number that counts its bytes
  bool known = true;
};

Code code_of(unsigned char code) {
  switch (code) {
    case 'K':   // BININT1
    case 0x80:  // PROTO
    case 0x82:  // EXT1
      return {Argument::bytes, 1};
    case 'M':   // BININT2
    case 0x83:  // EXT2
      return {Argument::bytes, 2};
    case 'J':   // BININT
    case 0x84:  // EXT4
      return {Argument::bytes, 4};
    case 'G':   // BINFLOAT
    case 0x95:  // FRAME
      return {Argument::bytes, 8};
    case 'F':  // FLOAT
    case 'I':  // INT
    case 'L':  // LONG
    case 'P':  // PERSID
    case 'S':  // STRING
    case 'V':  // UNICODE
    case 'g':  // GET
    case 'p':  // PUT
      return {Argument::line};
    case 'c':  // GLOBAL
    case 'i':  // INST
      return {Argument::two_lines};
    case 'U':   // SHORT_BINSTRING
    case 'C':   // SHORT_BINBYTES
    case 0x8a:  // LONG1
    case 0x8c:  // SHORT_BINUNICODE
      return {Argument::counted, 1};
    case 'T':   // BINSTRING
    case 'X':   // BINUNICODE
    case 'B':   // BINBYTES
    case 0x8b:  // LONG4
      return {Argument::counted, 4};
    case 0x8d:  // BINUNICODE8
    case 0x8e:  // BINBYTES8
    case 0x96:  // BYTEARRAY8
      return {Argument::counted, 8};
    case 'h':  // BINGET
    case 'q':  // BINPUT
      return {Argument::memo, 1};
    case 'j':  // LONG_BINGET
    case 'r':  // LONG_BINPUT
      return {Argument::memo, 4};
    default:
      constexpr std::string_view kAlone =
          "(.012NQRabdelost)]}u\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98";
      return {Argument::none, 0, kAlone.find(static_cast<char>(code)) != std::string_view::npos};
  }
}

}  // namespace

void check_pickle(const std::string& source, std::string_view pickle) {
  std::string_view rest = pickle;
  const auto refuse = [&](const std::string& why) {
    throw InputError(source + ": " + why + " at byte " + std::to_string(pickle.size() - rest.size()));
  };
  const auto take = [&](std::size_t size) {
    if (size > rest.size()) refuse("is cut off or has a wrong length");
    const std::string_view taken = rest.substr(0, size);
    rest.remove_prefix(size);
    return taken;
  };
  const auto number = [&](std::size_t size) { return little_endian(take(size), 0, size); };
  const auto line = [&] { take(rest.find('\n') == std::string_view::npos ? rest.size() + 1 : rest.find('\n') + 1); };
  while (true) {
    const char letter = take(1)[0];
    if (letter == '.') return;
    const Code code = code_of(static_cast<unsigned char>(letter));
    if (!code.known) refuse("is damaged");
    if (code.argument == Argument::bytes) take(code.size);
    if (code.argument == Argument::counted) take(number(code.size));
    if (code.argument == Argument::memo && number(code.size) >= pickle.size()) refuse("is damaged");
    if (code.argument == Argument::line || code.argument == Argument::two_lines) line();
    if (code.argument == Argument::two_lines) line();
  }
}

}  // namespace etamax
