// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/mask_loss/mask_loss.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "core/autograd/autograd.h"
#include "core/base/parallel.h"
#include "core/memory/device_memory.h"
#include "core/tensor/primitives.h"
#include "kernels/common/fused.h"
#include "kernels/common/op_table.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

// Of logits that are there: a query of 1 for each sample, and the logits as the pixels' only channel.
Tensor ones_for(const Tensor& logits) { return full({1, logits.size(0), 1, 1}, 1, logits.dtype()); }
Tensor as_pixels(const Tensor& logits) {
  return logits.reshaped({logits.size(0), 1, logits.numel() / logits.size(0), 1});
}
Tensor as_target(const Tensor& target) {
  return target.reshaped({target.size(0), 1, 1, target.numel() / target.size(0)});
}

TEST_CASE("mask_loss: golden", "[golden]") {
  ULS_REPLAY_GOLDEN("op_loss", [](const test::GoldenCase& golden) {
    const Json& op = golden.op();
    MaskLossOptions options{.bce = 0, .dice = 0};
    if (op.find("gamma")) {
      options.focal = 1;
      options.alpha = op.at("alpha").as_double();
      options.gamma = op.at("gamma").as_double();
    } else {
      (op.find("formula") ? options.dice : options.bce) = 1;
    }
    const Tensor logits = golden.get("in.logits");
    for (const bool fused : {true, false}) {
      const kernels::FusedScope scope(fused);
      const Tensor pixel = clone(as_pixels(logits)).set_requires_grad();
      const Tensor loss =
          mask_loss(ones_for(logits), pixel, as_target(golden.get("in.target")), options).total;
      golden.compare("out.loss", loss, logits.numel());
      backward(loss, golden.get("cot.loss"));
      golden.compare("grad.in.logits", pixel.grad().reshaped(logits.shape()), 1);
    }
  });
}

TEST_CASE("mask_loss: worked out by hand") {
  // Logits 0 and 0 of layer 0, -log 3 and log 3 of layer 1: p = 1/2, 1/2 and 1/4, 3/4.
  const double log3 = std::log(3.0);
  const Tensor query = test::parameter({2, 1, 1, 1}, {0, log3}),
               pixel = test::parameter({1, 1, 2, 1}, {-1, 1});
  const MaskLoss loss =
      mask_loss(query, pixel, test::tensor({1, 1, 1, 2}, {0, 1}),
                {.bce = 2, .dice = 3, .focal = 5, .alpha = 0.25, .gamma = 2, .layer_weights = {7, 11}});
  const double focal0 = 0.5 * (0.75 + 0.25) * 0.25 * std::log(2.0),
               focal1 = 0.5 * (0.75 + 0.25) / 16 * std::log(4.0 / 3);
  const std::vector<double> expected{std::log(2.0), 1.0 / 3, focal0, std::log(4.0 / 3), 1.0 / 6, focal1};
  CHECK(test::largest_difference(loss.parts, from_values({2, 3}, expected)) < 1e-15);
  CHECK_FALSE(loss.parts.requires_grad());
  CHECK(loss.total.item<double>() == Approx(7 * (2 * expected[0] + 3 * expected[1] + 5 * expected[2]) +
                                            11 * (2 * expected[3] + 3 * expected[4] + 5 * expected[5])));

  // The slopes of bce are (p - t) / 2: 1/4, -1/4 and 1/8, -1/8.
  for (int call = 1; call <= 2; ++call) {
    backward(mask_loss(query, pixel, test::tensor({1, 1, 1, 2}, {0, 1}), {.dice = 0}).total);
    CHECK(test::largest_difference(query.grad(),
                                   from_values<double>({2, 1, 1, 1}, {-0.5 * call, -0.25 * call})) < 1e-15);
    CHECK(test::largest_difference(
              pixel.grad(), from_values<double>({1, 1, 2, 1}, {log3 * call / 8, -log3 * call / 8})) < 1e-15);
  }
}

struct Sizes {
  std::int64_t layers, samples, queries, channels, height, width;
};

// Total, parts and gradients, for inputs that are the same on every call.
std::vector<Tensor> both_ways(bool fused, const Sizes& s, const MaskLossOptions& options,
                              DType type = DType::float64, const MaskLossWeights& weights = {}) {
  const kernels::FusedScope scope(fused);
  const auto input = [&](const Shape& shape, double low, double high, int index) {
    return clone(converted(kernels::make_input({shape, low, high}, index), type));
  };
  const Tensor query = input({s.layers, s.samples, s.queries, s.channels}, -1, 1, 0).set_requires_grad(),
               pixel = input({s.samples, s.height, s.width, s.channels}, -1, 1, 1).set_requires_grad(),
               target = input({s.samples, s.queries, s.height, s.width}, 0, 1, 2);
  const MaskLoss loss = mask_loss(query, pixel, target, options, weights);
  backward(loss.total, full({}, 1.5, type));
  return {loss.total.detached(), loss.parts, query.grad(), pixel.grad(), loss.samples};
}

const MaskLossOptions kAll{.bce = 2, .dice = 0.5, .focal = 3, .alpha = 0.3, .gamma = 1.7};

TEST_CASE("mask_loss: the kernel and its twin agree over several tiles and blocks") {
  for (const Sizes& s : {Sizes{6, 2, 1, 32, 40, 41}, Sizes{3, 2, 5, 13, 30, 31}, Sizes{1, 3, 1, 1, 1, 1},
                         Sizes{1, 1, 1, 7, 1, 129}, Sizes{2, 1, 3, 64, 16, 8}})
    for (MaskLossOptions options :
         {kAll, MaskLossOptions{}, MaskLossOptions{.bce = 0, .dice = 0, .focal = 1}}) {
      for (std::int64_t layer = 0; layer < s.layers; ++layer)
        options.layer_weights.push_back(double(layer) / 2);
      const auto fused = both_ways(true, s, options), plain = both_ways(false, s, options);
      for (std::size_t i = 0; i < fused.size(); ++i)
        CHECK(test::largest_difference(fused[i], plain[i]) < 1e-12);
      const auto single = both_ways(true, s, options, DType::float32);
      for (std::size_t i = 0; i < fused.size(); ++i) {
        CHECK(single[i].dtype() == DType::float32);
        CHECK(test::largest_difference(single[i], plain[i]) < 2e-6);
      }
    }
}

// Weights of elements (a third of them 0) and of samples.
MaskLossWeights some_weights(const Sizes& s) {
  Tensor element = clone(kernels::make_input({{s.samples, s.queries, s.height, s.width}, 0, 1}, 3));
  for (std::int64_t i = 0; i < element.numel(); i += 3) element.data<double>()[i] = 0;
  return {element, kernels::make_input({{s.samples}, 0, 2}, 4)};
}

TEST_CASE("mask_loss: weighted, the kernel and its twin agree") {
  for (const Sizes& s : {Sizes{6, 2, 1, 32, 40, 41}, Sizes{3, 2, 5, 13, 30, 31}, Sizes{2, 1, 3, 64, 16, 8}}) {
    const MaskLossWeights all = some_weights(s);
    for (const MaskLossWeights& weights : {all, MaskLossWeights{all.element, {}}, {{}, all.sample}})
      for (const MaskLossOptions& options : {kAll, MaskLossOptions{}}) {
        const auto fused = both_ways(true, s, options, DType::float64, weights),
                   plain = both_ways(false, s, options, DType::float64, weights),
                   single = both_ways(true, s, options, DType::float32, weights);
        for (std::size_t i = 0; i < fused.size(); ++i) {
          CHECK(test::largest_difference(fused[i], plain[i]) < 1e-12);
          CHECK(test::largest_difference(single[i], plain[i]) < 2e-6);
        }
      }
  }
}

TEST_CASE("mask_loss: weights of 1 change no bit") {
  const Sizes s{3, 2, 2, 40, 20, 21};
  const MaskLossWeights ones{full({2, 2, 20, 21}, 1, DType::float64), full({2}, 1, DType::float64)};
  for (const DType type : {DType::float32, DType::float64, DType::bfloat16}) {
    const auto with = both_ways(true, s, kAll, type, ones), without = both_ways(true, s, kAll, type);
    for (std::size_t i = 0; i < with.size(); ++i) CHECK(test::same_bits(with[i], without[i]));
  }
}

TEST_CASE("mask_loss: what is ignored might as well be cut off") {
  // 5 of 12 columns are ignored: the losses, and the gradients of what is left, are those of the other 7.
  const Tensor query = kernels::make_input({{2, 3, 1, 5}}, 0),
               pixel = kernels::make_input({{3, 6, 12, 5}}, 1),
               target = kernels::make_input({{3, 1, 6, 12}, 0, 1}, 2);
  Tensor weight = full({3, 1, 6, 12}, 1);
  Tensor ignored = weight.sliced(3, 7, 12);
  fill_(ignored, 0);
  for (const bool fused : {true, false}) {
    const kernels::FusedScope scope(fused);
    const auto run = [&](std::int64_t width, const MaskLossWeights& weights) {
      Tensor q = clone(query).set_requires_grad(), v = clone(pixel.sliced(2, 0, width)).set_requires_grad();
      const MaskLoss loss = mask_loss(q, v, target.sliced(3, 0, width), kAll, weights);
      backward(loss.total);
      return std::vector{loss.parts, loss.total.detached(), q.grad(), v.grad()};
    };
    const auto whole = run(12, {weight, {}}), cut = run(7, {});
    for (std::size_t i = 0; i < 3; ++i) CHECK(test::largest_difference(whole[i], cut[i]) < 1e-14);
    CHECK(test::largest_difference(whole[3].sliced(2, 0, 7), cut[3]) < 1e-14);
    CHECK(test::largest_difference(whole[3].sliced(2, 7, 12), zeros({3, 6, 5, 5}, DType::float64)) == 0);
  }
}

TEST_CASE("mask_loss: a batch is the mean of its samples, each by its weight") {
  const Tensor query = kernels::make_input({{2, 3, 1, 5}}, 0), pixel = kernels::make_input({{3, 6, 7, 5}}, 1),
               target = kernels::make_input({{3, 1, 6, 7}, 0, 1}, 2);
  const std::vector<double> weights{0.5, 0, 3};
  double expected = 0;
  std::vector<double> alone;
  for (std::int64_t b = 0; b < 3; ++b) {
    alone.push_back(
        mask_loss(query.sliced(1, b, b + 1), pixel.sliced(0, b, b + 1), target.sliced(0, b, b + 1), kAll)
            .total.item<double>());
    expected += weights[std::size_t(b)] / 3 * alone.back();
  }
  for (const bool fused : {true, false}) {
    const kernels::FusedScope scope(fused);
    const MaskLoss loss = mask_loss(query, pixel, target, kAll, {{}, from_values({3}, weights)});
    CHECK(loss.total.item<double>() == Approx(expected).epsilon(1e-12));
    CHECK(test::largest_difference(loss.samples, from_values({3}, alone)) < 1e-13);
  }
}

TEST_CASE("mask_loss: where everything is ignored there is nothing to learn") {
  for (const bool fused : {true, false}) {
    const kernels::FusedScope scope(fused);
    const Sizes s{2, 2, 1, 3, 4, 5};
    const auto result = both_ways(fused, s, kAll, DType::float64, {zeros({2, 1, 4, 5}), {}});
    for (const Tensor& tensor : result)
      for (const double value : to_doubles(tensor)) CHECK(value == 0);
    const MaskLoss none = mask_loss(zeros({1, 2, 1, 3}), zeros({2, 0, 5, 3}), zeros({2, 1, 0, 5}), {},
                                    {zeros({2, 1, 0, 5}), {}});
    CHECK(std::isnan(to_doubles(none.parts)[0]));
  }
}

TEST_CASE("mask_loss: half types keep the digits of the maps, and those of the parts") {
  const Sizes s{3, 2, 2, 40, 20, 21};
  for (const DType type : {DType::bfloat16, DType::float16}) {
    INFO(to_string(type));
    // The same inputs, rounded to the half type, in float64.
    const auto rounded = [&](const Shape& shape, double low, double high, int index) {
      return converted(converted(kernels::make_input({shape, low, high}, index), type), DType::float64);
    };
    const MaskLoss exact = mask_loss(rounded({s.layers, s.samples, s.queries, s.channels}, -1, 1, 0),
                                     rounded({s.samples, s.height, s.width, s.channels}, -1, 1, 1),
                                     rounded({s.samples, s.queries, s.height, s.width}, 0, 1, 2), kAll);
    for (const bool fused : {true, false}) {
      const auto half = both_ways(fused, s, kAll, type);
      CHECK(half[1].dtype() == DType::float32);
      CHECK(test::largest_difference(half[1], exact.parts) < 1e-6);
      CHECK(test::same_bits(half[0], converted(exact.total, type)));
    }
  }
}

TEST_CASE("mask_loss: sure logits stay finite") {
  for (const float sign : {1.0f, -1.0f})
    for (const float target : {0.0f, 1.0f})
      for (const bool fused : {true, false}) {
        CAPTURE(sign, target, fused);
        const kernels::FusedScope scope(fused);
        Tensor query = test::tensor({1, 1, 1, 1}, {sign}).set_requires_grad(),
               pixel = full({1, 10, 20, 1}, 100).set_requires_grad();
        const MaskLoss loss = mask_loss(query, pixel, full({1, 1, 10, 20}, target), kAll);
        backward(loss.total);
        const bool right = (sign > 0) == (target > 0);
        const auto parts = to_doubles(loss.parts);
        CHECK(parts[0] == Approx(right ? 0 : 100).margin(1e-30));
        CHECK(parts[1] == Approx(right ? 0 : 200.0 / 201).margin(1e-30));
        CHECK(parts[2] == Approx(right ? 0 : target > 0 ? 30 : 70).margin(1e-30));
        CHECK(find_non_finite(query.grad()) == -1);
        CHECK(find_non_finite(pixel.grad()) == -1);
      }
}

TEST_CASE("mask_loss: what is left out is 0, where nothing is averaged NaN, a NaN stays") {
  for (const bool fused : {true, false}) {
    const kernels::FusedScope scope(fused);
    const auto parts = [](const Sizes& s, const MaskLossOptions& options) {
      return to_doubles(mask_loss(zeros({s.layers, s.samples, s.queries, s.channels}),
                                  zeros({s.samples, s.height, s.width, s.channels}),
                                  zeros({s.samples, s.queries, s.height, s.width}), options)
                            .parts);
    };
    CHECK(parts({1, 2, 1, 3, 4, 5}, {.bce = 0})[0] == 0);
    CHECK(parts({1, 2, 1, 3, 4, 5}, {.dice = 0})[1] == 0);
    CHECK(parts({1, 2, 1, 3, 4, 5}, {})[2] == 0);
    for (const Sizes& s : {Sizes{1, 0, 1, 3, 4, 5}, Sizes{1, 2, 0, 3, 4, 5}}) {
      CHECK(std::isnan(parts(s, {.dice = 0})[0]));
      CHECK(parts(s, {.dice = 0})[1] == 0);
      CHECK(std::isnan(parts(s, {.bce = 0})[1]));
    }
    CHECK(std::isnan(parts({1, 2, 1, 3, 0, 5}, {})[0]));
    CHECK(parts({1, 2, 1, 3, 0, 5}, {})[1] == 0);
    CHECK(parts({1, 2, 1, 0, 4, 5}, {})[0] == Approx(std::log(2.0)));  // no channels: logits of 0

    Tensor pixel = zeros({1, 2, 3, 4});
    pixel.data<float>()[5] = std::nanf("");
    CHECK(std::isnan(mask_loss(zeros({2, 1, 1, 4}), pixel, zeros({1, 1, 2, 3})).total.item<float>()));
  }
}

TEST_CASE("mask_loss: each input's gradient alone, and the same bits for any number of threads") {
  const Tensor query = clone(converted(kernels::make_input({{6, 2, 1, 20}}, 0), DType::float32)),
               pixel = clone(converted(kernels::make_input({{2, 50, 51, 20}}, 1), DType::float32)),
               target = clone(converted(kernels::make_input({{2, 1, 50, 51}, 0, 1}, 2), DType::float32));
  const auto gradients = [&](bool of_query, bool of_pixel) {
    Tensor q = clone(query).set_requires_grad(of_query), v = clone(pixel).set_requires_grad(of_pixel);
    const Tensor total = mask_loss(q, v, target).total;
    backward(total);
    return std::vector{total.detached(), of_query ? q.grad() : Tensor(), of_pixel ? v.grad() : Tensor()};
  };
  const auto both = gradients(true, true);
  CHECK(test::same_bits(gradients(true, false)[1], both[1]));
  CHECK(test::same_bits(gradients(false, true)[2], both[2]));
  const int threads = num_threads();
  for (const int count : {1, 3}) {
    set_num_threads(count);
    const auto again = gradients(true, true);
    for (std::size_t i = 0; i < both.size(); ++i) CHECK(test::same_bits(again[i], both[i]));
  }
  set_num_threads(threads);
}

TEST_CASE("mask_loss: no tensor of the maps' size is allocated") {
  const Sizes s{8, 2, 4, 8, 96, 96};
  const std::int64_t points = s.samples * s.height * s.width, pixels = points * s.channels * 4,
                     maps = points * s.layers * s.queries * 4;
  Tensor query = full({s.layers, s.samples, s.queries, s.channels}, 0.1).set_requires_grad(),
         pixel = full({s.samples, s.height, s.width, s.channels}, 0.2).set_requires_grad();
  const Tensor target = full({s.samples, s.queries, s.height, s.width}, 0.3);
  CachingAllocator& memory = device_allocator(kCpu);
  const auto growth = [&](bool fused) {
    const kernels::FusedScope scope(fused);
    query.set_grad({});
    pixel.set_grad({});
    memory.reset_peak();
    const std::int64_t before = memory.statistics().live;
    backward(mask_loss(query, pixel, target, kAll).total);
    return memory.statistics().peak_live - before;
  };
  CHECK(growth(true) < pixels + maps / 4);  // the gradient of pixel, and room for a few tiles
  CHECK(growth(false) > maps);
}

TEST_CASE("mask_loss: what does not fit is named") {
  const Tensor query = zeros({2, 3, 1, 4}), pixel = zeros({3, 5, 6, 4}), target = zeros({3, 1, 5, 6});
  const auto error = [&](const MaskLossOptions& options) {
    return test::error_of([&] { mask_loss(query, pixel, target, options); });
  };
  for (const Shape& shape : {Shape{2, 5, 6, 4}, Shape{3, 5, 6, 3}, Shape{3, 30, 4}})
    CHECK(test::error_of([&] { mask_loss(query, zeros(shape), target); }) ==
          "mask_loss: query and pixel do not fit; got [2, 3, 1, 4] and " + to_string(shape) +
              "; expected [layers, B, Q, C] and [B, H, W, C]");
  CHECK(test::error_of([&] {
          mask_loss(zeros({0, 3, 1, 4}), pixel, target);
        }) == "mask_loss: no layers; got query [0, 3, 1, 4]; expected at least one");
  CHECK(
      test::error_of([&] { mask_loss(query, zeros(pixel.shape(), DType::float64), target); }) ==
      "mask_loss: pixel differs in type or device; got float64 [3, 5, 6, 4] on cpu; expected float32 on cpu");
  CHECK(test::error_of([&] {
          mask_loss(query, pixel, zeros({3, 5, 6}));
        }) == "mask_loss: target has the wrong shape; got [3, 5, 6]; expected [3, 1, 5, 6]");
  CHECK(
      test::error_of([&] {
        mask_loss(query, pixel, zeros({3, 1, 5, 6}, DType::uint8));
      }) ==
      "mask_loss: target is not a floating tensor; got uint8 [3, 1, 5, 6] on cpu; expected float32, float64, "
      "bfloat16 or float16");
  CHECK(test::error_of([&] {
          mask_loss(query, pixel, zeros({3, 1, 5, 6}).set_requires_grad());
        }) ==
        "mask_loss: no gradient for the target; got float32 [3, 1, 5, 6] on cpu with history; expected one "
        "without");
  const auto weight_error = [&](const MaskLossWeights& weights) {
    return test::error_of([&] { mask_loss(query, pixel, target, {}, weights); });
  };
  CHECK(weight_error({zeros({3, 5, 6}), {}}) ==
        "mask_loss: weights.element has the wrong shape; got [3, 5, 6]; expected [3, 1, 5, 6]");
  CHECK(weight_error({{}, zeros({2})}) ==
        "mask_loss: weights.sample has the wrong shape; got [2]; expected [3]");
  CHECK(weight_error({{}, zeros({3}).set_requires_grad()}) ==
        "mask_loss: no gradient for the weights.sample; got float32 [3] on cpu with history; expected one "
        "without");
  CHECK(error({.bce = -1}) ==
        "mask_loss: weights do not fit; got bce -1, dice 1 and focal 0; expected none below 0, one above");
  CHECK(error({.bce = 0, .dice = 0}) ==
        "mask_loss: weights do not fit; got bce 0, dice 0 and focal 0; expected none below 0, one above");
  CHECK(error({.alpha = 1.5}) == "mask_loss: alpha is no share; got 1.5; expected 0 to 1");
  CHECK(error({.gamma = -1}) == "mask_loss: gamma is negative; got -1; expected at least 0");
  CHECK(error({.layer_weights = {1}}) ==
        "mask_loss: layer weights do not fit; got 1; expected none, or one for each of 2 layers");
  CHECK(error({.layer_weights = {1, -1}}) ==
        "mask_loss: a layer weight is negative; got -1; expected at least 0");
}

}  // namespace
}  // namespace uls
