// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/attention/attention.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "core/autograd/autograd.h"
#include "core/memory/device_memory.h"
#include "core/random/random_state.h"
#include "core/tensor/primitives.h"
#include "kernels/common/fused.h"
#include "kernels/common/op_table.h"
#include "kernels/linear/linear/linear.h"
#include "kernels/primitives/views/views.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

// PyTorch's MultiheadAttention on [L, B, C]: packed projections around the attention.
struct Module {
  Tensor in_weight, in_bias, out_weight, out_bias;

  explicit Module(const test::GoldenCase& golden)
      : in_weight(golden.get("param.in_proj_weight")),
        in_bias(golden.get("param.in_proj_bias")),
        out_weight(golden.get("param.out_proj.weight")),
        out_bias(golden.get("param.out_proj.bias")) {
    for (Tensor* p : {&in_weight, &in_bias, &out_weight, &out_bias}) p->set_requires_grad();
  }
  Tensor project(const Tensor& x, int part) const {
    const std::int64_t c = out_bias.numel();
    return linear(transpose(x, 0, 1), slice(in_weight, 0, part * c, (part + 1) * c),
                  slice(in_bias, 0, part * c, (part + 1) * c));
  }
  Tensor finish(const Tensor& y) const { return transpose(linear(y, out_weight, out_bias), 0, 1); }
  void compare_gradients(const test::GoldenCase& golden, std::int64_t tokens) const {
    golden.compare("grad.param.in_proj_weight", in_weight.grad(), tokens);
    golden.compare("grad.param.in_proj_bias", in_bias.grad(), tokens);
    golden.compare("grad.param.out_proj.weight", out_weight.grad(), tokens);
    golden.compare("grad.param.out_proj.bias", out_bias.grad(), tokens);
  }
};

TEST_CASE("attention: golden", "[golden]") {
  ULS_REPLAY_GOLDEN("op_mha", [](const test::GoldenCase& golden) {
    const std::int64_t channels = golden.op().at("embed").as_int64();
    const bool causal = golden.has("in.causal");
    const AttentionOptions options{.heads = golden.op().at("heads").as_int64(), .causal = causal};
    if (causal) {
      for (const bool fused : {true, false}) {
        const kernels::FusedScope scope(fused);
        const Module module(golden);
        Tensor x = golden.get("in.x").set_requires_grad();
        const Tensor q = module.project(x, 0), k = module.project(x, 1), v = module.project(x, 2);
        const Tensor y = module.finish(
            fused ? attention(q, k, v, options)
                  : attention_with_weights(q, k, v, {.heads = options.heads}, {}, golden.get("in.causal")).y);
        golden.compare("out.y", y, channels);
        backward(y, golden.get("cot.y"));
        golden.compare("grad.in.x", x.grad(), channels);
        module.compare_gradients(golden, x.size(0));
      }
      return;
    }
    const Module module(golden);
    Tensor q = golden.get("in.q").set_requires_grad(), k = golden.get("in.k").set_requires_grad(),
           v = golden.get("in.v").set_requires_grad();
    const Tensor mask = golden.get("in.mask");
    const Tensor pq = module.project(q, 0), pk = module.project(k, 1), pv = module.project(v, 2);
    const auto [y, weights] = attention_with_weights(pq, pk, pv, options, mask);
    const Tensor out = module.finish(y);
    golden.compare("out.y", out, channels);
    golden.compare("out.mean_weights", weights, channels);
    golden.compare("out.y", module.finish(attention(pq, pk, pv, options, mask)), channels);
    backward({out, weights}, {golden.get("cot.y"), golden.get("cot.mean_weights")});
    golden.compare("grad.in.q", q.grad(), channels);
    golden.compare("grad.in.k", k.grad(), channels);
    golden.compare("grad.in.v", v.grad(), channels);
    module.compare_gradients(golden, q.size(0) * q.size(1));
  });
}

// The result and the gradients of q, k and v, for inputs that are the same on every call.
std::vector<Tensor> both_ways(bool fused, const AttentionOptions& options, const Tensor& mask = {},
                              std::int64_t queries = 61, std::int64_t keys = 235,
                              std::int64_t channels = 12) {
  const kernels::FusedScope scope(fused);
  RandomState::current().begin_step(7, 3, 11);
  std::vector<Tensor> in;
  for (const std::int64_t length : {queries, keys, keys}) {
    in.push_back(clone(kernels::make_input({{2, length, channels}, -2, 2}, int(in.size()))));
    in.back().set_requires_grad();
  }
  const Tensor y = attention(in[0], in[1], in[2], options, mask);
  backward(y, kernels::make_input({y.shape()}, 3));
  return {y.detached(), in[0].grad(), in[1].grad(), in[2].grad()};
}

TEST_CASE("attention: the kernel and its twin agree over several blocks") {
  Tensor mask = zeros({2, 235}, DType::boolean), padding = mask.sliced(1, 3, 233);
  fill_(padding, 1);
  for (const AttentionOptions& options :
       {AttentionOptions{.heads = 3}, AttentionOptions{.heads = 2, .causal = true},
        AttentionOptions{.heads = 3, .dropout = 0.3}, AttentionOptions{.causal = true, .dropout = 0.5}})
    for (const Tensor& ignored : {Tensor(), mask}) {
      const auto fused = both_ways(true, options, ignored), plain = both_ways(false, options, ignored);
      for (std::size_t i = 0; i < fused.size(); ++i)
        CHECK(test::largest_difference(fused[i], plain[i]) < 1e-12);
    }
  for (const std::int64_t keys : {3, 9, 300}) {
    const auto fused = both_ways(true, {.causal = true}, {}, 120, keys),
               plain = both_ways(false, {.causal = true}, {}, 120, keys);
    for (std::size_t i = 0; i < fused.size(); ++i)
      CHECK(test::largest_difference(fused[i], plain[i]) < 1e-12);
  }
}

TEST_CASE("attention: the forms for few keys and for one query agree with the twin") {
  // Heads of 16 are whole vectors; 36 keys are the most that "few keys" takes.
  for (const auto& [queries, keys] : {std::pair{70, 1}, {70, 17}, {33, 33}, {130, 36}, {1, 225}, {1, 1}})
    for (const double dropout : {0.0, 0.4})
      for (const bool causal : {false, true}) {
        INFO(queries << " by " << keys << ", dropout " << dropout << ", causal " << causal);
        Tensor mask = zeros({2, keys}, DType::boolean), padding = mask.sliced(1, (keys + 1) / 2, keys);
        fill_(padding, 1);
        const AttentionOptions options{.heads = 2, .causal = causal, .dropout = dropout};
        for (const Tensor& ignored : {Tensor(), mask}) {
          const auto fused = both_ways(true, options, ignored, queries, keys, 32),
                     plain = both_ways(false, options, ignored, queries, keys, 32);
          for (std::size_t i = 0; i < fused.size(); ++i)
            CHECK(test::largest_difference(fused[i], plain[i]) < 1e-12);
        }
      }
}

TEST_CASE("attention: memory grows with the lengths, not with their product") {
  CachingAllocator& memory = device_allocator(kCpu);
  const auto peak_of = [&](std::int64_t length) {
    Tensor q = zeros({1, length, 32}).set_requires_grad(), k = zeros({1, length, 32}).set_requires_grad(),
           v = zeros({1, length, 32}).set_requires_grad();
    memory.reset_peak();
    const std::int64_t before = memory.statistics().live;
    backward(attention(q, k, v, {.heads = 2}), zeros({1, length, 32}));
    return double(memory.statistics().peak_live - before);
  };
  peak_of(512);
  const double small = peak_of(512), large = peak_of(2048);
  CHECK(small > 0);
  CHECK(large / small < 4.5);
}

TEST_CASE("attention: a query without keys gives NaN where all are ignored, zeros where there is none") {
  Tensor mask = zeros({2, 5}, DType::boolean), first = mask.sliced(0, 0, 1);
  fill_(first, 1);
  for (const bool fused : {true, false}) {
    const auto results = both_ways(fused, {.heads = 2}, mask, 3, 5);
    for (const Tensor& x : results) {
      for (const double value : to_doubles(x.sliced(0, 0, 1))) CHECK(std::isnan(value));
      CHECK(find_non_finite(contiguous(x.sliced(0, 1, 2))) == -1);
    }
    CHECK(test::same_bits(both_ways(fused, {.heads = 2}, {}, 3, 0)[1], zeros({2, 3, 12}, DType::float64)));
  }
}

TEST_CASE("attention: dropout keeps its share, and draws anew on each call") {
  const Tensor q = zeros({1, 200, 1}), v = full({1, 100, 1}, 1);
  RandomState::current().begin_step(1, 1);
  const Tensor first = attention(q, v, v, {.dropout = 0.25}), second = attention(q, v, v, {.dropout = 0.25});
  double mean = 0;
  for (const double value : to_doubles(first)) mean += value / 200;
  CHECK(std::abs(mean - 1) < 0.02);  // five deviations of the mean of 20000 draws
  CHECK_FALSE(test::same_bits(first, second));
}

TEST_CASE("attention: what does not fit is named") {
  const Tensor q = zeros({2, 3, 4}), k = zeros({2, 5, 4});
  CHECK(
      test::error_of([&] {
        attention(zeros({3, 4}), k, k, {});
      }) ==
      "attention: not [batch, length, channels]; got [3, 4] and [2, 5, 4]; expected 3 dimensions of q and k");
  CHECK(test::error_of([&] {
          attention(q, zeros({1, 5, 4}), k, {});
        }) == "attention: k has the wrong shape; got [1, 5, 4]; expected [2, 5, 4]");
  CHECK(test::error_of([&] { attention(q, k, q, {}); }) ==
        "attention: v has the wrong shape; got [2, 3, 4]; expected [2, 5, 4]");
  CHECK(test::error_of([&] { attention(q, k, k, {.heads = 3}); }) ==
        "attention: channels do not split into heads; got 4 channels and 3 heads; expected a multiple");
  CHECK(test::error_of([&] { attention(q, k, k, {.dropout = 1}); }) ==
        "attention: dropout is no probability below 1; got 1; expected one in [0, 1)");
  CHECK(test::error_of([&] {
          attention(q, k, k, {}, zeros({2, 5}));
        }) ==
        "attention: key_padding_mask is of another kind; got float32 [2, 5] on cpu; expected bool on cpu");
  CHECK(test::error_of([&] {
          attention(q, k, k, {}, zeros({2, 3}, DType::boolean));
        }) == "attention: key_padding_mask has the wrong shape; got [2, 3]; expected [2, 5]");
  CHECK(test::error_of([&] {
          attention_with_weights(q, k, k, {}, {}, zeros({5, 3}));
        }) == "attention: bias has the wrong shape; got [5, 3]; expected [3, 5]");
}

}  // namespace
}  // namespace uls
