// A track in bounded memory keeps what track.h promises.
#include "etamax/diagnose/track.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace etamax {
namespace {

TEST(Track, AShortLogIsKeptWhole) {
  Track track;
  for (int i = 0; i < static_cast<int>(Track::kRecent); ++i)
    track.add(3 * i, i == 700 ? std::nan("") : i == 6000 ? 1e9 : i);
  const auto samples = track.samples();
  ASSERT_EQ(samples.size(), Track::kRecent);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(samples[i].step, 3.0 * static_cast<double>(i));
    EXPECT_EQ(samples[i].records, 1);
  }
  EXPECT_TRUE(std::isnan(samples[700].value));
}

TEST(Track, ALongLogIsBoundedAndLosesNoExtreme) {
  Track track;
  constexpr long kRecords = 3000000, kBlow = 1234567;
  for (long i = 0; i < kRecords; ++i)
    track.add(static_cast<double>(i), i == 99999       ? -50
                                      : i < kBlow      ? 1 + 0.1 * std::sin(i)
                                      : i < kBlow + 40 ? std::exp(0.4 * static_cast<double>(i - kBlow))
                                                       : 3);
  const auto samples = track.samples();
  EXPECT_LT(samples.size(), 2 * Track::kRecent + Track::kRanges + Track::kFirst + 3);
  double low = 0, high = 0;
  long records = 0, single = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    ASSERT_GE(samples[i].step, samples[i > 0 ? i - 1 : 0].step);
    low = std::min(low, samples[i].low), high = std::max(high, samples[i].high);
    records += samples[i].records;
    if (samples[i].step >= kBlow && samples[i].step < kBlow + 40) single += samples[i].records == 1 ? 1 : 0;
  }
  EXPECT_EQ(low, -50);
  EXPECT_EQ(high, std::exp(0.4 * 39));
  EXPECT_EQ(records, kRecords);
  for (std::size_t i = 0; i < Track::kFirst; ++i) EXPECT_EQ(samples[i].step, static_cast<double>(i));
  EXPECT_EQ(single, 40) << "the moment where it went wrong is kept record by record";
}

TEST(Track, ARestartForgetsWhatItRepeats) {
  Track track;
  for (int i = 0; i < 100; ++i) track.add(i, i);
  for (int i = 60; i < 80; ++i) track.add(i, -i);
  const auto samples = track.samples();
  ASSERT_EQ(samples.size(), 80u);
  EXPECT_EQ(samples[59].value, 59);
  EXPECT_EQ(samples[60].value, -60);
  EXPECT_EQ(track.restarts(), 1);
  EXPECT_EQ(track.restarted_from(), 99);
  EXPECT_EQ(track.restarted_to(), 60);
}

}  // namespace
}  // namespace etamax
