#include "web/engine/answer.h"

#include "etamax/core/error.h"
#include "etamax/expr/expression.h"

namespace etamax::web {
namespace {

Json refusal(const std::string& message) { return {{"error", {{"message", message}}}}; }

/// JavaScript counts in units of UTF-16: two where UTF-8 has four bytes.
std::size_t utf16_units(const std::string& text, std::size_t bytes) {
  std::size_t units = 0;
  for (std::size_t at = 0; at < bytes && at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

Json answer_of(const Json& question) {
  const std::string verb = question.at("verb");
  if (verb == "about") return about();
  if (verb == "explain") return explain(question);
  if (verb == "bifurcation") return bifurcation(question);
  if (verb == "map") return begin_map(question);
  if (verb == "replay") return replay(question);
  if (verb == "edge") return network_edge(question);
  if (verb == "train") return begin_training(question);
  if (verb == "step") return train_on(question);
  return refusal("there is no verb '" + verb + "'");
}

}  // namespace

std::string answer(const std::string& text) {
  Json answer;
  try {
    const Json question = Json::parse(text);
    try {
      answer = answer_of(question);
    } catch (const ParseError& error) {
      answer = refusal(error.summary());
      answer["error"]["field"] = "expression";
      answer["error"]["position"] = utf16_units(question.at("options").at("expression"), error.position());
    } catch (const InputError& error) {
      answer = refusal(error.what());
      if (!error.field().empty()) answer["error"]["field"] = error.field();
    }
  } catch (const Json::exception& error) {
    answer = refusal(std::string("the question is not one of this engine: ") + error.what());
  } catch (const std::exception& error) {
    answer = refusal(error.what());
  }
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace etamax::web
