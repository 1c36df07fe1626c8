// SPDX-License-Identifier: Apache-2.0
#include "train/step/gradient_buckets.h"

#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "core/memory/device_memory.h"
#include "core/tensor/primitives.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/reduce/reduce.h"
#include "models/layers/linear_layer.h"

namespace uls {
namespace {

// Matrices of 12, 20 and 16 elements, and biases of 3, 4 and 4.
struct Model {
  struct Config {};
  Linear a, b, c;
  Model(const ModelBuilder& builder, const Config&)
      : a(builder / "a", 4, 3), b(builder / "b", 5, 4), c(builder / "c", 4, 4) {}
};

TEST_CASE("gradient buckets: parts of slabs, cut at parameters, without memory until a gradient arrives") {
  Parameters parameters({.seed = 1});
  const Model model = build_model<Model>(parameters, Model::Config{});
  const CachingAllocator& memory = device_allocator(kCpu);
  const std::int64_t before = memory.statistics().live_requested;
  const auto live = [&] { return memory.statistics().live_requested - before; };
  const auto buckets = make_gradient_buckets(parameters, 20 * sizeof(float));
  std::vector<std::int64_t> sizes;
  for (const auto& bucket : buckets) sizes.push_back(bucket->part_of(bucket->slab().values).numel());
  CHECK(sizes == std::vector<std::int64_t>{32, 16, 11});  // both matrices, the last one, the biases
  CHECK(live() == 0);

  backward(sum(square(model.b.weight)));
  CHECK(live() == 32 * std::int64_t(sizeof(float)));
  std::vector<double> expected(12);
  for (const double w : to_doubles(model.b.weight)) expected.push_back(2 * w);
  CHECK(to_doubles(buckets[0]->gradient()) == expected);
  CHECK(model.b.weight.grad().storage() == buckets[0]->gradient().storage());
  CHECK_FALSE(model.c.weight.grad());
  CHECK(to_doubles(buckets[2]->gradient()) == std::vector<double>(11));

  parameters.clear_gradients();
  for (const auto& bucket : buckets) bucket->release();
  CHECK(live() == 0);
  backward(sum(model.c.bias));
  expected.assign(11, 0);
  for (int i = 7; i < 11; ++i) expected[std::size_t(i)] = 1;
  CHECK(to_doubles(buckets[2]->gradient()) == expected);
}

}  // namespace
}  // namespace uls
