// Any bytes as a log: the first one picks the reader (or none: by content), the rest is the log. Whatever it
// holds, the answer is a diagnosis that can be shown, or one line that says why not.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "etamax/core/error.h"
#include "etamax/diagnose/diagnose.h"
#include "etamax/diagnose/format.h"
#include "etamax/report/diagnosis.h"
#include "etamax/report/svg.h"

namespace {

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto& formats = etamax::log_formats();
  const std::size_t choice = data[0] % (formats.size() + 1);
  etamax::DiagnoseOptions options;
  if (choice < formats.size()) options.format = formats[choice].name;
  options.lr = 0.1;
  const std::string_view log(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    etamax::ByteSource source = etamax::ByteSource::memory(log);
    const etamax::Diagnosis answer = etamax::diagnose(source, options);
    if (answer.reason.empty() || answer.next.empty()) fail("an answer without a reason");
    if (!(answer.score >= 0 && answer.score <= 1 + 1e-9)) fail("a score outside 0..1");
    for (const auto* estimate : {&answer.lr_edge, &answer.multiplier, &answer.growth_per_step})
      if (*estimate && !((*estimate)->interval[0] <= (*estimate)->interval[1]))
        fail("an interval the wrong way round");
    etamax::to_text(answer, {});
    etamax::to_json(answer);
    if (const auto picture = etamax::draw(answer, 400)) etamax::to_svg(*picture, etamax::Theme::light);
  } catch (const etamax::InputError& e) {
    if (std::string(e.what()).find('\n') != std::string::npos) fail("a refusal of more than one line");
  }
  return 0;
}
