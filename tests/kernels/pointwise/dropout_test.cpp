// SPDX-License-Identifier: Apache-2.0
#include "kernels/pointwise/dropout/dropout.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "core/autograd/checkpoint.h"
#include "core/base/parallel.h"
#include "core/tensor/primitives.h"
#include "kernels/primitives/random/random.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using Drop = Tensor (*)(const Tensor&, double, const RandomKey&);

Tensor noise(const Shape& shape, DType type = DType::float32) {
  Tensor x = empty(shape, type);
  fill_uniform_(x, 1, 2, {{1, 2}, 3, 0});
  return x;
}

// Two draws one after the other in a module, as a model makes them, for each micro-batch of a step.
Tensor step(const Tensor& x, std::int64_t micro_batch, bool by_sample) {
  const RandomStateScope scope{RandomState()};
  Tensor y = empty_like(x);
  for (std::int64_t first = 0; first < x.size(0); first += micro_batch) {
    const Tensor part = x.sliced(0, first, first + micro_batch);
    Tensor to = y.sliced(0, first, first + micro_batch);
    RandomState::current().begin_step(5, 6, first);
    const ModuleScope module("layers.0");
    copy_(to, by_sample ? drop_path(drop_path(part, 0.3), 0.4) : dropout(dropout(part, 0.3), 0.4));
  }
  return y;
}

TEST_CASE("dropout: the same masks for any split into micro-batches and any threads") {
  const Tensor x = noise({12, 37, 41});
  const int threads = num_threads();
  for (const bool by_sample : {false, true}) {
    const Tensor whole = step(x, 12, by_sample);
    for (const std::int64_t micro_batch : {1, 2, 3, 4, 6})
      CHECK(test::same_bits(step(x, micro_batch, by_sample), whole));
    for (const int count : {1, 3, 8}) {
      set_num_threads(count);
      CHECK(test::same_bits(step(x, 12, by_sample), whole));
    }
    set_num_threads(threads);
  }
}

TEST_CASE("dropout: the same masks for every type, and new ones for each call, step and sample") {
  const RandomKey key{{8, 9}, 10, 0}, next_step{{8, 9}, 11, 0};
  const auto mask = [](const Tensor& y) {
    std::vector<double> kept;
    for (const double v : to_doubles(y)) kept.push_back(v != 0);
    return kept;
  };
  const Tensor x = noise({2, 1000});
  const auto expected = mask(dropout(x, 0.5, key));
  for (const DType type : {DType::float64, DType::bfloat16, DType::float16})
    CHECK(mask(dropout(converted(x, type), 0.5, key)) == expected);
  CHECK(mask(dropout(x, 0.5, next_step)) != expected);
  CHECK(mask(dropout(x, 0.5)) != mask(dropout(x, 0.5)));
  const Tensor first = dropout(x, 0.5, key).sliced(0, 0, 1), second = dropout(x, 0.5, key).sliced(0, 1, 2);
  CHECK(mask(first) != mask(second));
}

TEST_CASE("dropout: equals its plain twin") {
  const RandomKey key{{21, 22}, 23, 4};
  for (const bool by_sample : {false, true}) {
    const Drop drop = by_sample ? drop_path : dropout;
    Tensor x = noise({9, 5, 13}, DType::float64).set_requires_grad(),
           twin = clone(x.detached()).set_requires_grad();
    const Tensor kept = drop(full({9, 5, 13}, 0.5, DType::float64), 0.5, key);  // 1 where it stays
    const Tensor keep = by_sample ? kept.sliced(1, 0, 1).sliced(2, 0, 1).reshaped({9}) : kept;
    const Tensor y = drop(x, 0.5, key), z = dropout_by_mask(twin, keep, 0.5);
    CHECK(test::same_bits(y, z));
    backward(y, full(y.shape(), 3, DType::float64));
    backward(z, full(z.shape(), 3, DType::float64));
    CHECK(test::same_bits(x.grad(), twin.grad()));
  }
}

TEST_CASE("dropout: how often and how much") {
  const RandomKey key{{31, 32}, 33, 0};
  const std::int64_t count = 1 << 20;
  for (const bool by_sample : {false, true})
    for (const double p : {0.1, 0.2, 0.75}) {
      const Shape shape = by_sample ? Shape{count, 1} : Shape{4, count / 4};
      const Tensor y = (by_sample ? drop_path : dropout)(full(shape, 1), p, key);
      double dropped = 0, others = 0, mean = 0, neighbours = 0, before = 0;
      for (const double v : to_doubles(y)) {
        others += v != 0 && v != double(float(1 / (1 - p)));
        dropped += v == 0;
        mean += v / double(count);
        neighbours += v == 0 && before == 1;
        before = v == 0;
      }
      CHECK(others == 0);
      const double n = double(count);  // bounds are five standard errors
      CHECK(std::abs(dropped / n - p) < 5 * std::sqrt(p * (1 - p) / n));
      CHECK(std::abs(mean - 1) < 5 * std::sqrt(p / (1 - p) / n));
      CHECK(std::abs(neighbours / n - p * p) < 5 * std::sqrt(3 * p * p / n));
    }
}

TEST_CASE("dropout: nothing at 0, zeros at 1, whatever is in x") {
  for (const Drop drop : {Drop(dropout), Drop(drop_path)}) {
    const Tensor x = test::tensor({2, 3}, {1, -INFINITY, 3, NAN, 5, 6}).set_requires_grad();
    CHECK(test::same_bits(drop(x, 0, {}), x));
    const Tensor y = drop(x, 1, {});
    CHECK(test::same_bits(y, zeros({2, 3})));
    backward(y, full({2, 3}, 1));
    CHECK(test::same_bits(x.grad(), zeros({2, 3})));
  }
  CHECK(test::same_bits(dropout_by_mask(full({2}, 3), zeros({2}), 1), zeros({2})));
}

TEST_CASE("dropout: a recomputation draws the same mask") {
  const auto gradient = [](bool recompute) {
    const RandomStateScope scope{RandomState()};
    RandomState::current().begin_step(1, 2, 3);
    const Tensor x = noise({4, 100}).set_requires_grad();
    const TensorFunction block = [](const std::vector<Tensor>& in) {
      const ModuleScope module("block");
      return std::vector{drop_path(dropout(in[0], 0.4), 0.5)};
    };
    const Tensor hidden = dropout(x, 0.1),
                 y = recompute ? checkpoint(block, {hidden})[0] : block({hidden})[0];
    backward(dropout(y, 0.2), full(y.shape(), 1));
    return x.grad();
  };
  CHECK(test::same_bits(gradient(true), gradient(false)));
}

TEST_CASE("dropout: what does not fit is named") {
  const Tensor x = zeros({2, 3});
  CHECK(test::error_of([&] { dropout(x, 1.5); }) == "dropout: p is no probability; got 1.5; expected 0 to 1");
  CHECK(test::error_of([&] { drop_path(x, -0.5); }) ==
        "drop_path: p is no probability; got -0.5; expected 0 to 1");
  CHECK(test::error_of([&] { dropout(x, NAN); }) == "dropout: p is no probability; got nan; expected 0 to 1");
  CHECK(test::error_of([&] { dropout(zeros({}), 0.5); }) ==
        "dropout: no dimension of samples; got float32 [] on cpu; expected [B, ...]");
  CHECK(test::error_of([&] { dropout_by_mask(x, zeros({3}), 0.5); }) ==
        "dropout_by_mask: keep has the wrong shape; got [3]; expected [2, 3] or its first dimensions");
}

}  // namespace
}  // namespace uls
