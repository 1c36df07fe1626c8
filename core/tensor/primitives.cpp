// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/primitives.h"

#include <cstring>

#include "core/autograd/grad_mode.h"

namespace uls {

namespace slots {
KernelSlot<void(Tensor& y, double value)> fill("fill");
KernelSlot<void(const Tensor& x, Tensor& y)> copy("copy");
KernelSlot<void(const Tensor& x, Tensor& y)> accumulate("accumulate");
KernelSlot<void(Tensor& y, double factor)> scale("scale");
KernelSlot<void(const Tensor& x, Tensor& index)> find_non_finite("find_non_finite");
}  // namespace slots

namespace {

void check_pair(const char* op, const Tensor& y, const Tensor& x) {
  ULS_CHECK(x.shape() == y.shape() && x.device() == y.device(), "{}: operands differ; got {}; expected {}",
            op, describe(x), describe(y));
}

}  // namespace

void check_in_place(const char* op, Tensor& y) {
  ULS_CHECK(!y.requires_grad() || !grad_enabled(),
            "{}: in place on a tensor with history; got {}; expected a NoGrad scope around the update of a "
            "parameter",
            op, describe(y));
  for (int d = 0; d < y.rank(); ++d)
    ULS_CHECK(y.strides()[d] != 0 || y.shape()[d] <= 1,
              "{}: in place on elements that share memory; got {} with strides {}; expected a tensor that is "
              "not expanded",
              op, describe(y), to_string(y.strides()));
  y.storage()->bump_version();
}

Tensor empty(const Shape& shape, DType dtype, Device device) {
  const std::int64_t count = count_elements(shape);
  std::int64_t bytes = 0;
  ULS_CHECK(!__builtin_mul_overflow(count, size_of(dtype), &bytes),
            "empty: too large; got {} of {}; expected at most 2^63 - 1 bytes", to_string(shape),
            to_string(dtype));
  return Tensor(std::make_shared<Storage>(bytes, device), dtype, shape, contiguous_strides(shape), 0);
}

Tensor empty_like(const Tensor& x) { return empty(x.shape(), x.dtype(), x.device()); }

Tensor full(const Shape& shape, double value, DType dtype, Device device) {
  Tensor y = empty(shape, dtype, device);
  slots::fill(device, y, value);
  return y;
}

Tensor zeros(const Shape& shape, DType dtype, Device device) { return full(shape, 0, dtype, device); }
Tensor zeros_like(const Tensor& x) { return zeros(x.shape(), x.dtype(), x.device()); }

template <typename T>
Tensor from_values(const Shape& shape, const std::vector<T>& values) {
  Tensor y = empty(shape, kDTypeOf<T>);
  ULS_CHECK(y.numel() == std::int64_t(values.size()),
            "from_values: wrong number of values; got {} for {}; expected {}", values.size(),
            to_string(shape), y.numel());
  if (!values.empty()) std::memcpy(y.raw_data(), values.data(), values.size() * sizeof(T));
  return y;
}
template Tensor from_values(const Shape&, const std::vector<float>&);
template Tensor from_values(const Shape&, const std::vector<double>&);
template Tensor from_values(const Shape&, const std::vector<bfloat16>&);
template Tensor from_values(const Shape&, const std::vector<float16>&);
template Tensor from_values(const Shape&, const std::vector<std::int64_t>&);
template Tensor from_values(const Shape&, const std::vector<std::int32_t>&);
template Tensor from_values(const Shape&, const std::vector<std::int16_t>&);
template Tensor from_values(const Shape&, const std::vector<std::int8_t>&);
template Tensor from_values(const Shape&, const std::vector<std::uint8_t>&);

std::vector<double> to_doubles(const Tensor& x) {
  ULS_CHECK(x.device() == kCpu, "to_doubles: not on the cpu; got {}; expected a tensor on the cpu",
            describe(x));
  std::vector<double> values(std::size_t(x.numel()));
  const Tensor y = contiguous(converted(x, DType::float64));
  if (!values.empty()) std::memcpy(values.data(), y.raw_data(), values.size() * sizeof(double));
  return values;
}

Tensor clone(const Tensor& x) {
  Tensor y = empty_like(x);
  slots::copy(x.device(), x, y);
  return y;
}

Tensor contiguous(const Tensor& x) { return x.is_contiguous() ? x : clone(x); }

Tensor converted(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x;
  Tensor y = empty(x.shape(), dtype, x.device());
  slots::copy(x.device(), x, y);
  return y;
}

void fill_(Tensor& y, double value) {
  check_in_place("fill_", y);
  slots::fill(y.device(), y, value);
}

void copy_(Tensor& y, const Tensor& x) {
  check_pair("copy_", y, x);
  check_in_place("copy_", y);
  slots::copy(y.device(), x, y);
}

void accumulate_(Tensor& y, const Tensor& x) {
  check_pair("accumulate_", y, x);
  check_in_place("accumulate_", y);
  slots::accumulate(y.device(), x, y);
}

void scale_(Tensor& y, double factor) {
  check_in_place("scale_", y);
  slots::scale(y.device(), y, factor);
}

std::int64_t find_non_finite(const Tensor& x) {
  if (!is_floating(x.dtype()) || x.device().type == DeviceType::meta) return -1;
  Tensor index = empty({1}, DType::int64, x.device());
  slots::find_non_finite(x.device(), x, index);
  return index.item<std::int64_t>();
}

}  // namespace uls
