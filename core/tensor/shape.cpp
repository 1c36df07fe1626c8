// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/shape.h"

#include <algorithm>

#include "core/base/error.h"

namespace uls {

Dims::Dims(std::initializer_list<std::int64_t> values) {
  for (const auto value : values) push_back(value);
}

Dims::Dims(const std::vector<std::int64_t>& values) {
  for (const auto value : values) push_back(value);
}

Dims Dims::filled(int rank, std::int64_t value) {
  Dims dims;
  for (int i = 0; i < rank; ++i) dims.push_back(value);
  return dims;
}

void Dims::push_back(std::int64_t value) {
  ULS_CHECK(size_ < kMaxRank, "shape: too many dimensions; got more than {0}; expected at most {0}",
            kMaxRank);
  values_[std::size_t(size_++)] = value;
}

Dims Dims::first(int count) const {
  ULS_ASSERT(count >= 0 && count <= size_, "first({}) of {} values", count, size_);
  Dims dims = *this;
  dims.size_ = count;
  return dims;
}

bool operator==(const Dims& a, const Dims& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

std::string to_string(const Dims& dims) {
  std::string text = "[";
  for (int i = 0; i < dims.size(); ++i) text += fmt::format("{}{}", i ? ", " : "", dims[i]);
  return text + "]";
}

std::int64_t count_elements(const Shape& shape) {
  std::int64_t count = 1;
  bool empty = false, overflow = false;
  for (const auto size : shape) {
    ULS_CHECK(size >= 0, "shape: negative size; got {}; expected sizes of at least 0", to_string(shape));
    empty |= size == 0;
    if (size > 0) overflow |= __builtin_mul_overflow(count, size, &count);
  }
  // Empty shapes too: strides are products of the same sizes.
  ULS_CHECK(!overflow, "shape: too large; got {}; expected at most 2^63 - 1 elements", to_string(shape));
  return empty ? 0 : count;
}

Strides contiguous_strides(const Shape& shape) {
  Strides strides = shape;
  std::int64_t stride = 1;
  for (int i = shape.size() - 1; i >= 0; --i) {
    strides[i] = stride;
    stride *= std::max<std::int64_t>(shape[i], 1);
  }
  return strides;
}

int normalize_dim(const char* op, int dim, int rank) {
  ULS_CHECK(dim >= -rank && dim < rank, "{}: no such dimension; got {}; expected {} to {}", op, dim, -rank,
            rank - 1);
  return dim < 0 ? dim + rank : dim;
}

Shape broadcast_shapes(const char* op, const Shape& a, const Shape& b) {
  const int rank = std::max(a.size(), b.size());
  Shape result = Dims::filled(rank, 1);
  for (int i = 1; i <= rank; ++i) {
    const std::int64_t da = i <= a.size() ? a[a.size() - i] : 1, db = i <= b.size() ? b[b.size() - i] : 1;
    ULS_CHECK(da == db || da == 1 || db == 1,
              "{}: shapes do not broadcast; got {} and {}; expected sizes that are equal or 1, counted from "
              "the last",
              op, to_string(a), to_string(b));
    result[rank - i] = da == 1 ? db : da;
  }
  return result;
}

}  // namespace uls
