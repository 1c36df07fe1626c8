// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/feed_forward/feed_forward.h"

#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "core/base/parallel.h"
#include "core/memory/device_memory.h"
#include "core/random/random_state.h"
#include "core/tensor/primitives.h"
#include "kernels/common/fused.h"
#include "kernels/primitives/random/random.h"
#include "tests/support/support.h"

namespace uls {
namespace {

constexpr Activation kActivations[] = {Activation::relu, Activation::gelu, Activation::quick_gelu};

struct Inputs {
  Tensor x;
  FeedForwardLayers layers;
  std::vector<Tensor> list() const {
    return {x, layers.first, layers.first_bias, layers.last, layers.last_bias};
  }
};

Inputs inputs_of(const Shape& shape, std::int64_t hidden, DType type) {
  std::uint32_t index = 0;
  const auto noise = [&](const Shape& s) {
    Tensor values = empty(s, type);
    fill_uniform_(values, -1, 1, {{1, ++index}, 3, 0});
    return values.set_requires_grad();
  };
  const std::int64_t in = shape.back();
  return {noise(shape), {noise({hidden, in}), noise({hidden}), noise({in + 1, hidden}), noise({in + 1})}};
}

// The result and the gradients of all inputs.
std::vector<Tensor> all_of(const Inputs& in, Activation f, double dropout, bool fused) {
  const RandomStateScope state{RandomState()};
  RandomState::current().begin_step(7, 8, 9);
  const kernels::FusedScope scope(fused);
  for (const Tensor& input : in.list())
    if (input.requires_grad()) input.set_grad({});
  const Tensor y = feed_forward(in.x, in.layers, f, dropout);
  Tensor cotangent = empty_like(y);
  fill_uniform_(cotangent, -1, 1, {{5, 0}, 6, 0});
  backward(y, cotangent);
  std::vector<Tensor> all{y.detached()};
  for (const Tensor& input : in.list()) all.push_back(input.grad());
  return all;
}

TEST_CASE("feed_forward: equals its plain twin, over one block of rows and over several") {
  for (const Shape& shape : {Shape{3, 2, 5, 6}, Shape{2, 4096 + 5, 6}})
    for (const Activation f : kActivations)
      for (const double dropout : {0.0, 0.4, 1.0}) {
        CAPTURE(to_string(shape), int(f), dropout);
        const Inputs in = inputs_of(shape, 11, DType::float64);
        const auto fused = all_of(in, f, dropout, true), twin = all_of(in, f, dropout, false);
        for (std::size_t i = 0; i < fused.size(); ++i) {
          CAPTURE(i);
          CHECK(test::largest_difference(fused[i], twin[i]) < 1e-11);
        }
      }
}

TEST_CASE("feed_forward: gradients go where they are wanted, and are added to what is there") {
  const Inputs in = inputs_of({2, 3, 4}, 7, DType::float64);
  const auto expected = all_of(in, Activation::gelu, 0.3, true);
  const std::vector<Tensor> inputs = in.list();
  for (std::size_t wanted = 0; wanted < inputs.size(); ++wanted) {
    CAPTURE(wanted);
    std::vector<Tensor> alone;
    for (const Tensor& input : inputs) alone.push_back(input.detached());
    alone[wanted].set_requires_grad();
    all_of({alone[0], {alone[1], alone[2], alone[3], alone[4]}}, Activation::gelu, 0.3, true);
    for (std::size_t i = 0; i < alone.size(); ++i) CHECK(bool(alone[i].grad()) == (i == wanted));
    CHECK(test::same_bits(alone[wanted].grad(), expected[wanted + 1]));
    const Tensor buffer = full(alone[wanted].shape(), 10, DType::float64);
    alone[wanted].set_grad(buffer);
    const RandomStateScope state{RandomState()};
    RandomState::current().begin_step(7, 8, 9);
    const Tensor y = feed_forward(alone[0], {alone[1], alone[2], alone[3], alone[4]}, Activation::gelu, 0.3);
    Tensor cotangent = empty_like(y);
    fill_uniform_(cotangent, -1, 1, {{5, 0}, 6, 0});
    backward(y, cotangent);
    Tensor sum = alone[wanted].grad();
    accumulate_(sum, full(buffer.shape(), -10, DType::float64));
    CHECK(test::largest_difference(buffer, expected[wanted + 1]) < 1e-13);
  }
}

TEST_CASE("feed_forward: keeps one tensor of the hidden layer's size, and none where nothing is recorded") {
  const CachingAllocator& memory = device_allocator(kCpu);
  const Inputs in = inputs_of({2, 64, 32}, 128, DType::float32);
  const std::int64_t result = 2 * 64 * 33 * std::int64_t(sizeof(float)),
                     hidden = 2 * 64 * 128 * std::int64_t(sizeof(float));
  const auto left = [&](Activation f) {
    const std::int64_t before = memory.statistics().live_requested;
    const Tensor y = feed_forward(in.x, in.layers, f, 0.1);
    return memory.statistics().live_requested - before;
  };
  for (const Activation f : kActivations) {
    CHECK(left(f) == result + hidden);
    const NoGrad scope;
    CHECK(left(f) == result);
  }
}

TEST_CASE("feed_forward: of many rows a block of the hidden layer is there at once") {
  const int threads = num_threads();
  set_num_threads(1);  // whether the buffers of several are there at once is a matter of luck
  CachingAllocator& memory = device_allocator(kCpu);
  const Inputs in = inputs_of({2, 3 * 4096, 8}, 64, DType::float32);
  const std::int64_t hidden = 2 * 3 * 4096 * 64 * std::int64_t(sizeof(float));
  const NoGrad scope;
  memory.reset_peak();
  const std::int64_t before = memory.statistics().live;
  const Tensor y = feed_forward(in.x, in.layers, Activation::gelu, 0.1);
  CHECK(memory.statistics().peak_live - before < hidden / 2);
  set_num_threads(threads);
}

TEST_CASE("feed_forward: what does not fit is named") {
  const Tensor x = zeros({2, 3}), first = zeros({4, 3}), last = zeros({5, 4});
  const auto message = [&](const Tensor& input, const FeedForwardLayers& layers,
                           Activation f = Activation::relu, double dropout = 0) {
    return test::error_of([&] { feed_forward(input, layers, f, dropout); });
  };
  CHECK(message(zeros({3}), {first, {}, last, {}}) ==
        "feed_forward: no dimension of samples; got float32 [3] on cpu; expected [B, ..., in]");
  CHECK(message(x, {zeros({4, 2}), {}, last, {}}) ==
        "feed_forward: x and weight do not fit; got [2, 3] and [4, 2]; expected 2 as the last size of x");
  CHECK(message(x, {first, zeros({3}), last, {}}) ==
        "feed_forward: bias has the wrong shape; got [3]; expected [4]");
  CHECK(message(x, {first, {}, zeros({5, 4}, DType::float64), {}}) ==
        "feed_forward: weight differs in type or device; got float64 [5, 4] on cpu; expected float32 on cpu");
  CHECK(message(x, {first, {}, last, {}}, Activation::none) ==
        "feed_forward: no activation; got none; expected relu, gelu or quick_gelu");
  CHECK(message(x, {first, {}, last, {}}, Activation::relu, 1.5) ==
        "feed_forward: dropout is no probability; got 1.5; expected 0 to 1");
}

}  // namespace
}  // namespace uls
