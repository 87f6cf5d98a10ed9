// Certified bounds against spectra that are known: coverage over many starts, in 64 and in 32 bit, and the
// edge cases.
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <random>

#include "dense.h"
#include "etamax/core/error.h"
#include "etamax/spectrum/eigen_space.h"
#include "etamax/spectrum/lanczos.h"

namespace etamax {
namespace {

/// The smallest operator that a user would write. Lanczos from a random start sees only the spectrum, so a
/// diagonal matrix stands for every matrix with these eigenvalues.
struct Diagonal {
  Eigen::VectorXd entries;
  std::size_t dim() const { return static_cast<std::size_t>(entries.size()); }
  void apply(const Eigen::VectorXd& in, Eigen::VectorXd& out) const { out = entries.cwiseProduct(in); }
  void apply(const Eigen::VectorXf& in, Eigen::VectorXf& out) const { out = entries.cast<float>().cwiseProduct(in); }
};

Eigen::VectorXd spectrum(const std::string& name, int n) {
  Eigen::VectorXd lambda(n);
  for (int i = 0; i < n; ++i) {
    const double u = (i + 0.5) / n;
    if (name == "flat") lambda[i] = u;
    if (name == "outlier") lambda[i] = i == n - 1 ? 10 : u;
    if (name == "cluster") lambda[i] = i >= n - 20 ? 1 + 1e-3 * (i - n + 20) : 0.5 * u;
    if (name == "power law") lambda[i] = std::pow(n - i, -1.0);
    if (name == "indefinite") lambda[i] = 2 * u - 1.5;  // the largest in magnitude is negative
    if (name == "negative") lambda[i] = u - 3;
  }
  return lambda;
}

const std::vector<std::string> kSpectra = {"flat", "outlier", "cluster", "power law", "indefinite", "negative"};

template <typename Vector>
void expect_coverage(const std::string& name) {
  constexpr int n = 2000, kStarts = 60;
  constexpr double kConfidence = 0.9;
  Diagonal a{spectrum(name, n)};
  const double top = a.entries.maxCoeff(), bottom = a.entries.minCoeff();
  const double rounding = sizeof(typename Vector::Scalar) == 4 ? 1e-5 * a.entries.cwiseAbs().maxCoeff() : 1e-12;
  int misses = 0;
  for (int start = 0; start < kStarts; ++start) {
    const auto result = certify_spectrum<Vector>(a, {1e-9, kConfidence, 50, static_cast<std::uint64_t>(start), {}});
    // A bound must hold wherever one stops.
    for (const std::size_t steps : {1u, 2u, 3u, 5u, 8u, 13u, 21u, 34u, 50u}) {
      if (steps > result.coefficients.steps()) break;
      LanczosCoefficients t = result.coefficients;
      t.diagonal.resize(steps);
      t.subdiagonal.resize(steps);
      const CertifiedExtremes e = certified_extremes(t, kConfidence);
      EXPECT_LE(e.largest.lower, top + rounding) << name;
      EXPECT_GE(e.smallest.upper, bottom - rounding) << name;
      if (e.largest.upper < top - rounding || e.smallest.lower > bottom + rounding) {
        ++misses;
        break;
      }
    }
  }
  // The bounds are conservative: with 60 starts and failure probability 0.1 even 6 misses would be allowed.
  EXPECT_LE(misses, 6) << name;
}

TEST(Certify, CoversInDoublePrecision) {
  for (const std::string& name : kSpectra) expect_coverage<Eigen::VectorXd>(name);
}

TEST(Certify, CoversInSinglePrecision) {
  for (const std::string& name : kSpectra) expect_coverage<Eigen::VectorXf>(name);
}

TEST(Certify, ReachesTheGapThatItSaysItReached) {
  for (const std::string& name : kSpectra) {
    Diagonal a{spectrum(name, 20000)};
    const auto result = certify_spectrum<Eigen::VectorXd>(a, {});
    ASSERT_TRUE(result.reached_gap) << name;
    const auto& top = result.extremes.largest;
    EXPECT_LE(top.upper - top.lower, 0.1 * std::max(std::abs(top.upper), std::abs(top.lower))) << name;
    EXPECT_GE(top.upper, a.entries.maxCoeff()) << name;
    // The gap is relative to the eigenvalue, which is a quarter of the indefinite spectrum's range.
    EXPECT_LE(result.products, name == "indefinite" ? 60u : 30u) << name;
  }
}

TEST(Certify, TheLargestEigenvalueNotTheLargestInMagnitude) {
  Diagonal a{Eigen::Vector2d(3, -5)};
  const auto result = certify_spectrum<Eigen::VectorXd>(a, {});
  EXPECT_NEAR(result.extremes.largest.lower, 3, 1e-12);
  EXPECT_NEAR(result.extremes.largest.upper, 3, 1e-9);
  EXPECT_NEAR(result.extremes.smallest.lower, -5, 1e-9);
}

TEST(Certify, SmallSpacesAreSolvedExactly) {
  for (int n = 1; n <= 6; ++n) {
    std::mt19937 random(static_cast<unsigned>(n));
    std::normal_distribution<double> normal;
    Eigen::VectorXd entries = Eigen::VectorXd::NullaryExpr(n, [&] { return normal(random); });
    Diagonal a{entries};
    const auto result = certify_spectrum<Eigen::VectorXd>(a, {1e-12, 0.999, 200, 7, {}});
    EXPECT_LE(result.products, static_cast<std::size_t>(n));
    EXPECT_NEAR(result.extremes.largest.lower, entries.maxCoeff(), 1e-10);
    EXPECT_NEAR(result.extremes.largest.upper, entries.maxCoeff(), 1e-6);
    EXPECT_NEAR(result.extremes.smallest.upper, entries.minCoeff(), 1e-10);
  }
}

TEST(Certify, ZeroAndIdentity) {
  Diagonal zero{Eigen::VectorXd::Zero(50)}, identity{Eigen::VectorXd::Ones(50)};
  EXPECT_EQ(certify_spectrum<Eigen::VectorXd>(zero, {}).extremes.largest.lower, 0);
  EXPECT_NEAR(certify_spectrum<Eigen::VectorXd>(zero, {}).extremes.largest.upper, 0, 1e-12);
  EXPECT_NEAR(certify_spectrum<Eigen::VectorXd>(identity, {}).extremes.largest.upper, 1, 1e-9);
}

struct Matrix {
  Eigen::MatrixXd entries;
  std::size_t dim() const { return static_cast<std::size_t>(entries.rows()); }
  void apply(const Eigen::VectorXd& in, Eigen::VectorXd& out) const { out = entries * in; }
  void apply(const Eigen::VectorXf& in, Eigen::VectorXf& out) const { out = entries.cast<float>() * in; }
};

template <typename Vector>
std::string refusal_of(const Eigen::MatrixXd& entries, std::uint64_t seed) {
  Matrix a{entries};
  try {
    certify_spectrum<Vector>(a, {0.1, 0.999, 200, seed, {}});
    return "";
  } catch (const InputError& e) {
    EXPECT_EQ(e.field(), "operator");
    return e.constraint();
  }
}

TEST(Certify, RefusesWhatIsNotSymmetric) {
  const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(4, 4);
  Eigen::MatrixXd rolled(4, 4), stray = Eigen::Vector4d(1, 2, 3, 4).asDiagonal(), turned(2, 2);
  for (int i = 0; i < 4; ++i) rolled.row((i + 1) % 4) = identity.row(i);
  stray(0, 3) = 5;
  turned << 0, -1, 1, 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (const Eigen::MatrixXd& a : {rolled, stray, turned}) {
      EXPECT_TRUE(refusal_of<Eigen::VectorXd>(a, seed).starts_with("is not symmetric: for two vectors")) << a;
      EXPECT_TRUE(refusal_of<Eigen::VectorXf>(1e9 * a, seed).starts_with("is not symmetric")) << a;
    }
}

TEST(Certify, RoundingIsNoAsymmetry) {
  for (int n = 1; n <= 200; n += 7) {
    std::srand(static_cast<unsigned>(n));
    const Eigen::MatrixXd random = Eigen::MatrixXd::Random(n, n), entries = random + random.transpose();
    for (const double shift : {0.0, 1.0, 1e4, 1e9}) {
      const Eigen::MatrixXd a = entries + shift * Eigen::MatrixXd::Identity(n, n);
      EXPECT_EQ(refusal_of<Eigen::VectorXd>(a, 1), "") << n << " " << shift;
      EXPECT_EQ(refusal_of<Eigen::VectorXf>(a, 1), "") << n << " " << shift;
      Matrix product{a};
      LanczosRecurrence<Eigen::VectorXd, Matrix> lanczos(product, 1);
      lanczos.step();
      if (!lanczos.exhausted()) lanczos.step();
      EXPECT_LE(lanczos.asymmetry(), 1e-12) << n << " " << shift;
    }
  }
}

// Eigen's solver knows a size below which couplings are nothing; the operator's own has none.
TEST(Certify, RitzValuesScaleWithTheOperator) {
  Diagonal a{spectrum("indefinite", 40)};
  const LanczosCoefficients t = certify_spectrum<Eigen::VectorXd>(a, {1e-9, 0.9, 12, 0, {}}).coefficients;
  const std::vector<double> values = ritz_values(t), top = top_ritz_coordinates(t);
  const CertifiedExtremes bounds = certified_extremes(t, 0.9);
  for (const int exponent : {-30, -60, -120, -300, -900, 300}) {
    LanczosCoefficients scaled = t;
    for (double& x : scaled.diagonal) x = std::ldexp(x, exponent);
    for (double& x : scaled.subdiagonal) x = std::ldexp(x, exponent);
    const auto expect_same = [&](double one, double other, const char* what) {
      EXPECT_NEAR(std::ldexp(one, -exponent), other, 1e-9) << what << " at 2^" << exponent;
    };
    for (std::size_t i = 0; i < values.size(); ++i) expect_same(ritz_values(scaled)[i], values[i], "a Ritz value");
    expect_same(tridiagonal_eigen(scaled).values.back(), values.back(), "of the eigensystem");
    expect_same(certified_extremes(scaled, 0.9).largest.upper, bounds.largest.upper, "an upper bound");
    expect_same(certified_extremes(scaled, 0.9).smallest.lower, bounds.smallest.lower, "a lower bound");
    EXPECT_NEAR(std::abs(top_ritz_coordinates(scaled).front()), std::abs(top.front()), 1e-9) << exponent;
  }
}

TEST(Certify, SmallestComponentHoldsWithItsProbability) {
  // P(|x_1| < delta) by simulation: at most e, and for larger n close to it.
  constexpr double e = 0.1;
  constexpr int kTrials = 20000;
  for (const int n : {2, 3, 5, 50, 400}) {
    std::mt19937 random(5);
    std::normal_distribution<double> normal;
    const double delta = smallest_component(static_cast<std::size_t>(n), e);
    int below = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      double first = normal(random), square = first * first;
      for (int i = 1; i < n; ++i) square += std::pow(normal(random), 2);
      below += std::abs(first) < delta * std::sqrt(square);
    }
    const double share = static_cast<double>(below) / kTrials, error = std::sqrt(e / kTrials);
    EXPECT_LE(share, e + 4 * error) << n;
    EXPECT_GE(share, 0.9 * e - 4 * error) << n;
  }
  EXPECT_NEAR(smallest_component(1000000, 1e-3) / (1e-3 * std::sqrt(M_PI / 2e6)), 1, 1e-5);
}

TEST(Certify, TheTopVectorIsAnEigenvector) {
  Diagonal a{spectrum("outlier", 500)};
  const auto result = certify_spectrum<Eigen::VectorXd>(a, {1e-4, 0.999, 100, 3, {}});
  const Eigen::VectorXd v = top_ritz_vector<Eigen::VectorXd>(a, result.coefficients, 3);
  EXPECT_NEAR(v.norm(), 1, 1e-12);
  EXPECT_NEAR(std::abs(v[499]), 1, 1e-6);
  EXPECT_LT((a.entries.cwiseProduct(v) - 10 * v).norm(), 1e-3);
}

TEST(Certify, AKeptBasisGivesTheVectorsOfBothEnds) {
  Diagonal a{spectrum("indefinite", 60)};
  std::vector<Eigen::VectorXd> basis;
  const auto result = certify_spectrum<Eigen::VectorXd>(a, {1e-12, 0.999, 40, 3, {}}, &basis, 40);
  const std::vector<std::vector<double>> ends = {top_ritz_coordinates(result.coefficients),
                                                 bottom_ritz_coordinates(result.coefficients)};
  const std::vector<Eigen::VectorXd> vectors = ritz_vectors<Eigen::VectorXd>(a, ends, 3, basis);
  const std::vector<Eigen::VectorXd> again = ritz_vectors<Eigen::VectorXd>(a, ends, 3);
  const Eigen::VectorXd &top = vectors[0], &bottom = vectors[1];
  EXPECT_LT((top - top_ritz_vector<Eigen::VectorXd>(a, result.coefficients, 3)).norm(), 1e-10);
  EXPECT_LT((top - again[0]).norm() + (bottom - again[1]).norm(), 1e-10);
  EXPECT_NEAR(bottom.norm(), 1, 1e-12);
  const std::vector<double> ritz = ritz_values(result.coefficients);
  EXPECT_NEAR(bottom.dot(a.entries.cwiseProduct(bottom)), ritz.front(), 1e-8);
  EXPECT_NEAR(top.dot(a.entries.cwiseProduct(top)), ritz.back(), 1e-8);
}

TEST(Certify, SingleAndDoublePrecisionAgreeOnTheSameMatrix) {
  Diagonal a{spectrum("outlier", 20000)};
  const auto wide = certify_spectrum<Eigen::VectorXd>(a, {0.01, 0.999, 60, 11, {}});
  const auto narrow = certify_spectrum<Eigen::VectorXf>(a, {0.01, 0.999, 60, 11, {}});
  EXPECT_NEAR(narrow.extremes.largest.lower, wide.extremes.largest.lower, 1e-5);
  EXPECT_NEAR(narrow.extremes.largest.upper, wide.extremes.largest.upper, 1e-2);
}

TEST(Estimate, StopsOnItsResidual) {
  for (const std::string& name : kSpectra) {
    Diagonal a{spectrum(name, 2000)};
    constexpr double kTolerance = 1e-3;
    const auto result = estimate_largest<Eigen::VectorXd>(a, {kTolerance, 200, 5, {}});
    ASSERT_TRUE(result.reached_tolerance) << name;
    EXPECT_LE(result.residual, kTolerance * std::abs(result.value)) << name;
    const double top = a.entries.maxCoeff();
    EXPECT_LE(result.value, top + 1e-12) << name;
    EXPECT_GE(result.value, top - kTolerance * std::abs(top)) << name;
    // The residual is that of the Ritz vector.
    const Eigen::VectorXd v = top_ritz_vector<Eigen::VectorXd>(a, result.coefficients, 5);
    EXPECT_NEAR((a.entries.cwiseProduct(v) - result.value * v).norm(), result.residual, 1e-9) << name;
    // One step fewer was not enough.
    const auto shorter = estimate_largest<Eigen::VectorXd>(a, {kTolerance, result.products - 1, 5, {}});
    EXPECT_FALSE(shorter.reached_tolerance) << name;
  }
}

TEST(Estimate, SmallAndDegenerateSpacesAreExact) {
  Diagonal zero{Eigen::VectorXd::Zero(50)}, identity{Eigen::VectorXd::Ones(50)}, two{Eigen::Vector2d(3, -5)};
  EXPECT_EQ(estimate_largest<Eigen::VectorXd>(zero, {}).value, 0);
  EXPECT_NEAR(estimate_largest<Eigen::VectorXd>(identity, {}).value, 1, 1e-12);
  EXPECT_NEAR(estimate_largest<Eigen::VectorXd>(two, {}).value, 3, 1e-12);
}

TEST(Certify, StopsWhenAsked) {
  Diagonal a{spectrum("flat", 2000)};
  int asked = 0;
  LanczosOptions options{1e-6, 0.999, 100, 0, [&](double) { return ++asked < 5; }};
  const LanczosResult result = certify_spectrum<Eigen::VectorXd>(a, options);
  EXPECT_TRUE(result.interrupted);
  EXPECT_FALSE(result.reached_gap);
  EXPECT_EQ(result.products, 5u);
  EXPECT_LT(result.extremes.largest.lower, result.extremes.largest.upper);  // what is known by then holds
  EXPECT_EQ(asked, 5);
}

TEST(Certify, BrokenOffWithinAProductItKnowsWhatItKnew) {
  const Dense a = rotated(spectrum_named("flat", 100), 1);
  for (std::size_t most = 1; most < 12; ++most) {
    BrokenOff broken{a, most};
    Dense whole = a;
    const LanczosResult result = certify_spectrum<Eigen::VectorXd>(broken, {1e-6});
    const LanczosResult shorter = certify_spectrum<Eigen::VectorXd>(whole, {1e-6, 0.999, most});
    EXPECT_TRUE(result.interrupted);
    EXPECT_FALSE(result.reached_gap);
    EXPECT_EQ(result.products, most);
    EXPECT_EQ(result.coefficients.diagonal, shorter.coefficients.diagonal);
    EXPECT_EQ(result.extremes.largest.lower, shorter.extremes.largest.lower);
    EXPECT_EQ(result.extremes.largest.upper, shorter.extremes.largest.upper);
  }
  BrokenOff nothing{a, 0};
  EXPECT_THROW(certify_spectrum<Eigen::VectorXd>(nothing, {1e-6}), Interrupted);
}

TEST(Certify, TellsWhoeverWaitsHowFarItIs) {
  Diagonal a{spectrum("outlier", 2000)};
  std::string words;
  LanczosOptions options;
  options.progress = [&](const WorkDone& done) { return words = done.in_words(), true; };
  const auto result = certify_spectrum<Eigen::VectorXd>(a, options);
  EXPECT_EQ(words.substr(0, words.find(' ')), std::to_string(result.products));
  EXPECT_NE(words.find(" products, top eigenvalue "), std::string::npos) << words;
  EXPECT_NE(words.find(" to "), std::string::npos) << words;
  EXPECT_NE(words.find(" (wanted: 10%)"), std::string::npos) << words;
}

}  // namespace
}  // namespace etamax
