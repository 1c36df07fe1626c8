// SPDX-License-Identifier: Apache-2.0
#include "kernels/primitives/embedding/embedding.h"

#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "core/base/parallel.h"
#include "core/tensor/primitives.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using Ids = std::vector<std::int64_t>;

TEST_CASE("embedding: gradients of repeated ids add up in the order of their places, for any threads") {
  constexpr std::int64_t kRows = 31, kChannels = 600, kPlaces = 500;
  Ids ids(kPlaces);
  std::vector<float> values(kPlaces * kChannels);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = std::int64_t(i * i % 29);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = float(int(i * 7919 % 2003) - 1001) / 1003;
  Tensor expected = zeros({kRows, kChannels});
  for (std::int64_t i = 0; i < kPlaces; ++i)
    for (std::int64_t c = 0; c < kChannels; ++c)
      expected.data<float>()[ids[std::size_t(i)] * kChannels + c] += values[std::size_t(i * kChannels + c)];
  const int threads = num_threads();
  for (const int count : {1, 2, 5}) {
    set_num_threads(count);
    const Tensor table = zeros({kRows, kChannels}).set_requires_grad();
    backward(embedding(table, from_values({kPlaces}, ids)), from_values({kPlaces, kChannels}, values));
    CHECK(test::same_bits(table.grad(), expected));
  }
  set_num_threads(threads);
}

TEST_CASE("embedding: bfloat16 gradients are summed in float32, and added to what is there") {
  const Tensor table = zeros({2, 1}, DType::bfloat16).set_requires_grad();
  const Tensor ids = from_values<std::int64_t>({256}, Ids(256, 1));
  for (int call = 1; call <= 2; ++call) {
    backward(embedding(table, ids), full({256, 1}, 1.0078125, DType::bfloat16));  // 1 + 2^-7
    CHECK(to_doubles(table.grad()) == std::vector<double>{0, call * 258.0});
  }
}

TEST_CASE("embedding: what does not fit is named") {
  const Tensor table = zeros({7, 3});
  CHECK(test::error_of([&] {
          embedding(table, from_values<std::int64_t>({2, 2}, {0, 6, 7, -1}));
        }) == "embedding: id out of range; got 7 at [1, 0]; expected an id in [0, 7)");
  CHECK(test::error_of([&] { embedding(table, from_values<std::int64_t>({}, {-1})); }) ==
        "embedding: id out of range; got -1 at []; expected an id in [0, 7)");
  CHECK(test::error_of([&] { embedding(table, zeros({2})); }) ==
        "embedding: ids differ in type or device; got float32 [2] on cpu; expected int64 on cpu");
  CHECK(test::error_of([&] { embedding(zeros({7}), zeros({2}, DType::int64)); }) ==
        "embedding: table is not a matrix; got float32 [7] on cpu; expected [V, C]");
}

}  // namespace
}  // namespace uls
