#include "training.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace etamax::testing {

std::uint64_t Random::next() {
  state_ ^= state_ >> 12, state_ ^= state_ << 25, state_ ^= state_ >> 27;
  return state_ * 0x2545f4914f6cdd1du;
}
double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
double Random::between(double low, double high) { return low + (high - low) * uniform(); }
double Random::log_between(double low, double high) { return low * std::pow(high / low, uniform()); }
int Random::whole(int low, int high) {
  return low + static_cast<int>(next() % static_cast<std::uint64_t>(high - low + 1));
}
double Random::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(6.283185307179586 * uniform());
}

Digits read_digits(const std::string& csv) {
  std::ifstream file(csv);
  if (!file) throw std::runtime_error("no digits at " + csv);
  Digits digits;
  std::string line;
  while (std::getline(file, line)) {
    const char* at = line.c_str();
    for (int i = 0; i < 65; ++i) {
      char* end = nullptr;
      const double value = std::strtod(at, &end);
      if (i < 64)
        digits.pixels.push_back(static_cast<float>(value / 16));
      else
        digits.labels.push_back(static_cast<int>(value));
      at = *end == ',' ? end + 1 : end;
    }
  }
  return digits;
}

namespace {

constexpr int kInputs = 64, kClasses = 10;

/// A matrix as it lies in memory, by rows or by columns.
struct View {
  const float* entries;
  int row, column;  // how far the next one is
};

/// `kColumns` columns of the product below, kept in registers.
template <int kColumns>
void add_columns(View a, const float* b, float* out, int rows, int inner, int columns) {
  for (int r = 0; r < rows; ++r) {
    float sums[kColumns];
    std::copy_n(out + r * columns, kColumns, sums);
    for (int k = 0; k < inner; ++k) {
      const float factor = a.entries[r * a.row + k * a.column];
      for (int c = 0; c < kColumns; ++c) sums[c] += factor * b[k * columns + c];
    }
    std::copy_n(sums, kColumns, out + r * columns);
  }
}

/// out[r][c] += a[r][k] b[k][c], each sum in the order of k.
void add_product(View a, const float* b, float* out, int rows, int inner, int columns) {
  int c = 0;
  for (; c + 16 <= columns; c += 16) add_columns<16>(a, b + c, out + c, rows, inner, columns);
  for (; c + 8 <= columns; c += 8) add_columns<8>(a, b + c, out + c, rows, inner, columns);
  for (; c + 2 <= columns; c += 2) add_columns<2>(a, b + c, out + c, rows, inner, columns);
  for (; c < columns; ++c) add_columns<1>(a, b + c, out + c, rows, inner, columns);
}

class Trainer {
 public:
  Trainer(const Digits& digits, const TrainingSetup& setup) : digits_(digits), s_(setup), random_(setup.seed) {
    examples_ = std::min<int>(s_.examples, static_cast<int>(digits.count()));
    const int width = s_.hidden > 0 ? s_.hidden : kInputs;
    first_ = s_.hidden > 0 ? kInputs * s_.hidden + s_.hidden : 0;
    weights_.resize(static_cast<std::size_t>(first_ + width * kClasses + kClasses));
    const auto fill = [&](int from, int inputs, int outputs) {
      const double size = s_.weight_scale * std::sqrt((s_.unit == Unit::relu ? 2.0 : 1.0) / inputs);
      for (int i = 0; i < inputs * outputs; ++i)
        weights_[static_cast<std::size_t>(from + i)] = static_cast<float>(size * random_.normal());
    };
    if (s_.hidden > 0) fill(0, kInputs, s_.hidden);
    fill(first_, width, kClasses);
    gradient_.resize(weights_.size()), m_.resize(weights_.size()), v_.resize(weights_.size());
    scale_ = s_.loss_scale;
  }

  StepRecord step(long t) {
    StepRecord record = loss_and_update(t);
    double square = 0;
    for (const float w : weights_) square += static_cast<double>(w) * w;
    record.weight_norm = std::sqrt(square);
    return record;
  }

 private:
  StepRecord loss_and_update(long t) {
    take_batch(t);
    StepRecord record;
    record.loss = pass();
    record.rate = s_.rate(t);
    if (s_.half_precision && t >= s_.overflow_step) record.loss = INFINITY;  // the sum in float16
    double square = 0;
    for (const float g : gradient_) square += static_cast<double>(g) * g;
    record.gradient_norm = std::sqrt(square);
    record.loss_scale = scale_;
    if (s_.half_precision) {
      if (!std::isfinite(record.loss)) record.gradient_norm = INFINITY;
      double largest = 0;
      for (const float g : gradient_) largest = std::max(largest, static_cast<double>(std::abs(g)));
      if (!(largest * scale_ < 65504) || !std::isfinite(record.loss)) {  // skip the step, halve the scale
        scale_ = std::max(scale_ / 2, 1e-8);
        calm_ = 0;
        return record;
      }
      if (++calm_ % 200 == 0) scale_ *= 2;
    }
    update(record.rate, ++updates_);
    return record;
  }

  void take_batch(long t) {
    const int rows = s_.batch > 0 ? s_.batch : examples_;
    x_.resize(static_cast<std::size_t>(rows * kInputs)), labels_.resize(static_cast<std::size_t>(rows));
    for (int r = 0; r < rows; ++r) {
      const int i = s_.batch > 0 ? random_.whole(0, examples_ - 1) : r;
      const float* from = digits_.pixels.data() + static_cast<std::ptrdiff_t>(i) * kInputs;
      std::copy(from, from + kInputs, x_.begin() + static_cast<std::ptrdiff_t>(r) * kInputs);
      labels_[static_cast<std::size_t>(r)] =
          s_.labels_at_random ? random_.whole(0, kClasses - 1) : digits_.labels[static_cast<std::size_t>(i)];
    }
    if (s_.input_scale != 1)
      for (float& x : x_) x *= static_cast<float>(s_.input_scale);
    if (s_.inputs_are_zero) std::fill(x_.begin(), x_.end(), 0.0f);
    if (s_.inputs_are_nan) x_[5] = NAN;
    if (s_.bad_step && t == *s_.bad_step) {
      if (std::isnan(s_.bad_factor))
        x_[7] = NAN;
      else
        for (float& x : x_) x = static_cast<float>(x * s_.bad_factor * random_.between(-1, 1));
    }
  }

  /// Loss and gradient of the batch.
  double pass() {
    const int rows = static_cast<int>(labels_.size()), width = s_.hidden > 0 ? s_.hidden : kInputs;
    std::fill(gradient_.begin(), gradient_.end(), 0.0f);
    if (s_.hidden > 0) {
      h_.assign(static_cast<std::size_t>(rows * width), 0.0f);
      for (int r = 0; r < rows; ++r)
        std::copy_n(weights_.begin() + kInputs * width, width, h_.begin() + static_cast<std::ptrdiff_t>(r) * width);
      add_product({x_.data(), kInputs, 1}, weights_.data(), h_.data(), rows, kInputs, width);
      for (float& h : h_) h = s_.unit == Unit::relu ? (h < 0 ? 0.0f : h) : s_.unit == Unit::tanh ? std::tanh(h) : h;
    }
    const std::vector<float>& top = s_.hidden > 0 ? h_ : x_;
    z_.assign(static_cast<std::size_t>(rows * kClasses), 0.0f);
    for (int r = 0; r < rows; ++r)
      std::copy_n(weights_.begin() + first_ + width * kClasses, kClasses,
                  z_.begin() + static_cast<std::ptrdiff_t>(r) * kClasses);
    add_product({top.data(), width, 1}, weights_.data() + first_, z_.data(), rows, width, kClasses);
    double loss = 0;
    for (int r = 0; r < rows; ++r)
      loss += row_loss(z_.data() + r * kClasses, labels_[static_cast<std::size_t>(r)], rows);
    add_product({top.data(), 1, width}, z_.data(), gradient_.data() + first_, width, rows, kClasses);
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < kClasses; ++c)
        gradient_[static_cast<std::size_t>(first_ + width * kClasses + c)] +=
            z_[static_cast<std::size_t>(r * kClasses + c)];
    if (s_.hidden > 0) {
      for (int r = 0; r < rows; ++r)
        for (int k = 0; k < width; ++k) {
          float back = 0;
          const float* row = weights_.data() + first_ + k * kClasses;
          for (int c = 0; c < kClasses; ++c) back += row[c] * z_[static_cast<std::size_t>(r * kClasses + c)];
          float& h = h_[static_cast<std::size_t>(r * width + k)];
          h = s_.unit == Unit::relu   ? (h > 0           ? back
                                         : std::isnan(h) ? h
                                                         : 0)
              : s_.unit == Unit::tanh ? back * (1 - h * h)
                                      : back;
        }
      add_product({x_.data(), 1, kInputs}, h_.data(), gradient_.data(), kInputs, rows, width);
      for (int r = 0; r < rows; ++r)
        for (int k = 0; k < width; ++k)
          gradient_[static_cast<std::size_t>(kInputs * width + k)] += h_[static_cast<std::size_t>(r * width + k)];
    }
    return loss / rows;
  }

  /// The loss of one example; its outputs are replaced by the gradient with respect to them, over `rows`.
  double row_loss(float* z, int label, int rows) const {
    const auto scale = static_cast<float>(s_.logit_scale);
    for (int c = 0; c < kClasses; ++c) z[c] *= scale;
    double loss = 0;
    if (s_.loss == LossKind::cross_entropy) {
      const float top = *std::max_element(z, z + kClasses);
      float sum = 0;
      const float own = z[label] - top;
      for (int c = 0; c < kClasses; ++c) sum += z[c] = std::exp(z[c] - top);
      loss = std::log(sum) - own;
      for (int c = 0; c < kClasses; ++c) z[c] = z[c] / sum - (c == label ? 1.0f : 0.0f);
    } else if (s_.loss == LossKind::squared) {
      for (int c = 0; c < kClasses; ++c) {
        z[c] -= c == label ? 1.0f : 0.0f;
        loss += 0.5 * z[c] * z[c];
      }
    } else {
      float total = 0;
      for (int c = 0; c < kClasses; ++c) {
        const float p = 1 / (1 + std::exp(-z[c])), y = c == label ? 1.0f : 0.0f;
        total -= y * std::log(p) + (1 - y) * std::log(1 - p);
        z[c] = (p - y) / (p * (1 - p)) * (p * (1 - p));  // as the two derivatives are chained
      }
      loss = total;
    }
    for (int c = 0; c < kClasses; ++c) z[c] *= scale / static_cast<float>(rows);
    return loss;
  }

  void update(double rate, long t) {
    const auto lr = static_cast<float>(rate);
    if (!s_.adam) {
      const auto mu = static_cast<float>(s_.momentum);
      for (std::size_t i = 0; i < weights_.size(); ++i) {
        m_[i] = mu * m_[i] + gradient_[i];
        weights_[i] -= lr * m_[i];
      }
      return;
    }
    const float b1 = 0.9f, b2 = static_cast<float>(s_.beta2);
    const auto c1 = static_cast<float>(1 - std::pow(0.9, t)), c2 = static_cast<float>(1 - std::pow(s_.beta2, t));
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      m_[i] = b1 * m_[i] + (1 - b1) * gradient_[i];
      v_[i] = b2 * v_[i] + (1 - b2) * gradient_[i] * gradient_[i];
      weights_[i] -= lr * (m_[i] / c1) / (std::sqrt(v_[i] / c2) + 1e-8f);
    }
  }

  const Digits& digits_;
  const TrainingSetup& s_;
  Random random_;
  int examples_ = 0, first_ = 0;
  std::vector<float> weights_, gradient_, m_, v_, x_, h_, z_;
  std::vector<int> labels_;
  double scale_ = 1;
  long calm_ = 0, updates_ = 0;
};

}  // namespace

std::vector<StepRecord> train(const Digits& digits, const TrainingSetup& setup, long steps,
                              const std::function<bool(const std::vector<StepRecord>&)>& stop) {
  Trainer trainer(digits, setup);
  std::vector<StepRecord> records;
  for (long t = 0; t < steps; ++t) {
    records.push_back(trainer.step(t));
    if (stop && stop(records)) break;
  }
  return records;
}

double linear_curvature(const Digits& digits, int examples) {
  // The Hessian is X'X / n for each output, with a constant input for the bias: power iteration.
  constexpr int n = kInputs + 1;
  std::vector<double> v(n, 1.0), w(n);
  double lambda = 0;
  for (int round = 0; round < 500; ++round) {
    std::fill(w.begin(), w.end(), 0.0);
    for (int i = 0; i < examples; ++i) {
      const float* x = digits.pixels.data() + static_cast<std::ptrdiff_t>(i) * kInputs;
      double dot = v[kInputs];
      for (int k = 0; k < kInputs; ++k) dot += static_cast<double>(x[k]) * v[static_cast<std::size_t>(k)];
      for (int k = 0; k < kInputs; ++k) w[static_cast<std::size_t>(k)] += dot * static_cast<double>(x[k]) / examples;
      w[kInputs] += dot / examples;
    }
    double norm = 0;
    for (const double a : w) norm += a * a;
    lambda = std::sqrt(norm);
    for (std::size_t k = 0; k < v.size(); ++k) v[k] = w[k] / lambda;
  }
  return lambda;
}

}  // namespace etamax::testing
