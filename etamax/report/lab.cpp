#include <algorithm>
#include <cmath>
#include <vector>

#include "etamax/core/format.h"
#include "etamax/draw/escape.h"
#include "etamax/report/detail_lab.h"

namespace etamax {
namespace {

constexpr std::size_t kMostSteps = 60, kMostRates = 12;  // that the lab shows

/// As an address writes it.
std::string encoded(const std::string& text) {
  constexpr std::string_view kPlain = "-_.~,*()";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        kPlain.find(c) != std::string_view::npos)
      out += c;
    else
      out += {'%', kDigits[byte / 16], kDigits[byte % 16]};
  }
  return out;
}

std::string joined_exactly(const std::vector<double>& numbers) {
  std::string out;
  for (const double x : numbers) out += (out.empty() ? "" : ",") + format_exactly(x);
  return out;
}

std::string dashed(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

class Address {
 public:
  explicit Address(const std::string& expression) { add("f", expression); }
  void add(const std::string& name, const std::string& value) {
    text_ += (text_.empty() ? "#" : "&") + name + "=" + encoded(value);
  }
  void add_optimizer(const std::string& optimizer, const std::vector<Setting>& settings) {
    add("optimizer", optimizer);
    for (const Setting& s : settings)
      if (!s.is_flag)
        add(dashed(s.name), format_exactly(s.value));
      else if (s.value != 0)
        add(dashed(s.name), "true");
  }
  std::string embedded() {
    add("embed", "1");
    return text_;
  }

 private:
  std::string text_;
};

double middle(const MapAxis& axis) {
  return axis.log ? std::sqrt(axis.from * axis.to) : axis.from + (axis.to - axis.from) / 2;
}

/// A JSON string in which nothing looks like the end of its script.
std::string json_string(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + text.size() / 16);
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (c == '<' || c == '&' || static_cast<unsigned char>(c) < 0x20)
      out += {'\\', 'u', '0', '0', static_cast<char>('0' + c / 16), "0123456789abcdef"[c % 16]};
    else
      out += c;
  }
  return out + "\"";
}

}  // namespace

std::string lab_address(const Explanation& e) {
  Address address(e.expression);
  address.add("from", joined_exactly(e.start));
  std::vector<double> rates;
  std::size_t steps = 3;
  for (const FunctionRun& run : e.runs)
    if (rates.size() < kMostRates) rates.push_back(run.lr), steps = std::max(run.iterates.size(), std::size_t{1}) - 1;
  if (!rates.empty()) {
    address.add("lr", joined_exactly(rates));
    address.add("steps", std::to_string(std::min(steps, kMostSteps)));
  }
  address.add_optimizer(e.optimizer, e.hyperparameters);
  return address.embedded();
}

std::string lab_address(const FateMap& map) {
  if (map.network || map.variables.size() > 2) return "";
  const bool starts = map.x.name != "lr";
  const auto is_start = [&](const std::string& name) {
    return name == "start" || std::find(map.variables.begin(), map.variables.end(), name) != map.variables.end();
  };
  if (starts ? !is_start(map.x.name) || !is_start(map.y.name) || map.x.log || map.x.name != map.variables[0]
             : !map.x.log || map.y.name == "lr")
    return "";
  if (map.y.log || (!starts && is_start(map.y.name) && map.y.name != "start" && map.y.name != map.variables[0]))
    return "";
  std::vector<double> start = map.start;
  for (std::size_t i = 0; i < start.size(); ++i)
    if (std::isnan(start[i])) start[i] = middle(starts && i == 0 ? map.x : map.y);
  Address address(map.expression);
  address.add("from", joined_exactly(start));
  address.add("lr", format_exactly(map.lr ? *map.lr : middle(map.x)));
  address.add_optimizer(map.optimizer, map.hyperparameters);
  address.add("tab", "map");
  address.add("y", starts ? "starts" : is_start(map.y.name) ? "start" : dashed(map.y.name));
  address.add("area", joined_exactly({map.x.from, map.x.to, map.y.from, map.y.to}));
  return address.embedded();
}

std::string lab_address(const BifurcationDiagram& d) {
  if (d.x.name != "lr") return "";
  Address address(d.expression);
  address.add("from", format_exactly(d.start));
  address.add("lr", format_exactly(middle(d.x)));
  address.add_optimizer(d.optimizer, d.hyperparameters);
  address.add("tab", "bifurcation");
  return address.embedded();
}

std::string html_lab(const std::string& heading, std::string_view lab, const std::vector<LabPlace>& places) {
  if (lab.empty() || places.empty() || places.front().address.empty()) return "";
  constexpr const char* kScript = R"(
{
  const section = document.querySelector(".lab"), frame = section.querySelector("iframe"), buttons = section.querySelectorAll("button");
  const page = URL.createObjectURL(new Blob([JSON.parse(document.getElementById("lab-page").textContent)], {type: "text/html"}));
  addEventListener("message", ({source, data}) => {
    if (source === frame.contentWindow) frame.style.height = (data?.height ?? 760) + "px";
  });
  for (const button of buttons) button.onclick = () => {
    for (const other of buttons) other.setAttribute("aria-pressed", other === button);
    frame.src = page + button.dataset.address;
  };
  section.hidden = false;
  frame.src = page + frame.dataset.address;
}
)";
  std::string buttons;
  for (const LabPlace& place : places)
    buttons += "<button type=\"button\" aria-pressed=\"" + std::string(buttons.empty() ? "true" : "false") +
               "\" data-address=\"" + escaped(place.address) + "\">" + escaped(place.name) + "</button>\n";
  return "<section class=\"lab\" hidden=\"hidden\">\n<h2>" + escaped(heading) + "</h2>\n" +
         (places.size() > 1 ? "<div role=\"group\" aria-label=\"shown in the lab\">\n" + buttons + "</div>\n" : "") +
         "<iframe title=\"the lab, which computes in this page\" data-address=\"" + escaped(places.front().address) +
         "\"></iframe>\n</section>\n<script type=\"application/json\" id=\"lab-page\">" + json_string(lab) +
         "</script>\n<script>" + kScript + "</script>\n";
}

}  // namespace etamax
