// SPDX-License-Identifier: Apache-2.0
// Sizes and strides: up to eight int64 values without an allocation.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace uls {

inline constexpr int kMaxRank = 8;

class Dims {
 public:
  Dims() = default;
  Dims(std::initializer_list<std::int64_t> values);
  explicit Dims(const std::vector<std::int64_t>& values);
  /// `rank` times `value`. Raises Error above kMaxRank.
  static Dims filled(int rank, std::int64_t value);

  int size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::int64_t operator[](int i) const { return values_[std::size_t(i)]; }
  std::int64_t& operator[](int i) { return values_[std::size_t(i)]; }
  std::int64_t back() const { return values_[std::size_t(size_ - 1)]; }
  const std::int64_t* begin() const { return values_.data(); }
  const std::int64_t* end() const { return values_.data() + size_; }

  void push_back(std::int64_t value);
  /// The first `count` values.
  Dims first(int count) const;

  friend bool operator==(const Dims& a, const Dims& b);

 private:
  std::array<std::int64_t, kMaxRank> values_{};
  int size_ = 0;
};

using Shape = Dims;
using Strides = Dims;

/// "[2, 3, 4]".
std::string to_string(const Dims& dims);

/// Product of the sizes (1 for a scalar). Raises Error for a negative size, or where those above 0 have a
/// product beyond int64.
std::int64_t count_elements(const Shape& shape);

/// Row-major strides in elements.
Strides contiguous_strides(const Shape& shape);

/// `dim` in [-rank, rank) as a place in [0, rank). Raises Error naming `op` otherwise.
int normalize_dim(const char* op, int dim, int rank);

/// The shape that PyTorch's broadcasting gives for a and b. Raises Error naming `op` where it refuses.
Shape broadcast_shapes(const char* op, const Shape& a, const Shape& b);

}  // namespace uls
