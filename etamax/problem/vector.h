#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace etamax {

/// What a vector of parameters is made of: a tensor on some device, a list of shards, an Eigen vector. Only the problem
/// that made it looks inside; the others here are always of the same kind and size as this one (or as said).
class VectorBody {
 public:
  virtual ~VectorBody() = default;
  virtual std::size_t size() const = 0;
  virtual std::shared_ptr<VectorBody> clone() const = 0;
  virtual std::shared_ptr<VectorBody> zeros() const = 0;
  /// As many zeros in 64 bit, for a preconditioner; the others here then take it as their argument.
  virtual std::shared_ptr<VectorBody> zeros_in_64_bit() const { return zeros(); }
  /// Sums in 64 bit whatever the entries are: over a million 32-bit numbers a 32-bit sum is off by 2e-4.
  virtual double dot(const VectorBody& other) const = 0;
  virtual void add_scaled(double a, const VectorBody& x) = 0;  ///< this += a x
  virtual void scale(double a) = 0;
  virtual void multiply(const VectorBody& diagonal) = 0;  ///< entry by entry
  virtual void divide(const VectorBody& diagonal) = 0;
  virtual void inverse_root() = 0;  ///< every entry x becomes x^-1/2
  virtual bool all_finite() const = 0;
  virtual std::vector<double> values() const = 0;  ///< all entries, copied
  /// And back, to the bit: a vector like this one, of these size() entries.
  virtual std::shared_ptr<VectorBody> with_values(std::span<const double> values) const = 0;
  /// The entries [from, to), as a vector of their own; and back.
  virtual std::shared_ptr<VectorBody> part(std::size_t from, std::size_t to) const = 0;
  virtual void set_part(std::size_t from, const VectorBody& part) = 0;

  /// The same block of entries of several vectors, in 64 bit: of those that may be written to, then of those that are
  /// read.
  using Blocks = std::span<const std::span<double>>;
  using UseBlocks = std::function<void(Blocks written, Blocks read)>;
  /// Calls `use` for every block of the entries, perhaps from several threads, and keeps what it writes.
  virtual void for_each_block(std::span<VectorBody* const> written, std::span<const VectorBody* const> read,
                              const UseBlocks& use) const = 0;
};

/// A vector of a problem's own kind, as a value: copies share their body until one of them is written to.
class Vector {
 public:
  Vector() = default;
  explicit Vector(std::shared_ptr<VectorBody> body) : body_(std::move(body)) {}
  explicit operator bool() const { return body_ != nullptr; }

  const VectorBody& body() const { return *body_; }
  VectorBody& body() {
    if (body_.use_count() > 1) body_ = body_->clone();
    return *body_;
  }

  std::size_t size() const { return body_->size(); }
  double dot(const Vector& other) const { return body_->dot(*other.body_); }
  bool all_finite() const { return body_->all_finite(); }
  std::vector<double> values() const { return body_->values(); }
  Vector with_values(std::span<const double> values) const { return Vector(body_->with_values(values)); }
  Vector zeros() const { return Vector(body_->zeros()); }
  Vector zeros_in_64_bit() const { return Vector(body_->zeros_in_64_bit()); }
  Vector part(std::size_t from, std::size_t to) const { return Vector(body_->part(from, to)); }
  void set_part(std::size_t from, const Vector& part) { body().set_part(from, part.body()); }
  Vector& add_scaled(double a, const Vector& x) { return body().add_scaled(a, x.body()), *this; }
  Vector& scale(double a) { return body().scale(a), *this; }
  Vector& multiply(const Vector& diagonal) { return body().multiply(diagonal.body()), *this; }
  Vector& divide(const Vector& diagonal) { return body().divide(diagonal.body()), *this; }
  Vector& inverse_root() { return body().inverse_root(), *this; }

 private:
  std::shared_ptr<VectorBody> body_;
};

}  // namespace etamax
