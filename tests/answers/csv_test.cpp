// The tables of the answers: a header, a row for each thing, cells that read back.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "etamax/answers/analysis.h"
#include "etamax/answers/comparison.h"
#include "etamax/answers/diagnosis.h"
#include "etamax/answers/explanation.h"
#include "etamax/answers/following.h"
#include "etamax/answers/spectra.h"
#include "etamax/answers/tuning.h"

namespace etamax {
namespace {

TEST(Csv, OfAnExplanationHasARowForEachStepShown) {
  Explanation e;
  e.variables = {"x", "y"};
  FunctionRun run;
  run.lr = 0.1;
  run.verdict = Verdict::diverges;
  run.iterates = {{1, 0.1 + 0.2}, {-2, std::numeric_limits<double>::infinity()}};
  run.losses = {1e-300, std::nan("")};
  e.runs = {run};
  EXPECT_EQ(to_csv(e),
            "lr,verdict,step,x,y,loss\r\n"
            "0.1,diverges,0,1,0.30000000000000004,1e-300\r\n"
            "0.1,diverges,1,-2,inf,nan\r\n");
}

TEST(Csv, NoTwoColumnsHaveOneName) {
  Explanation e;
  e.variables = {"loss", "verdict", "optimizer", "x"};
  EXPECT_EQ(to_csv(e), "lr,verdict,step,variable loss,variable verdict,variable optimizer,x,loss\r\n");
}

TEST(Csv, OfSpectraHasARowForEachEigenvalueAndEachNode) {
  Spectra spectra;
  spectra.top = {{{3, {2.5, {}}, 0.25, 2.75, {}, {}}}, {}, true};
  SpectralMass mass;
  mass.starts = {{{-1, 3}, {0.75, 0.25}, {0.5, 0.125}}};
  spectra.density = mass;
  EXPECT_EQ(to_csv(spectra),
            "kind,start,index,value,lower,upper,residual,gauss_newton,weight\r\n"
            "top,,1,3,2.5,,0.25,2.75,\r\n"
            "node,1,1,-1,,,0.5,,0.75\r\n"
            "node,1,2,3,,,0.125,,0.25\r\n");
}

TEST(Csv, OfAFollowingHasARowForEachLook) {
  SharpnessRun run;
  run.lr = 0.5;
  SharpnessLook look;
  look.step = 10, look.lr = 0.25, look.loss = 2, look.sharpness = 8, look.residual = 0.125, look.edge = 0.25,
  look.critical = 8, look.layer = "0.weight";
  run.looks = {look};
  Following following;
  following.runs = {run};
  EXPECT_EQ(to_csv(following),
            "lr_peak,step,lr,loss,sharpness,residual,lower,upper,edge,critical,batch_sharpness,gauss_newton,layer\r\n"
            "0.5,10,0.25,2,8,0.125,,,0.25,8,,,0.weight\r\n");
}

TEST(Csv, OfAComparisonNamesTheOptimizerFirst) {
  Explanation e;
  e.variables = {"x"};
  FunctionRun run;
  run.lr = 0.1;
  run.verdict = Verdict::converges;
  run.iterates = {{1}};
  run.losses = {0.5};
  e.runs = {run};
  e.optimizer = "gd";
  Comparison c;
  c.explanations = {e, e};
  c.explanations[1].optimizer = "adam";
  EXPECT_EQ(to_csv(c),
            "optimizer,lr,verdict,step,x,loss\r\n"
            "gd,0.1,converges,0,1,0.5\r\n"
            "adam,0.1,converges,0,1,0.5\r\n");
}

TEST(Csv, OfAnAnalysisHasTheStepsThatWereKept) {
  Analysis a;
  RunRecord run;
  run.lr = 0.5, run.seed = 3, run.stride = 4, run.verdict = Verdict::trains, run.losses = {2, 1};
  a.runs = {run};
  run.seed = 4;
  a.other_starts = {run};
  EXPECT_EQ(to_csv(a),
            "lr,seed,verdict,step,loss\r\n"
            "0.5,3,trains,0,2\r\n0.5,3,trains,4,1\r\n0.5,4,trains,0,2\r\n0.5,4,trains,4,1\r\n");
}

TEST(Csv, OfATuningLeavesACellEmptyAndQuotesAComma) {
  Tuning t;
  RunRecord run;
  run.purpose = "a \"so-called\" trial, again", run.lr = 0.25, run.steps = 7, run.loss = 0.5;
  t.trials = {run};
  EXPECT_EQ(to_csv(t),
            "purpose,lr,seed,warmup_steps,steps,verdict,loss,training_loss\r\n"
            "\"a \"\"so-called\"\" trial, again\",0.25,0,0,7,unclear,0.5,\r\n");
}

TEST(Csv, OfADiagnosisIsTheColumnThatWasDiagnosed) {
  Diagnosis d;
  d.loss.samples = {{10, 0.5, 0.25, 0.75, 2}, {12, std::nan(""), 0, 0, 1}};
  EXPECT_EQ(to_csv(d), "step,value,low,high,records\r\n10,0.5,0.25,0.75,2\r\n12,nan,0,0,1\r\n");
}

}  // namespace
}  // namespace etamax
