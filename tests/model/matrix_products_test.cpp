// The program's own products of matrices, in apps/matrix_products.cpp, against those of the BLAS behind them.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/model/interruptible.h"

extern "C" {
void sgemm_(const char*, const char*, const int*, const int*, const int*, const float*, const float*, const int*,
            const float*, const int*, const float*, float*, const int*);
void dgemm_(const char*, const char*, const int*, const int*, const int*, const double*, const double*, const int*,
            const double*, const int*, const double*, double*, const int*);
}

namespace etamax {
namespace {

template <typename T>
std::vector<T> random_numbers(int count, unsigned seed) {
  std::minstd_rand random(seed);
  std::vector<T> numbers(static_cast<std::size_t>(count));
  for (T& x : numbers) x = static_cast<T>(random() % 1000) / 500 - 1;
  return numbers;
}

struct Sizes {
  int m, n, k;
};

template <typename T, typename Product>
void expect_the_same(Product ours, const char* name, const std::vector<Sizes>& sizes, double tolerance) {
  const auto blas = reinterpret_cast<Product>(dlsym(RTLD_NEXT, name));
  ASSERT_TRUE(blas && blas != ours);
  const T alpha = 0.5, beta = 2;
  for (const auto& [m, n, k] : sizes)
    for (const bool plain : {true, false}) {
      const char as_a = plain ? 'N' : 'T', as_b = plain ? 'n' : 'C';
      const int lda = (plain ? m : k) + 1, ldb = (plain ? k : n) + 2, ldc = m + 3;
      const std::vector<T> a = random_numbers<T>(lda * (plain ? k : m), 1),
                           b = random_numbers<T>(ldb * (plain ? n : k), 2);
      std::vector<T> c = random_numbers<T>(ldc * n, 3), wanted = c;
      ours(&as_a, &as_b, &m, &n, &k, &alpha, a.data(), &lda, b.data(), &ldb, &beta, c.data(), &ldc);
      blas(&as_a, &as_b, &m, &n, &k, &alpha, a.data(), &lda, b.data(), &ldb, &beta, wanted.data(), &ldc);
      double worst = 0;
      for (std::size_t i = 0; i < c.size(); ++i) worst = std::max<double>(worst, std::abs(c[i] - wanted[i]));
      EXPECT_LT(worst, tolerance * std::sqrt(k)) << as_a << as_b << " " << m << " " << n << " " << k;
    }
}

class MatrixProducts : public testing::Test {
 protected:
  void SetUp() override { at::set_num_threads(1); }  // more make larger parts
  void TearDown() override {
    at::set_num_threads(threads_);
    set_interruption_check(nullptr);
  }

 private:
  const int threads_ = at::get_num_threads();
};

TEST_F(MatrixProducts, AreTheSameInParts) {
  expect_the_same<float>(&sgemm_, "sgemm_", {{3, 5, 7}, {70, 90, 160001}, {90, 160001, 71}, {160001, 90, 72}}, 1e-5);
  expect_the_same<double>(&dgemm_, "dgemm_", {{3, 5, 7}, {900, 1200, 1001}}, 1e-13);
}

TEST_F(MatrixProducts, StopWhereTheUserStops) {
  const torch::Tensor a = torch::ones({1200, 1200});
  torch::Tensor product = torch::full({1200, 1200}, NAN);
  const auto left = [&] { return product.isnan().sum().item<int64_t>(); };
  {
    const Interruptible meanwhile;  // else nobody would know that it is not to be looked at
    set_interruption_check([] { return true; });
    torch::mm_out(product, a, a);
  }
  EXPECT_GT(left(), 0);
  EXPECT_LT(left(), product.numel());
  torch::mm_out(product, a, a);
  EXPECT_EQ(left(), 0);
}

TEST_F(MatrixProducts, ThatAreGivenUpAreNoResult) {
  static bool asked;
  asked = false;
  set_interruption_check([] { return asked; });
  EXPECT_THROW(interruptible([] {
                 asked = true;
                 return 1;
               }),
               Interrupted);
}

}  // namespace
}  // namespace etamax
