#include "check_log.h"

#include <cstdint>
#include <cstring>

#include "etamax/core/error.h"
#include "etamax/diagnose/crc32c.h"
#include "etamax/diagnose/diagnose.h"
#include "etamax/diagnose/format.h"
#include "etamax/draw/svg.h"
#include "etamax/report/diagnosis.h"

namespace etamax::testing {
namespace {

std::string answer_fault(const Diagnosis& answer) {
  if (answer.reason.empty() || answer.next.empty()) return "an answer without a reason";
  if (!(answer.score >= 0 && answer.score <= 1 + 1e-9)) return "a score outside 0..1";
  for (const auto* estimate : {&answer.lr_edge, &answer.lr_suggested, &answer.multiplier, &answer.growth_per_step})
    if (*estimate && !((*estimate)->interval[0] <= (*estimate)->interval[1])) return "an interval the wrong way round";
  // They throw where a number cannot be shown.
  to_text(answer, {});
  to_json(answer);
  for (const PictureSpec<Diagnosis>& picture : diagnosis_pictures())
    if (const auto drawing = picture.draw(answer, 400)) to_svg(*drawing, Theme::light);
  return "";
}

std::string fault_of(const std::string& format, std::string_view bytes) {
  DiagnoseOptions options;
  options.format = format;
  options.lr = 0.1;
  try {
    ByteSource source = ByteSource::memory(bytes);
    return answer_fault(diagnose(source, options));
  } catch (const InputError& e) {
    return std::strchr(e.what(), '\n') == nullptr ? "" : "a refusal of more than one line";
  }
}

/// The same records with the checksums that their bytes have.
std::string with_checksums(std::string_view bytes) {
  constexpr std::size_t kHeader = 12, kFooter = 4;
  std::string mended(bytes);
  const auto put = [&](std::size_t at, std::string_view of) {
    const std::uint32_t crc = masked_crc32c(crc32c(of));
    std::memcpy(mended.data() + at, &crc, sizeof crc);
  };
  for (std::size_t at = 0; at + kHeader <= mended.size();) {
    const std::string_view header(mended.data() + at, 8);
    put(at + 8, header);
    std::uint64_t length = 0;
    std::memcpy(&length, header.data(), sizeof length);
    if (length > mended.size() || at + kHeader + length + kFooter > mended.size()) break;
    put(at + kHeader + length, {mended.data() + at + kHeader, length});
    at += kHeader + length + kFooter;
  }
  return mended;
}

}  // namespace

std::string log_fault(const std::string& format, std::string_view bytes) {
  try {
    ByteSource source = ByteSource::memory(bytes);
    log_format("", source);  // recognized, or refused
  } catch (const InputError&) {
  }
  std::string fault = fault_of(format, bytes);
  if (fault.empty() && format == "tensorboard") fault = fault_of(format, with_checksums(bytes));
  return fault;
}

}  // namespace etamax::testing
