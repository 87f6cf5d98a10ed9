#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <string_view>

#include "etamax/draw/terminal.h"
#include "etamax/files/replace_file.h"
#include "etamax/report/document.h"

namespace etamax::python {

/// What a verb answered, as Python holds it: a struct of answers/ behind the documents that are made from it.
class Answer {
 public:
  virtual ~Answer() = default;
  virtual std::string json() const = 0;
  virtual std::string text(const TerminalStyle& style) const = 0;
  /// The content of a file of that format; bytes of a PNG or a PDF. `figure`: "" takes all.
  /// `lab`: the lab's file, for the HTML of answers that it has a place for; "" leaves it out.
  virtual std::string content(const OutputFormat& format, const std::string& figure, std::string_view lab) const = 0;
};

/// The bytes of a picture from the SVG that it is made from, where the format is not SVG itself.
std::string drawn(std::string content, const OutputFormat& format);

template <typename T>
class AnswerOf final : public Answer {
 public:
  explicit AnswerOf(T answer) : answer_(std::move(answer)) {}
  std::string json() const override { return to_json(answer_); }
  std::string text(const TerminalStyle& style) const override { return to_text(answer_, style); }
  std::string content(const OutputFormat& format, const std::string& figure, std::string_view lab) const override {
    return drawn(document(answer_, format, figure, lab), format);
  }

 private:
  T answer_;
};

/// The most memory that this process has had.
long peak_rss_bytes();

template <typename T>
std::unique_ptr<Answer> answer_of(T answer) {
  answer.cost.peak_rss_bytes = peak_rss_bytes();
  return std::make_unique<AnswerOf<T>>(std::move(answer));
}

void bind_answer(pybind11::module_& module);

}  // namespace etamax::python
