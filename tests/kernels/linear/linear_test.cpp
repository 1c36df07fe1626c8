// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/linear/linear.h"

#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "core/base/parallel.h"
#include "core/memory/device_memory.h"
#include "core/tensor/primitives.h"
#include "kernels/common/fused.h"
#include "kernels/common/op_table.h"
#include "kernels/linear/gemm/gemm.h"
#include "kernels/pointwise/pointwise.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

TEST_CASE("linear: golden", "[golden]") {
  ULS_REPLAY_GOLDEN("op_linear", [](const test::GoldenCase& golden) {
    Tensor x = golden.get("in.x").set_requires_grad(), weight = golden.get("in.weight").set_requires_grad(),
           bias;
    if (golden.op().at("bias").as_bool()) bias = golden.get("in.bias").set_requires_grad();
    const Tensor y = linear(x, weight, bias);
    const std::int64_t rows = y.numel() / weight.size(0);
    golden.compare("out.y", y, weight.size(1));
    backward(y, golden.get("cot.y"));
    golden.compare("grad.in.x", x.grad(), weight.size(0));
    golden.compare("grad.in.weight", weight.grad(), rows);
    if (bias) golden.compare("grad.in.bias", bias.grad(), rows);
  });
}

TEST_CASE("linear: gradients are added to what a parameter holds") {
  Tensor x = test::parameter({2, 3}, {1, 2, 3, 4, 5, 6}), w = test::parameter({1, 3}, {1, 0, -1});
  w.set_grad(full({1, 3}, 10, DType::float64));
  backward(linear(x, w), full({2, 1}, 1, DType::float64));
  CHECK(to_doubles(w.grad()) == std::vector<double>{15, 17, 19});
  CHECK(to_doubles(x.grad()) == std::vector<double>{1, 0, -1, 1, 0, -1});
}

constexpr Activation kActivations[] = {Activation::relu, Activation::gelu, Activation::quick_gelu};

// The result and the gradients of x, weight and bias.
std::vector<Tensor> both_ways(bool fused, Activation activation, std::int64_t rows, bool keep_cotangent) {
  const kernels::FusedScope scope(fused);
  std::vector<Tensor> in;
  for (const Shape& shape : {Shape{rows, 6}, Shape{5, 6}, Shape{5}})
    in.push_back(clone(kernels::make_input({shape}, int(in.size()))).set_requires_grad());
  const Tensor y = linear(in[0], in[1], in[2], activation), cotangent = kernels::make_input({y.shape()}, 3);
  const Tensor kept = keep_cotangent ? cotangent : Tensor();
  backward(keep_cotangent ? y : affine(y, 1, 0), cotangent);
  if (keep_cotangent) CHECK(test::same_bits(kept, kernels::make_input({y.shape()}, 3)));
  return {y.detached(), in[0].grad(), in[1].grad(), in[2].grad()};
}

TEST_CASE("linear: an activation inside and its twin agree, over one block of rows and over several") {
  for (const Activation activation : kActivations)
    for (const std::int64_t rows : {7, 8192 + 5})
      for (const bool keep_cotangent : {false, true}) {
        const auto fused = both_ways(true, activation, rows, keep_cotangent),
                   plain = both_ways(false, activation, rows, keep_cotangent);
        for (std::size_t i = 0; i < fused.size(); ++i)
          CHECK(test::largest_difference(fused[i], plain[i]) < 1e-11);
      }
}

TEST_CASE("linear: an activation keeps one tensor of the result's size, and none where nothing is recorded") {
  const CachingAllocator& memory = device_allocator(kCpu);
  // One thread: whether the buffers of several are there at once is a matter of luck.
  const int threads = num_threads();
  set_num_threads(1);
  const Tensor x = zeros({64, 32}), b = zeros({128});
  Tensor w = zeros({128, 32});
  const std::int64_t size = 64 * 128 * std::int64_t(sizeof(float));
  // What a call takes while it runs beyond a plain one, and what it leaves.
  const auto costs = [&](Activation activation) {
    device_allocator(kCpu).reset_peak();
    const Tensor y = linear(x, w, b, activation);
    return std::pair(memory.statistics().peak_live, memory.statistics().live);
  };
  const auto plain = costs(Activation::none);
  for (const Activation activation : kActivations) CHECK(costs(activation) == plain);
  w.set_requires_grad();
  {
    const NoGrad scope;
    for (const Activation activation : kActivations) CHECK(costs(activation) == plain);
  }
  CHECK(costs(Activation::relu).second == plain.second);
  CHECK(costs(Activation::gelu).second == plain.second + size);
  CHECK(costs(Activation::quick_gelu).second == plain.second + size);
  set_num_threads(threads);
}

TEST_CASE("linear and matmul: what does not fit is named") {
  const Tensor x = zeros({2, 3}), w = zeros({4, 3});
  CHECK(test::error_of([&] {
          linear(x, zeros({4, 5}));
        }) == "linear: x and weight do not fit; got [2, 3] and [4, 5]; expected 5 as the last size of x");
  CHECK(test::error_of([&] { linear(x, w, zeros({3})); }) ==
        "linear: bias has the wrong shape; got [3]; expected [4]");
  CHECK(test::error_of([&] {
          linear(x, zeros({4, 3}, DType::float64));
        }) == "linear: weight differs in type or device; got float64 [4, 3] on cpu; expected float32 on cpu");
  CHECK(test::error_of([&] {
          linear(zeros({2, 3}, DType::int64), w);
        }) ==
        "linear: x is not a floating tensor; got int64 [2, 3] on cpu; expected float32, float64, bfloat16 or "
        "float16");
  CHECK(test::error_of([&] {
          linear({}, w);
        }).starts_with("linear: x is not a floating tensor; got an undefined tensor"));
  CHECK(test::error_of([&] { matmul(x, w); }) ==
        "matmul: inner sizes differ; got [2, 3] and [4, 3]; expected equal ones");
  CHECK(test::error_of([&] { matmul(x, zeros({3}), false, false); }) ==
        "matmul: not matrices; got [2, 3] and [3]; expected two dimensions each");
}

}  // namespace
}  // namespace uls
