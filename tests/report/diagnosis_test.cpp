// A diagnosis in words and pictures: sound whatever the numbers are, and with the answer first.
#include "etamax/report/diagnosis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "etamax/core/format.h"
#include "etamax/draw/svg.h"
#include "samples.h"

namespace etamax {
namespace {

Diagnosis blown_up() {
  Diagnosis d;
  d.verdict = LogVerdict::learning_rate;
  d.cause = "learning_rate";
  d.reason = "The learning rate was too high: the loss rose.";
  d.next = "Lower it.";
  d.score = 0.95;
  d.evidence = {"the loss grew <fast> & far"};
  d.causes = {{"learning_rate", "too high a learning rate", LogVerdict::learning_rate, 0.95, {"it grew"}, {}},
              {"collapse", "a collapse", LogVerdict::collapse, 0.05, {}, {"it does not stand still"}}};
  d.log = {"<b>\"train\".log", "csv", 1234, 120, "loss", "step", {"lr"}, {"the steps go backwards once"}};
  d.loss.name = "loss";
  d.learning_rate = LogSeries{"lr", {}};
  for (int i = 0; i < 120; ++i) {
    const double loss = i < 80    ? 0.3 + std::exp(-i / 20.0)
                        : i < 110 ? 0.3 + 0.05 * std::exp(0.4 * (i - 80))
                                  : std::nan("");
    d.loss.samples.push_back({i * 1.0, loss, loss, loss, 1});
    d.learning_rate->samples.push_back({i * 1.0, 0.001 * i, 0.001 * i, 0.001 * i, 1});
  }
  d.onset_step = 80;
  d.growth_per_step = Estimate{std::exp(0.4), {1.4, 1.6}, "95%"};
  d.growth_range = {84, 109};
  d.growth_start = 0.05 * std::exp(1.6);
  d.growth_level = 0.3;
  d.lr = 0.08;
  d.lr_edge = Estimate{0.07, {0.06, 0.08}, "the growth"};
  d.lr_suggested = Estimate{0.035, {0.03, 0.04}, "half the edge"};
  return d;
}

std::optional<Drawing> drawn(const Diagnosis& d, double width) {
  return testing::picture(diagnosis_pictures(), "course").draw(d, width);
}

void expect_sound(const Diagnosis& d) {
  for (const double width : {358.0, 1000.0})
    if (const auto drawing = drawn(d, width)) {
      EXPECT_EQ(testing::xml_fault(to_svg(*drawing, Theme::light)), "");
      EXPECT_EQ(testing::text_faults(*drawing), "");
    }
  EXPECT_EQ(testing::xml_fault(to_svg(poster(d), Theme::light)), "");
  EXPECT_EQ(testing::xml_fault(to_html(d)), "");
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(DiagnosisReport, SaysTheAnswerFirstAndFitsTheTerminal) {
  for (const int width : {40, 80, 120}) {
    const std::string text = to_text(blown_up(), {false, true, width});
    EXPECT_NE(text.substr(0, 80).find("The learning rate was too high"), std::string::npos) << text;
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      EXPECT_LE(columns_of(text.substr(begin, end - begin)), width) << text.substr(begin, end - begin);
  }
}

TEST(DiagnosisReport, ThePageHasThePicturesMarksAndNoScript) {
  const std::string html = to_html(blown_up());
  EXPECT_EQ(testing::xml_fault(html), "");
  EXPECT_EQ(html.find("<script"), std::string::npos);
  for (const char* elsewhere : {"src=", "href=", "url(", "@import"})
    EXPECT_EQ(html.find(elsewhere), std::string::npos) << elsewhere;
  for (const char* mark : {"onset, step 80", "fit: x 1.492 per step", "nan from step 110 on", "stability edge 0.07"})
    EXPECT_EQ(count(html, mark), 2u) << mark << ": once on the wide picture, once on the narrow one";
  EXPECT_LT(html.find("too high"), html.find("<figure")) << "the verdict comes before the picture";
}

TEST(DiagnosisReport, ThePageShowsTheNumbersOfTheAnswer) {
  const Diagnosis d = blown_up();
  const std::string html = to_html(d), text = to_text(d, {false, true, 400});
  const auto shown = [&](const char* name, double value, const std::string& after) {
    const std::string digits = format_number(value, 4);
    EXPECT_NE(
        html.find("<dt>" + std::string(name) + "</dt><dd><strong>" + digits + "</strong> <span class=\"why\">" + after),
        std::string::npos)
        << name;
    const std::size_t at = text.find("\n  " + std::string(name) + " ");
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_NE(text.substr(at, 70).find(" " + digits + " " + after), std::string::npos) << text.substr(at, 70);
  };
  shown("onset", *d.onset_step, "(the last calm step)");
  shown("growth per step", d.growth_per_step->value, "(1.4 to 1.6: 95%)");
  shown("learning rate", *d.lr, "(in force at the onset)");
  shown("stability edge", d.lr_edge->value, "(0.06 to 0.08: the growth)");
  shown("learning rate to use", d.lr_suggested->value, "(0.03 to 0.04: half the edge)");
  EXPECT_NE(html.find("<dt>95%</dt><dd>Too high a learning rate."), std::string::npos);
}

TEST(DiagnosisReport, HostileNamesStayWords) {
  Diagnosis d = blown_up();
  const std::string hostile = "</title><script>alert('x')</script>\"&\x01\xff";
  d.log.name = d.log.loss_column = d.log.step_column = d.loss.name = d.learning_rate->name = hostile;
  d.log.other_columns = d.log.remarks = d.evidence = {hostile};
  d.causes[0].heading = d.causes[0].evidence[0] = d.reason = d.next = hostile;
  const std::string html = to_html(d);
  EXPECT_EQ(testing::xml_fault(html), "");
  EXPECT_EQ(html.find("<script"), std::string::npos);
  expect_sound(d);
}

TEST(DiagnosisReport, TheTwoChartsHaveTheirFramesInLine) {
  for (const double width : {358.0, 1144.0}) {
    const Drawing picture = drawn(blown_up(), width).value();
    std::vector<Drawing::Path> frames;
    for (const auto& item : picture.items)
      if (const auto* path = std::get_if<Drawing::Path>(&item); path && path->closed && path->stroke && !path->fill)
        frames.push_back(*path);
    ASSERT_EQ(frames.size(), 2u);
    for (std::size_t corner = 0; corner < 4; ++corner)
      EXPECT_EQ(frames[0].parts[0][corner].x, frames[1].parts[0][corner].x);
    EXPECT_LT(frames[0].parts[0][2].y, frames[1].parts[0][0].y) << "one is below the other";
  }
  const std::vector<std::string> text =
      testing::picture(diagnosis_pictures(), "course").lines(blown_up(), {false, true, 80});
  std::vector<std::size_t> corners;
  for (const std::string& line : text)
    if (const std::size_t at = line.find("└"); at != std::string::npos) corners.push_back(at);
  ASSERT_EQ(corners.size(), 2u);
  EXPECT_EQ(corners[0], corners[1]);
}

TEST(DiagnosisReport, IsSoundForOddNumbersToo) {
  expect_sound(blown_up());
  expect_sound(Diagnosis{});
  constexpr double kMost = std::numeric_limits<double>::max(), kInf = std::numeric_limits<double>::infinity();
  for (const double odd : {0.0, -1.0, kMost, -kMost, 5e-324, kInf, -kInf, std::nan("")})
    for (std::size_t place : {std::size_t{0}, std::size_t{60}, std::size_t{119}}) {
      Diagnosis d = blown_up();
      d.loss.samples[place].value = d.loss.samples[place].low = d.loss.samples[place].high = odd;
      d.learning_rate->samples[place].value = d.learning_rate->samples[place].low =
          d.learning_rate->samples[place].high = odd;
      expect_sound(d);
    }
  Diagnosis d = blown_up();
  d.iterates = true;
  expect_sound(d);
}

}  // namespace
}  // namespace etamax
