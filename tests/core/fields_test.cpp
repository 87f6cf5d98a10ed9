// An options struct and the list of its fields: what is read, shown and refused.
#include "etamax/core/fields.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "../refusal.h"

namespace etamax {
namespace {

using testing::refusal;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Options {
  std::string model = "mlp", loss;
  NamedNumbers start;
  std::vector<double> rates;
  std::int64_t batch_size = 0;
  int threads = 4;
  std::uint64_t seed = 7;
  double gap = 0.1;
  std::optional<double> confidence = 0.999, lr;
  std::string schedule = "constant";
  std::vector<std::string> columns;
  bool standardize = false, culprits = true;
  long steps = 200;
};

Fields fields(Options& o) {
  return {
      {Group::problem, "model", &o.model, "Network"},
      {Group::problem, "loss", &o.loss, "Loss", {}, {.words = {"mse", "huber"}, .usual = "by the targets"}},
      {Group::problem, "start", &o.start, "Starting point"},
      {Group::runs, "rates", &o.rates, "Learning rates", Range::positive(), {.required = true}},
      {Group::runs, "batch_size", &o.batch_size, "Examples per step", Range::at_least(0)},
      {Group::runs, "threads", &o.threads, "Threads", Range::from_to(0, 1024)},
      {Group::runs, "seed", &o.seed, "Random seed", Range::at_least(0)},
      {Group::runs, "gap", &o.gap, "Relative width", Range::between(0, 1)},
      {Group::runs, "confidence", &o.confidence, "Confidence", Range::between(0, 1), {.none = true}},
      {Group::runs, "lr", &o.lr, "Learning rate", Range::positive()},
      {Group::runs, "schedule", &o.schedule, "Schedule", {}, {.words = {"constant", "cosine", "linear"}}},
      {Group::runs, "columns", &o.columns, "Columns", {}, {.words = {"a", "b"}}},
      {Group::runs, "standardize", &o.standardize, "Standardize"},
      {Group::runs, "culprits", &o.culprits, "Look for culprits"},
      {Group::runs, "steps", &o.steps, "Steps", Range::either(0, Range::at_least(4)), {.unit = "steps"}},
  };
}

const Field& find(const Fields& all, const std::string& name) {
  for (const Field& field : all)
    if (field.name == name) return field;
  throw std::logic_error(name);
}

TEST(Fields, ReadWhatTheyShow) {
  Options o;
  for (const auto& [name, texts, shown] : std::vector<std::tuple<std::string, std::vector<std::string>, std::string>>{
           {"model", {" linear"}, " linear"},
           {"loss", {"huber"}, "huber"},
           {"start", {"x=-1, y = 2"}, "x=-1,y=2"},
           {"start", {"-0.5"}, "-0.5"},
           {"rates", {"0.1:0.5:0.1"}, "0.1,0.2,0.3,0.4,0.5"},
           {"rates", {"2:1:-0.5,3", "4 : 4.9 : 1"}, "2,1.5,1,3,4"},
           {"rates", {"1e-300:3e-300:1e-300"}, "1e-300,2e-300,3e-300"},
           {"rates", {"0.8,1.0", " 1.2 "}, "0.8,1,1.2"},
           {"batch_size", {"1e4"}, "10000"},
           {"batch_size", {"9007199254740991"}, "9007199254740991"},
           {"threads", {" 8"}, "8"},
           {"seed", {"0"}, "0"},
           {"gap", {"0.30000000000000004"}, "0.30000000000000004"},
           {"confidence", {"none"}, "none"},
           {"confidence", {"0.5"}, "0.5"},
           {"lr", {"1e-3"}, "0.001"},
           {"schedule", {"cosine"}, "cosine"},
           {"columns", {"b,a"}, "b,a"},
           {"standardize", {"true"}, "true"},
           {"culprits", {"false"}, ""},
           {"steps", {"0"}, "0"},
       }) {
    const Fields all = fields(o);
    find(all, name).read(texts);
    EXPECT_EQ(find(all, name).value_text(), shown) << name;
  }
  EXPECT_EQ(o.start, (NamedNumbers{{"", -0.5}}));
  EXPECT_EQ(o.rates, (std::vector<double>{0.8, 1.0, 1.2}));
  EXPECT_FALSE(o.culprits);
}

TEST(Fields, TellWhatHasTheFormOfTheirValues) {
  Options o;
  const Fields all = fields(o);
  for (const char* text : {"0.8", "-1", "1,2", "0.1:2:0.1", "nan"})
    EXPECT_TRUE(find(all, "rates").could_hold(text)) << text;
  for (const char* text : {"x^2", "", "1,x", "x=1", "1:2"}) EXPECT_FALSE(find(all, "rates").could_hold(text)) << text;
  EXPECT_TRUE(find(all, "start").could_hold("x=-1, y=2"));
  EXPECT_FALSE(find(all, "start").could_hold("y=x^2"));
  EXPECT_FALSE(find(all, "columns").could_hold("1"));
  EXPECT_FALSE(find(all, "gap").could_hold("1"));
}

TEST(Fields, RefuseATextAndLeaveTheMember) {
  struct Case {
    const char *name, *text, *value, *constraint, *what;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"loss", "msee", "msee", "mse or huber", "loss: 'msee' is not mse or huber"},
           {"start", "x=a", "a", "a number", "start: x: 'a' is not a number"},
           {"start", "x=nan", "nan", "finite", "start: nan for 'x' is not finite"},
           {"start", "", "", "a number", "start: '' is not a number"},
           {"rates", "1,fast", "fast", "a number", "rates: 'fast' is not a number"},
           {"rates", "1,", "", "a number", "rates: '' is not a number"},
           {"rates", "1,-1", "-1", "a positive finite number", "rates: -1 is not a positive finite number"},
           {"rates", "0:1:0.5", "0", "a positive finite number",
            "rates: 0 of '0:1:0.5' is not a positive finite number"},
           {"rates", "1:2", "1:2", "a range, start:stop:step", "rates: '1:2' is not a range, start:stop:step"},
           {"rates", "1:2:3:4", "1:2:3:4", "a range, start:stop:step",
            "rates: '1:2:3:4' is not a range, start:stop:step"},
           {"rates", "1:2:0", "1:2:0", "a range whose step leads from its start to its stop",
            "rates: '1:2:0' is not a range whose step leads from its start to its stop"},
           {"rates", "1:2:-1", "1:2:-1", "a range whose step leads from its start to its stop",
            "rates: '1:2:-1' is not a range whose step leads from its start to its stop"},
           {"rates", "1:2:1e-3", "1:2:1e-3", "at most 1000 numbers",
            "rates: '1:2:1e-3' gives 1001 numbers, more than 1000"},
           {"rates", "1:2:nan", "1:2:nan", "a range whose step leads from its start to its stop",
            "rates: '1:2:nan' is not a range whose step leads from its start to its stop"},
           {"rates", "0,8", "0", "a positive finite number",
            "rates: 0 is not a positive finite number; where 0.8 is meant, write a point"},
           {"batch_size", "-1", "-1", "0 or a positive whole number",
            "batch_size: -1 is not 0 or a positive whole number"},
           {"batch_size", "1e300", "1e300", "at most 9007199254740992",
            "batch_size: 1e300 is not at most 9007199254740992"},
           {"threads", "1.5", "1.5", "a whole number in 0..1024", "threads: 1.5 is not a whole number in 0..1024"},
           {"threads", "4x", "4x", "a number", "threads: '4x' is not a number"},
           {"seed", "-1", "-1", "0 or a positive whole number", "seed: -1 is not 0 or a positive whole number"},
           {"gap", "2", "2", "between 0 and 1", "gap: 2 is not between 0 and 1"},
           {"gap", "inf", "inf", "finite; it must be between 0 and 1",
            "gap: inf is not finite; it must be between 0 and 1"},
           {"gap", "none", "none", "a number", "gap: 'none' is not a number"},
           {"confidence", "1", "1", "between 0 and 1, or none", "confidence: 1 is not between 0 and 1, or none"},
           {"lr", "0", "0", "a positive finite number", "lr: 0 is not a positive finite number"},
           {"schedule", "step", "step", "constant, cosine or linear",
            "schedule: 'step' is not constant, cosine or linear"},
           {"columns", "a,c", "c", "a or b", "columns: 'c' is not a or b"},
           {"standardize", "yes", "yes", "true or false", "standardize: 'yes' is not true or false"},
           {"steps", "3", "3", "0, or at least 4", "steps: 3 is not 0, or at least 4"},
           {"steps", "4.5", "4.5", "a whole number; it must be 0, or at least 4",
            "steps: 4.5 is not a whole number; it must be 0, or at least 4"},
       }) {
    Options o;
    o.start = {{"x", 1}};
    o.rates = {3};
    const Fields all = fields(o);
    const std::string before = find(all, c.name).value_text();
    try {
      find(all, c.name).read({c.text});
      ADD_FAILURE() << c.what << ": was taken";
    } catch (const InputError& e) {
      EXPECT_EQ(e.field(), c.name);
      EXPECT_EQ(e.value(), c.value);
      EXPECT_EQ(e.constraint(), c.constraint);
      EXPECT_STREQ(e.what(), c.what);
    }
    EXPECT_EQ(find(all, c.name).value_text(), before);
  }
}

TEST(Fields, OfAStructAreCheckedInTheSameWords) {
  const auto refused = [](auto change) {
    Options o;
    change(o);
    return refusal([&] { check_fields(o); });
  };
  EXPECT_EQ(refused([](Options&) {}), "(accepted)");
  EXPECT_EQ(refused([](Options& o) { o.rates = {1, -1}; }), "rates: -1 is not a positive finite number");
  EXPECT_EQ(refused([](Options& o) { o.gap = 2; }), "gap: 2 is not between 0 and 1");
  EXPECT_EQ(refused([](Options& o) { o.gap = std::nextafter(1.0, 0.0); }), "(accepted)");
  EXPECT_EQ(refused([](Options& o) { o.gap = kInfinity; }), "gap: inf is not finite; it must be between 0 and 1");
  EXPECT_EQ(refused([](Options& o) { o.confidence = 1; }), "confidence: 1 is not between 0 and 1, or none");
  EXPECT_EQ(refused([](Options& o) { o.confidence = {}; }), "(accepted)");
  EXPECT_EQ(refused([](Options& o) { o.schedule = "step"; }), "schedule: 'step' is not constant, cosine or linear");
  EXPECT_EQ(refused([](Options& o) { o.loss = "l1"; }), "loss: 'l1' is not mse or huber");
  EXPECT_EQ(refused([](Options& o) { o.start = {{"x", NAN}}; }), "start: nan for 'x' is not finite");
  EXPECT_EQ(refused([](Options& o) { o.steps = 3; }), "steps: 3 is not 0, or at least 4");
  EXPECT_EQ(refused([](Options& o) { o.steps = 0; }), "(accepted)");
  EXPECT_EQ(refused([](Options& o) { o.seed = std::numeric_limits<std::uint64_t>::max(); }), "(accepted)");
}

TEST(Fields, AreDescribedFromTheStruct) {
  Options o;
  const Fields all = fields(o);
  for (const auto& [name, type, facts] : std::initializer_list<std::array<const char*, 3>>{
           {"model", "TEXT", "default: mlp"},
           {"loss", "NAME", "mse or huber; default: by the targets"},
           {"start", "NAME=FLOAT,...", ""},
           {"rates", "FLOAT,...", "required; positive"},
           {"batch_size", "INT", "default: 0; at least 0"},
           {"threads", "INT", "default: 4; 0..1024"},
           {"gap", "FLOAT", "default: 0.1; between 0 and 1"},
           {"confidence", "FLOAT", "default: 0.999; between 0 and 1, or none"},
           {"lr", "FLOAT", "positive"},
           {"schedule", "NAME", "constant, cosine or linear; default: constant"},
           {"columns", "NAME,...", "a or b"},
           {"standardize", "", ""},
           {"steps", "INT", "default: 200 steps; 0, or at least 4"},
       }) {
    EXPECT_EQ(find(all, name).type(), type) << name;
    EXPECT_EQ(find(all, name).facts(), facts) << name;
  }
}

TEST(Range, InWords) {
  struct Case {
    Range range;
    const char *real, *whole;
  };
  for (const Case& c : std::initializer_list<Case>{
           {{}, "finite", "a whole number"},
           {Range::positive(), "a positive finite number", "a positive whole number"},
           {Range::at_least(0), "at least 0", "0 or a positive whole number"},
           {Range::at_least(1), "at least 1", "a positive whole number"},
           {Range::at_least(16), "at least 16", "at least 16"},
           {Range::between(0, 1), "between 0 and 1", ""},
           {Range::fraction(), "in [0, 1)", ""},
           {Range::from_to(0, 0.9), "in [0, 0.9]", ""},
           {Range::from_to(0, 1000000), "in [0, 1000000]", "a whole number in 0..1000000"},
           {{.high = 0}, "at most 0", "at most 0"},
           {Range::either(0, Range::at_least(4)), "0, or at least 4", "0, or at least 4"},
       }) {
    EXPECT_EQ(c.range.text(), c.real);
    if (*c.whole) {
      EXPECT_EQ(c.range.text(true), c.whole);
    }
  }
}

TEST(Range, ContainsItsClosedBoundsOnly) {
  for (const Range& r : {Range::between(0, 1), Range::fraction(), Range::from_to(0, 1), Range::positive(), Range{}}) {
    EXPECT_EQ(r.contains(0), !r.low_open);
    EXPECT_TRUE(r.contains(0.5));
    if (std::isfinite(r.high)) {
      EXPECT_EQ(r.contains(r.high), !r.high_open);
    }
    for (const double never : {std::nan(""), kInfinity, -kInfinity}) EXPECT_FALSE(r.contains(never));
  }
  EXPECT_TRUE(Range::either(0, Range::at_least(4)).contains(0));
  EXPECT_FALSE(Range::either(0, Range::at_least(4)).contains(3));
}

TEST(Fields, RefuseAByteThatEndsATextForTheSystem) {
  Options o;
  for (const Field& field : fields(o))
    EXPECT_EQ(refusal([&] { field.read({std::string("a\0b", 3)}); }),
              field.name + ": 'a\\x00b' holds a byte of value 0");
}

TEST(Fields, RefuseLongLists) {
  const std::string many = "5001 values are more than 5000";
  for (const std::string name : {"rates", "start", "columns"}) {
    Options o;
    const Fields all = fields(o);
    const Field& field = find(all, name);
    std::string list = name == "columns" ? "a" : "1";
    for (std::size_t i = 1; i < Field::kMostValues; ++i) list += name == "columns" ? ",b" : ",2";
    field.read({list});
    field.check();
    EXPECT_EQ(refusal([&] { field.read({list, "a"}); }), name + ": " + many);
    EXPECT_EQ(refusal([&] { field.read({list + ",1"}); }), name + ": " + many);
  }
  Options o;
  const Fields all = fields(o);
  std::vector<std::string> ranges(6, "1:1000:1");
  EXPECT_EQ(refusal([&] { find(all, "rates").read(ranges); }), "rates: 6000 values are more than 5000");
  o.rates.assign(Field::kMostValues + 1, 0.1);
  EXPECT_EQ(refusal([&] { find(all, "rates").check(); }), "rates: " + many);
}

}  // namespace
}  // namespace etamax
