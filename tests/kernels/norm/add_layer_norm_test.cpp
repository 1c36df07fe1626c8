// SPDX-License-Identifier: Apache-2.0
#include "kernels/norm/add_layer_norm/add_layer_norm.h"

#include <catch2/catch.hpp>

#include "core/autograd/checkpoint.h"
#include "core/autograd/gradient_check.h"
#include "core/base/parallel.h"
#include "core/memory/device_memory.h"
#include "core/tensor/primitives.h"
#include "kernels/common/fused.h"
#include "kernels/norm/layer_norm/layer_norm.h"
#include "kernels/pointwise/dropout/dropout.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/random/random.h"
#include "tests/support/support.h"

namespace uls {
namespace {

struct Inputs {
  Tensor x, branch, weight, bias;
  std::vector<Tensor> list() const { return {x, branch, weight, bias}; }
};

Inputs inputs_of(const Shape& shape, DType type) {
  const auto noise = [type](const Shape& s, std::uint32_t index) {
    Tensor values = empty(s, type);
    fill_uniform_(values, -1, 1, {{1, index}, 3, 0});
    return values.set_requires_grad();
  };
  return {noise(shape, 1), noise(shape, 2), noise({shape.back()}, 3), noise({shape.back()}, 4)};
}

// A model's place and step, so that every call draws the same masks.
AddLayerNorm call(const Inputs& in, const AddLayerNormOptions& options, bool fused = true) {
  const RandomStateScope state{RandomState()};
  RandomState::current().begin_step(7, 8, 9);
  const kernels::FusedScope scope(fused);
  return add_layer_norm(in.x, in.branch, in.weight, in.bias, options);
}

enum class Used { sum, y, both };

// The results that are used, and the gradients of all inputs; undefined ones where none arrived.
std::vector<Tensor> all_of(const Inputs& in, const AddLayerNormOptions& options, Used used, bool fused) {
  for (const Tensor& input : in.list()) input.set_grad({});
  const AddLayerNorm result = call(in, options, fused);
  std::vector<Tensor> roots, cotangents;
  if (used != Used::y) roots.push_back(result.sum);
  if (used != Used::sum) roots.push_back(result.y);
  for (std::size_t i = 0; i < roots.size(); ++i) {
    cotangents.push_back(empty_like(roots[i]));
    fill_uniform_(cotangents[i], -1, 1, {{5, std::uint32_t(i)}, 6, 0});
  }
  backward(roots, cotangents);
  std::vector<Tensor> all = roots;
  for (const Tensor& input : in.list()) all.push_back(input.grad());
  return all;
}

const AddLayerNormOptions kChoices[] = {{},
                                        {.dropout = 0.4},
                                        {.drop_path = 0.5},
                                        {.dropout = 0.1, .drop_path = 0.3},
                                        {.dropout = 1},
                                        {.drop_path = 1}};

TEST_CASE("add_layer_norm: equals its plain twin, whichever results are used") {
  for (const Shape& shape : {Shape{4, 6, 32}, Shape{3, 5, 2, 67}, Shape{6, 1}})
    for (const auto& options : kChoices)
      for (const Used used : {Used::sum, Used::y, Used::both})
        for (const auto& [type, bound] : {std::pair{DType::float64, 1e-13}, {DType::float32, 2e-5}}) {
          CAPTURE(to_string(shape), options.dropout, options.drop_path, int(used), to_string(type));
          const Inputs in = inputs_of(shape, type);
          const auto fused = all_of(in, options, used, true), twin = all_of(in, options, used, false);
          for (std::size_t i = 0; i < fused.size(); ++i) {
            CAPTURE(i);
            REQUIRE(bool(fused[i]) == bool(twin[i]));
            if (fused[i]) CHECK(test::largest_difference(fused[i], twin[i]) <= bound);
          }
        }
}

TEST_CASE("add_layer_norm: the masks of dropout and drop_path") {
  const Inputs in = inputs_of({6, 4, 33}, DType::float32);
  const RandomStateScope state{RandomState()};
  RandomState::current().begin_step(7, 8, 9);
  const Tensor thinned = dropout(in.branch, 0.5), expected = add(in.x, drop_path(thinned, 0.3));
  CHECK(test::largest_difference(call(in, {.dropout = 0.5, .drop_path = 0.3}).sum, expected) < 1e-6);
  RandomState::current().begin_step(7, 8, 9);
  CHECK(test::same_bits(call(in, {.drop_path = 0.5}).sum, add(in.x, drop_path(in.branch, 0.5))));
  CHECK(test::same_bits(call(in, {}).y, layer_norm(add(in.x, in.branch), in.weight, in.bias)));
}

TEST_CASE("add_layer_norm: nothing of what is dropped gets through") {
  Inputs in = inputs_of({2, 3, 8}, DType::float32);
  in.branch = full({2, 3, 8}, INFINITY);
  for (const AddLayerNormOptions& all :
       {AddLayerNormOptions{.dropout = 1}, {.drop_path = 1}, {.dropout = 1, .drop_path = 1}})
    CHECK(test::same_bits(call(in, all).sum, in.x));
}

TEST_CASE("add_layer_norm: gradients of both results against central differences") {
  for (const auto& options : kChoices) {
    CAPTURE(options.dropout, options.drop_path);
    const TensorFunction fn = [&options](const std::vector<Tensor>& in) {
      const AddLayerNorm result = call({in[0], in[1], in[2], in[3]}, options);
      return std::vector{result.sum, result.y};
    };
    CHECK(check_gradients(fn, inputs_of({3, 2, 7}, DType::float64).list()).largest_error <= 1e-6);
  }
}

TEST_CASE("add_layer_norm: the same bits from any number of threads and in recomputation") {
  const Inputs in = inputs_of({3, 50, 700}, DType::float32);
  const AddLayerNormOptions options{.dropout = 0.2, .drop_path = 0.4};
  const AddLayerNorm expected = call(in, options);
  const int threads = num_threads();
  for (const int count : {1, 3, 8}) {
    set_num_threads(count);
    CHECK(test::same_bits(call(in, options).sum, expected.sum));
    CHECK(test::same_bits(call(in, options).y, expected.y));
  }
  set_num_threads(threads);
  const auto gradients = all_of(in, options, Used::y, true);
  for (const Tensor& input : in.list()) input.set_grad({});
  const TensorFunction block = [&options](const std::vector<Tensor>& x) {
    return std::vector{call({x[0], x[1], x[2], x[3]}, options).y};
  };
  const Tensor y = checkpoint(block, in.list())[0];
  Tensor cotangent = empty_like(y);
  fill_uniform_(cotangent, -1, 1, {{5, 0}, 6, 0});
  backward(y, cotangent);
  for (std::size_t i = 0; i < 4; ++i) CHECK(test::same_bits(in.list()[i].grad(), gradients[i + 1]));
}

// A chain of blocks: the gradient of each sum is handed back through all of them.
TEST_CASE("add_layer_norm: a chain keeps one gradient of the sum") {
  const std::int64_t count = 1 << 16;
  const Inputs in = inputs_of({1, count / 64, 64}, DType::float32);
  auto& allocator = device_allocator(kCpu);
  const auto walk = [&](bool fused) {
    const kernels::FusedScope scope(fused);
    Tensor sum = in.x, y = layer_norm(in.x, in.weight, in.bias);
    for (int block = 0; block < 8; ++block) {
      const AddLayerNorm next = add_layer_norm(sum, affine(y, 0.5, 0), in.weight, in.bias);
      sum = next.sum;
      y = next.y;
    }
    const Tensor cotangent = full(sum.shape(), 1);
    for (const Tensor& input : in.list()) input.set_grad({});
    const std::int64_t before = allocator.statistics().allocations;
    backward(std::vector{sum, y}, {cotangent, cotangent});
    const std::int64_t made = allocator.statistics().allocations - before;
    return std::pair{made, in.x.grad()};
  };
  const auto [fused, gradient] = walk(true);
  const auto [plain, expected] = walk(false);
  CHECK(fused < plain);
  CHECK(test::largest_difference(gradient, expected) < 1e-4);
}

TEST_CASE("add_layer_norm: a change in place of what it keeps is noticed") {
  const Inputs in = inputs_of({2, 3, 4}, DType::float32);
  const AddLayerNorm result = call(in, {});
  Tensor sum = result.sum.detached();
  fill_(sum, 0);
  CHECK(test::error_of([&] {
          backward(result.y, zeros({2, 3, 4}));
        }) ==
        "add_layer_norm: a tensor saved for the gradient was changed in place; got version 1; expected 0");
}

TEST_CASE("add_layer_norm: what does not fit is named") {
  const Tensor x = zeros({2, 3});
  CHECK(test::error_of([&] { add_layer_norm(zeros({3}), zeros({3}), {}, {}); }) ==
        "add_layer_norm: no dimension of samples; got float32 [3] on cpu; expected [B, ..., C]");
  CHECK(test::error_of([&] { add_layer_norm(x, zeros({3}), {}, {}); }) ==
        "add_layer_norm: branch has the wrong shape; got [3]; expected [2, 3]");
  CHECK(test::error_of([&] {
          add_layer_norm(x, zeros({2, 3}, DType::float64), {}, {});
        }).find("add_layer_norm: branch") == 0);
  CHECK(test::error_of([&] { add_layer_norm(x, x, zeros({4}), zeros({3})); }) ==
        "add_layer_norm: weight has the wrong shape; got [4]; expected [3]");
  CHECK(test::error_of([&] { add_layer_norm(x, x, {}, {}, {.drop_path = 1.5}); }) ==
        "add_layer_norm: no probability; got 1.5; expected 0 to 1");
}

}  // namespace
}  // namespace uls
