// SPDX-License-Identifier: Apache-2.0
// Shapes, storages and tensors: what they describe, what they refuse.
#include <catch2/catch.hpp>
#include <limits>
#include <numeric>

#include "core/memory/device_memory.h"
#include "core/tensor/primitives.h"
#include "tests/support/support.h"

// Sanitizers end the program at a request that the allocator turns into OutOfMemory.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
extern "C" const char* __tsan_default_options() { return "allocator_may_return_null=1"; }

namespace uls {
namespace {

using test::error_of;

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

TEST_CASE("shape: sizes as a list", "[tensor]") {
  Dims dims{2, 3, 4};
  CHECK(to_string(dims) == "[2, 3, 4]");
  CHECK(to_string(Dims{}) == "[]");
  CHECK(dims.first(2) == Dims{2, 3});
  CHECK(dims.back() == 4);
  CHECK_FALSE(dims == Dims{2, 3});
  CHECK(Dims::filled(3, 7) == Dims(std::vector<std::int64_t>{7, 7, 7}));
  CHECK_THROWS_AS(dims.first(4), Bug);
  CHECK(error_of([] { Dims::filled(9, 1); }) ==
        "shape: too many dimensions; got more than 8; expected at most 8");
  CHECK(std::accumulate(dims.begin(), dims.end(), std::int64_t(0)) == 9);
}

TEST_CASE("shape: number of elements and strides", "[tensor]") {
  CHECK(count_elements({}) == 1);
  CHECK(count_elements({2, 3, 4}) == 24);
  CHECK(count_elements({5, 0, 7}) == 0);
  CHECK(count_elements({kLargest}) == kLargest);
  CHECK(contiguous_strides({}) == Strides{});
  CHECK(contiguous_strides({2, 3, 4}) == Strides{12, 4, 1});
  CHECK(contiguous_strides({2, 0, 4}) == Strides{4, 4, 1});
  CHECK(error_of([] {
          count_elements({2, -1});
        }) == "shape: negative size; got [2, -1]; expected sizes of at least 0");
  const std::string too_large = "; expected at most 2^63 - 1 elements";
  CHECK(error_of([] {
          count_elements({std::int64_t(1) << 32, std::int64_t(1) << 31});
        }) == "shape: too large; got [4294967296, 2147483648]" + too_large);
  // Strides of an empty shape are products too.
  CHECK(error_of([] {
          empty({0, kLargest, 2});
        }) == "shape: too large; got [0, 9223372036854775807, 2]" + too_large);
  CHECK(error_of([] { empty({kLargest / 4}, DType::float64); }) ==
        "empty: too large; got [2305843009213693951] of float64; expected at most 2^63 - 1 bytes");
}

TEST_CASE("shape: dimensions and broadcasting", "[tensor]") {
  for (int dim = -3; dim < 3; ++dim) CHECK(normalize_dim("op", dim, 3) == (dim + 3) % 3);
  for (const int dim : {-4, 3})
    CHECK(error_of([&] { normalize_dim("sum", dim, 3); }) ==
          fmt::format("sum: no such dimension; got {}; expected -3 to 2", dim));
  CHECK(broadcast_shapes("add", {2, 1, 4}, {3, 1}) == Shape{2, 3, 4});
  CHECK(broadcast_shapes("add", {}, {5}) == Shape{5});
  CHECK(broadcast_shapes("add", {0}, {1}) == Shape{0});
  CHECK(broadcast_shapes("add", {1, 3}, {3, 0, 3}) == Shape{3, 0, 3});
  CHECK(error_of([] {
          broadcast_shapes("add", {2, 3}, {2});
        }) ==
        "add: shapes do not broadcast; got [2, 3] and [2]; expected sizes that are equal or 1, counted from "
        "the last");
}

TEST_CASE("tensor: what it describes", "[tensor]") {
  const Tensor x = zeros({2, 3, 4}, DType::bfloat16);
  CHECK(x.rank() == 3);
  CHECK(x.numel() == 24);
  CHECK(x.size(1) == 3);
  CHECK(x.size(-1) == 4);
  CHECK(x.offset() == 0);
  CHECK(x.is_contiguous());
  CHECK(x.storage()->bytes() == 48);
  CHECK(describe(x) == "bfloat16 [2, 3, 4] on cpu");
  CHECK(describe(Tensor()) == "an undefined tensor");
  CHECK(error_of([&] { x.size(3); }) == "size: no such dimension; got 3; expected -3 to 2");
  CHECK(error_of([] { Tensor().shape(); }) ==
        "tensor: used before it was made; got an undefined tensor; expected a defined one");
  CHECK_FALSE(Tensor());
  CHECK(x);
}

TEST_CASE("tensor: access is checked by type", "[tensor]") {
  const Tensor x = from_values<float>({2}, {1.5f, 2.5f}), one = from_values<std::int64_t>({1, 1}, {42});
  CHECK(x.data<float>()[1] == 2.5f);
  CHECK(error_of([&] { x.data<double>(); }) ==
        "data: wrong element type; got float32 [2] on cpu; expected float64");
  CHECK(one.item<std::int64_t>() == 42);
  CHECK(error_of([&] { x.item<float>(); }) ==
        "item: not one element; got float32 [2] on cpu; expected a tensor with one element");
  CHECK(error_of([&] { one.item<float>(); }) ==
        "data: wrong element type; got int64 [1, 1] on cpu; expected float32");
  CHECK(x.sliced(0, 1, 2).item<float>() == 2.5f);
  CHECK(error_of([] { from_values<float>({3}, {1}); }) ==
        "from_values: wrong number of values; got 1 for [3]; expected 3");
}

TEST_CASE("tensor: scalars and empty tensors", "[tensor]") {
  const Tensor scalar = full({}, 3.5);
  CHECK(scalar.rank() == 0);
  CHECK(scalar.numel() == 1);
  CHECK(scalar.item<float>() == 3.5f);
  CHECK(scalar.is_contiguous());
  CHECK(scalar.reshaped({1, 1}).shape() == Shape{1, 1});
  CHECK(scalar.permuted({}).rank() == 0);
  CHECK(to_doubles(scalar.expanded({2})) == std::vector<double>{3.5, 3.5});

  const Tensor none = zeros({3, 0, 2});
  CHECK(none.numel() == 0);
  CHECK(none.raw_data() == nullptr);
  CHECK(none.is_contiguous());
  CHECK(none.reshaped({0, 7}).shape() == Shape{0, 7});
  CHECK(none.permuted({2, 1, 0}).shape() == Shape{2, 0, 3});
  CHECK(to_doubles(clone(none.transposed(0, 2))).empty());
  CHECK(find_non_finite(none) == -1);
  CHECK(zeros({4}).sliced(0, 4, 4).raw_data() == nullptr);
}

TEST_CASE("tensor: a view outside of its storage is refused", "[tensor]") {
  const auto storage = std::make_shared<Storage>(40, kCpu);
  const auto view = [&](const Shape& shape, const Strides& strides, std::int64_t offset) {
    return error_of([&] { Tensor(storage, DType::float32, shape, strides, offset); });
  };
  CHECK(view({10}, {1}, 0) == "");
  CHECK(view({2, 5}, {5, 1}, 0) == "");
  CHECK(view({10}, {-1}, 9) == "");
  CHECK(view({4}, {3}, 0) == "");
  CHECK(view({0}, {100}, 0) == "");
  CHECK(view({11}, {1}, 0) ==
        "tensor: a view outside of its storage; got elements 0 to 10 of float32; expected less than 10");
  CHECK(view({4}, {3}, 1) ==
        "tensor: a view outside of its storage; got elements 1 to 10 of float32; expected less than 10");
  CHECK(view({10}, {-1}, 8) ==
        "tensor: a view outside of its storage; got elements -1 to 8 of float32; expected less than 10");
  CHECK(view({1}, {1}, -1) ==
        "tensor: a view outside of its storage; got elements -1 to -1 of float32; expected less than 10");
  CHECK_THROWS_AS(Tensor(storage, DType::float32, {2, 2}, {1}, 0), Bug);
}

TEST_CASE("tensor: memory of somebody else is kept alive and not freed", "[tensor]") {
  const auto values = std::make_shared<std::vector<float>>(std::vector<float>{1, 2, 3});
  const auto live = device_allocator(kCpu).statistics().live;
  Tensor x(std::make_shared<Storage>(values->data(), 12, values), DType::float32, {3}, {1}, 0);
  CHECK(device_allocator(kCpu).statistics().live == live);
  CHECK(x.raw_data() == values->data());
  CHECK(values.use_count() == 2);
  x = Tensor();
  CHECK(values.use_count() == 1);
}

TEST_CASE("tensor: handles share, and ownership is known", "[tensor]") {
  Tensor x = zeros({4});
  CHECK(x.is_sole_owner());
  {
    const Tensor handle = x;
    CHECK_FALSE(x.is_sole_owner());
    CHECK(handle.raw_data() == x.raw_data());
  }
  {
    const Tensor view = x.detached();
    CHECK_FALSE(x.is_sole_owner());
  }
  CHECK(x.is_sole_owner());
}

TEST_CASE("tensor: meta has shapes alone", "[tensor]") {
  const auto live = device_allocator(kCpu).statistics().live;
  Tensor x = zeros({std::int64_t(1) << 30, 1 << 10}, DType::float32, kMeta);
  CHECK(device_allocator(kCpu).statistics().live == live);
  CHECK(describe(x) == "float32 [1073741824, 1024] on meta");
  CHECK(x.storage()->bytes() == std::int64_t(1) << 42);
  CHECK(x.raw_data() == nullptr);
  CHECK(clone(x.transposed(0, 1)).shape() == Shape{1 << 10, std::int64_t(1) << 30});
  fill_(x, 3);
  CHECK(find_non_finite(x) == -1);
  CHECK(
      error_of([&] { x.data<float>(); }) ==
      "data: a meta tensor has no values; got float32 [1073741824, 1024] on meta; expected one on a device");
  CHECK(error_of([] { zeros({1}, DType::float32, kMeta).item<float>(); }) ==
        "item: not on the cpu; got float32 [1] on meta; expected a tensor on the cpu");
  CHECK(error_of([&] { to_doubles(x); }).find("to_doubles: not on the cpu") == 0);
}

TEST_CASE("tensor: requires_grad is for floating leaves", "[tensor]") {
  Tensor whole = zeros({2}, DType::int32), none;
  CHECK(error_of([&] { whole.set_requires_grad(); }) ==
        "requires_grad: only floating types have gradients; got int32 [2] on cpu; expected a floating type");
  CHECK(error_of([&] { none.set_requires_grad(false); }).find("tensor: used before it was made") == 0);
  CHECK_FALSE(none.requires_grad());
  Tensor x = zeros({2});
  x.set_requires_grad();
  const auto node = x.node();
  CHECK(x.set_requires_grad().node() == node);
  CHECK_FALSE(x.detached().requires_grad());
  CHECK_FALSE(x.set_requires_grad(false).requires_grad());
  CHECK_FALSE(x.grad());
}

TEST_CASE("tensor: an allocation that fails leaves the others intact", "[tensor]") {
  const Tensor before = full({1000}, 7);
  const auto live = device_allocator(kCpu).statistics().live;
  std::string report;
  try {
    empty({std::int64_t(1) << 44});  // 2^46 bytes
  } catch (const OutOfMemory& error) {
    report = error.what();
  }
  INFO(report);
  CHECK(report.find("64.0 TiB") != std::string::npos);
  CHECK(report.find("live") != std::string::npos);
  CHECK(report.find("cached") != std::string::npos);
  CHECK(device_allocator(kCpu).statistics().live == live);
  CHECK(to_doubles(before) == std::vector<double>(1000, 7.0));
  CHECK(to_doubles(full({3}, 2)) == std::vector<double>(3, 2.0));
}

}  // namespace
}  // namespace uls
