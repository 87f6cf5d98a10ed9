// Spectra in words and pictures: sound whatever the numbers and names are, with the answer first and every eigenvalue
// told as it is.
#include "etamax/report/spectra.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "etamax/draw/svg.h"
#include "etamax/report/spectra/detail_words.h"
#include "samples.h"

namespace etamax {
namespace {

Spectra found() {
  Spectra s;
  s.model = "<mlp> & \"more\"";
  s.data = "digits";
  s.loss = "mse";
  s.parameters = 1200, s.dimension = 1200, s.examples = 100, s.of_examples = 400;
  s.matrix = "hessian";
  s.confidence = 0.999;
  s.lambda_max = {8.9, 9.1};
  s.lambda_min = {-1.1, -0.9};
  s.top = {{{9, {8.9, 9.1}, 1e-3, 8.5, {{"0.weight", 0.75}, {"2.weight", 0.25}}, {}},
            {4, {3.9, 4.2}, 2e-2, 4.5, {{"2.<b>", 1}}, 0},
            {3.99, {3.8, 4.1}, 2e-2, {}, {}, 0}},
           3.5,
           true};
  s.bottom = {{{-1, {-1.1, -0.9}, 1e-3, 0.25, {}, {}}}, -0.5, false};
  SpectralMass mass;
  mass.starts = {{{-1, 0, 0.01, 9}, {0.1, 0.5, 0.3, 0.1}, {1e-3, 0.01, 0.02, 1e-6}},
                 {{-1, 0, 0.02, 9}, {0.05, 0.6, 0.3, 0.05}, {2e-3, 0.01, 0.02, 1e-6}}};
  mass.near = 0.09, mass.share_near = 0.85, mass.share_near_error = 0.02;
  mass.share_negative = 0.075, mass.share_negative_error = 0.01;
  s.density = mass;
  s.traces = {{30.5, 1.5}, {120, 7}, {{"0.<weight>", 1000, {20.5, 1.25}}, {"2.weight", 200, {10, {}}}}, 60};
  s.vectors = "top.npz";
  s.answer = {"The largest eigenvalue is 8.9 to 9.1.", "The 2nd to 3rd of the largest are a cluster."};
  return s;
}

void expect_sound(const Spectra& s) {
  EXPECT_EQ(testing::xml_fault(to_svg(poster(s), Theme::light)), "");
  EXPECT_EQ(testing::xml_fault(to_html(s)), "");
  for (const PictureSpec<Spectra>& picture : spectra_pictures())
    for (const double width : {358.0, 1000.0})
      if (const auto drawn = picture.draw(s, width)) {
        for (const Theme theme : {Theme::light, Theme::dark, Theme::page})
          EXPECT_EQ(testing::xml_fault(to_svg(*drawn, theme)), "") << picture.name;
        EXPECT_EQ(testing::text_faults(*drawn), "") << picture.name << " at " << width;
        EXPECT_FALSE(picture.caption(s).empty());
      }
}

TEST(SpectraReport, HasTheAnswerFirstAndEveryEigenvalue) {
  const Spectra s = found();
  expect_sound(s);
  for (const PictureSpec<Spectra>& picture : spectra_pictures()) EXPECT_TRUE(picture.draw(s, 1000)) << picture.name;
  const std::string text = to_text(s, {});
  std::size_t at = 0;
  for (const char* part : {"The largest eigenvalue is 8.9", "The 2nd to 3rd", "100 examples of 400",
                           "Eigenvalues:", "top 1", "8.9 to 9.1", "0.weight 75%, 2.weight 25%", "top 3", "bottom 1",
                           "Traces of the layers", "20.5 +- 1.2", "The eigenvectors are in top.npz."}) {
    at = text.find(part, at);
    ASSERT_NE(at, std::string::npos) << part << " is missing or stands too early in\n" << text;
  }
  const std::string page = to_html(s);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<mlp>"), std::string::npos);
  EXPECT_EQ(page.find("<b>"), std::string::npos);
  for (const char* part : {"<td>top 2</td>", "<td>8.9 to 9.1</td>", "<th>cluster</th>", "0.&lt;weight&gt;"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
}

TEST(SpectraReport, NoTwoClustersHaveOneName) {
  Spectra s;
  s.top.emplace(), s.bottom.emplace();
  for (long k = 0; k < 60; ++k) s.top->values.push_back({2.0, {}, 0.1, {}, {}, k / 2});
  for (long k = 0; k < 2; ++k) s.bottom->values.push_back({1.0, {}, 0.1, {}, {}, 0});
  const std::vector<EigenvalueRow> rows = eigenvalue_rows(s);
  ASSERT_EQ(rows.size(), 63u);
  std::map<std::string, int> names;
  for (std::size_t k = 1; k < rows.size(); ++k) ++names[rows[k][5]];
  EXPECT_EQ(names.size(), 31u);
  for (const auto& [name, count] : names) EXPECT_EQ(count, 2) << name;
  EXPECT_EQ(rows[1][5] + " " + rows[52][5] + " " + rows[53][5] + " " + rows[61][5], "a z aa ae");
}

TEST(SpectraReport, TheJsonHasWhatTheAnswerHas) {
  const nlohmann::json j = nlohmann::json::parse(to_json(found()));
  EXPECT_EQ(j.at("lambda_max").at("upper"), 9.1);
  ASSERT_EQ(j.at("top").at("eigenvalues").size(), 3u);
  EXPECT_EQ(j["top"]["eigenvalues"][1].at("value"), 4);
  EXPECT_EQ(j["top"]["eigenvalues"][1].at("lower"), 3.9);
  EXPECT_EQ(j["top"]["eigenvalues"][1].at("cluster"), 0);
  EXPECT_TRUE(j["top"]["eigenvalues"][0].at("cluster").is_null());
  EXPECT_EQ(j["top"].at("others"), 3.5);
  EXPECT_EQ(j.at("bottom").at("reached_tolerance"), false);
  EXPECT_EQ(j.at("density").at("starts")[1].at("weights"), (std::vector<double>{0.05, 0.6, 0.3, 0.05}));
  EXPECT_EQ(j.at("trace").at("trace").at("half_width"), 1.5);
  EXPECT_FALSE(j.contains("partial"));
}

TEST(SpectraReport, IsSoundWhereNothingIsKnownOrTheNumbersAreExtreme) {
  Spectra s;
  expect_sound(s);
  for (const PictureSpec<Spectra>& picture : spectra_pictures()) EXPECT_FALSE(picture.draw(s, 1000)) << picture.name;
  s.partial = true;
  EXPECT_NE(to_text(s, {}).find("Interrupted"), std::string::npos);
  for (const double size : {1e-300, 1.0, 1e300}) {
    Spectra e = found();
    for (auto* ends : {&e.top, &e.bottom})
      for (SpectralEnd& end : (*ends)->values)
        end.value *= size, end.bounds = {}, end.residual *= size, end.gauss_newton.reset();
    for (SpectralMass::Start& start : e.density->starts)
      for (double& node : start.nodes) node *= size;
    e.density->near *= size;
    expect_sound(e);
  }
  // No positive part, one eigenvalue, no density but zeros.
  s.top = {{{-3, {-3, -3}, 0, -3, {}, {}}}, {}, true};
  s.density = SpectralMass{{{{0}, {1}, {}}, {{0}, {1}, {}}}, 2, 0, 1, 0, 0, 0, 0, 0, 0};
  expect_sound(s);
}

}  // namespace
}  // namespace etamax
