#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/version.h"
#include "verbs.h"

namespace {

volatile std::sig_atomic_t stop = 0;

extern "C" void on_interrupt(int) { stop = 1; }

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

bool etamax::apps::interrupted() { return stop != 0; }

int main(int argc, char** argv) {
  std::signal(SIGINT, on_interrupt);
  CLI::App program(
      "Why do the weight updates diverge, what is the largest learning rate that does not, and which one "
      "should "
      "I use?");
  program.name("etamax");
  program.set_version_flag("--version", "etamax " ETAMAX_VERSION);
  program.require_subcommand(1);
  int status = 0;
  etamax::apps::add_explain(program, status);
  // There are no short options: a single hyphen begins an expression (-x^2) or a number, which CLI11 takes for what it is
  // behind a space.
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (std::string& argument : arguments)
    if (argument.size() > 1 && argument[0] == '-' && argument[1] != '-' && argument != "-h") argument.insert(0, " ");
  std::reverse(arguments.begin(), arguments.end());
  try {
    program.parse(std::move(arguments));
    return status;
  } catch (const CLI::Success& e) {
    return program.exit(e);
  } catch (const CLI::ParseError& e) {
    fmt::print(stderr, "etamax: {}\n", first_line(e.what()));
    return 2;
  } catch (const etamax::InputError& e) {
    fmt::print(stderr, "etamax: {}\n", e.what());
    return 2;
  } catch (const etamax::Interrupted&) {
    fmt::print(stderr, "etamax: interrupted\n");
    return 3;
  } catch (const std::exception& e) {
    fmt::print(stderr, "etamax: a fault of etamax itself: {}\n", e.what());
    return 1;
  }
}
