// The products of matrices that LibTorch asks the BLAS for come here first, for the linker takes the program's
// functions before those of libraries. Large ones are made in parts, between which the user may stop them: a single
// product of a layer of 10 million weights takes seconds. A BLAS inside LibTorch is asked without us.
#include <dlfcn.h>

#include <algorithm>

#include "etamax/model/interruptible.h"
#include "etamax/model/runtime.h"

namespace etamax::apps {
namespace {

/// C = alpha A B + beta C, with A or B transposed, in columns, as the BLAS has them.
template <typename T>
struct MatrixProduct {
  using Blas = void (*)(const char*, const char*, const int*, const int*, const int*, const T*, const T*, const int*,
                        const T*, const int*, const T*, T*, const int*);

  char as_a, as_b;  ///< 'N' or not
  int m, n, k;      ///< C is m by n, and k is what is summed over
  T alpha;
  const T* a;
  int lda;
  const T* b;
  int ldb;
  T beta;
  T* c;
  int ldc;

  double operations() const { return 2.0 * m * n * k; }
  const T* row_of_a(int i) const { return a + i * (is_plain(as_a) ? std::ptrdiff_t{1} : lda); }
  const T* column_of_a(int j) const { return a + j * (is_plain(as_a) ? std::ptrdiff_t{lda} : 1); }
  const T* row_of_b(int i) const { return b + i * (is_plain(as_b) ? std::ptrdiff_t{1} : ldb); }
  const T* column_of_b(int j) const { return b + j * (is_plain(as_b) ? std::ptrdiff_t{ldb} : 1); }
  static bool is_plain(char as) { return as == 'N' || as == 'n'; }

  void make(Blas blas) const { blas(&as_a, &as_b, &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc); }
};

/// Two halves that give the same, one after the other: the longest side is cut.
template <typename T>
std::pair<MatrixProduct<T>, MatrixProduct<T>> halves(const MatrixProduct<T>& whole) {
  constexpr int kWhole = 64;  // what kernels work on at once is not cut
  const int longest = std::max({whole.m, whole.n, whole.k}), half = (longest / 2 + kWhole - 1) / kWhole * kWhole;
  MatrixProduct<T> first = whole, second = whole;
  if (longest == whole.n) {
    first.n = half, second.n -= half;
    second.b = whole.column_of_b(half), second.c += std::ptrdiff_t{half} * whole.ldc;
  } else if (longest == whole.m) {
    first.m = half, second.m -= half;
    second.a = whole.row_of_a(half), second.c += half;
  } else {
    first.k = half, second.k -= half;
    second.a = whole.column_of_a(half), second.b = whole.row_of_b(half), second.beta = 1;
  }
  return {first, second};
}

template <typename T>
void make_in_parts(const MatrixProduct<T>& product, typename MatrixProduct<T>::Blas blas, double most) {
  if (product.operations() <= most) return product.make(blas);
  const auto [first, second] = halves(product);
  make_in_parts(first, blas, most);
  if (!is_given_up()) make_in_parts(second, blas, most);
}

template <typename T>
void make(const MatrixProduct<T>& product, const char* name) {
  constexpr double kMost = 2e9;  // operations of a thread: a tenth of a second
  static const auto blas = reinterpret_cast<typename MatrixProduct<T>::Blas>(dlsym(RTLD_NEXT, name));
  if (product.operations() <= kMost) return product.make(blas);
  make_in_parts(product, blas, kMost * threads_in_use());
}

}  // namespace
}  // namespace etamax::apps

extern "C" {

void sgemm_(const char* as_a, const char* as_b, const int* m, const int* n, const int* k, const float* alpha,
            const float* a, const int* lda, const float* b, const int* ldb, const float* beta, float* c,
            const int* ldc) {
  etamax::apps::make<float>({*as_a, *as_b, *m, *n, *k, *alpha, a, *lda, b, *ldb, *beta, c, *ldc}, "sgemm_");
}

void dgemm_(const char* as_a, const char* as_b, const int* m, const int* n, const int* k, const double* alpha,
            const double* a, const int* lda, const double* b, const int* ldb, const double* beta, double* c,
            const int* ldc) {
  etamax::apps::make<double>({*as_a, *as_b, *m, *n, *k, *alpha, a, *lda, b, *ldb, *beta, c, *ldc}, "dgemm_");
}
}
