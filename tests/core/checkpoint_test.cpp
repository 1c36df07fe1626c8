// SPDX-License-Identifier: Apache-2.0
// Recomputation: the same values, gradients and random draws as without, and less memory.
#include <catch2/catch.hpp>

#include "core/autograd/checkpoint.h"
#include "core/memory/device_memory.h"
#include "core/random/random_state.h"
#include "core/tensor/primitives.h"
#include "kernels/linear/linear/linear.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/random/random.h"
#include "kernels/primitives/reduce/reduce.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using test::error_of;
using test::parameter;
using test::same_bits;
using Values = std::vector<double>;

// Zeroes about half of the elements and doubles the others.
Tensor dropout(const Tensor& x) {
  Tensor mask = empty(x.shape(), x.dtype());
  fill_uniform_(mask, 0, 1, RandomState::current().next_key());
  for (std::int64_t i = 0; i < mask.numel(); ++i)
    mask.data<double>()[i] = mask.data<double>()[i] < 0.5 ? 0 : 2;
  return multiply(x, mask);
}

std::vector<Tensor> run(bool recompute, const TensorFunction& fn, const std::vector<Tensor>& inputs) {
  return recompute ? checkpoint(fn, inputs) : fn(inputs);
}

struct Result {
  Tensor loss;
  std::vector<Tensor> gradients;
  int calls = 0;
};

bool same(const Result& a, const Result& b) {
  if (!same_bits(a.loss, b.loss) || a.gradients.size() != b.gradients.size()) return false;
  for (std::size_t i = 0; i < a.gradients.size(); ++i)
    if (!same_bits(a.gradients[i], b.gradients[i])) return false;
  return true;
}

// Two blocks with captured weights and dropout, a third inside of the second.
Result train_step(bool recompute, bool recompute_inside) {
  const RandomStateScope scope{RandomState()};
  RandomState::current().begin_step(3, 4);
  Result result;
  std::vector<double> values(48);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = double(i % 7) / 7 - 0.4;
  const Tensor x = parameter({8, 6}, values), w = parameter({6, 6}, {values.begin(), values.begin() + 36}),
               v = parameter({6, 6}, {values.begin() + 5, values.begin() + 41});
  const auto block = [&](const Tensor& weight) {
    return [&result, weight](const std::vector<Tensor>& in) {
      ++result.calls;
      return std::vector{dropout(gelu(linear(in[0], weight)))};
    };
  };
  Tensor y = run(recompute, block(w), {x})[0];
  y = run(recompute,
          [&](const std::vector<Tensor>& in) {
            const Tensor z = dropout(run(recompute_inside, block(v), in)[0]);
            return std::vector{add(z, in[0])};
          },
          {y})[0];
  y = dropout(y);
  result.loss = sum(square(y));
  backward(result.loss);
  result.gradients = {x.grad(), w.grad(), v.grad()};
  return result;
}

TEST_CASE("checkpoint: the same values, gradients and draws", "[checkpoint]") {
  const Result plain = train_step(false, false), outer = train_step(true, false),
               nested = train_step(true, true);
  CHECK(plain.calls == 2);
  CHECK(outer.calls == 4);
  CHECK(nested.calls == 5);  // the inner one runs in the forward pass, in the recomputation and in its own
  CHECK(same(plain, outer));
  CHECK(same(plain, nested));
  CHECK(same(plain, train_step(false, true)));
  int zeros_found = 0;
  for (const double g : to_doubles(plain.gradients[0])) zeros_found += g == 0;
  CHECK(zeros_found < 48);
}

TEST_CASE("checkpoint: captured parameters alone", "[checkpoint]") {
  const Tensor w = parameter({2}, {3, 4}), x = from_values<double>({2}, {1, 2});
  const auto fn = [&](const std::vector<Tensor>& in) { return std::vector{multiply(in[0], square(w))}; };
  backward(sum(add(checkpoint(fn, {x})[0], checkpoint(fn, {x})[0])));
  CHECK(to_doubles(w.grad()) == Values{2 * 6, 2 * 2 * 8});
  // Nothing to differentiate at all: zero gradients reach nobody, and nothing fails.
  backward(sum(checkpoint([](const std::vector<Tensor>& in) { return std::vector{square(in[0])}; }, {x})[0]));
  CHECK_FALSE(x.grad());
}

TEST_CASE("checkpoint: a captured result is differentiated once, and hooks see it all", "[checkpoint]") {
  for (const bool recompute : {false, true}) {
    const Tensor x = parameter({1}, {2}), first = affine(x, 5, 0), h = square(x);
    std::vector<double> of_leaf, of_result;
    add_gradient_hook(x, [&](const Tensor& g) { of_leaf.push_back(g.item<double>()); });
    add_gradient_hook(h, [&](const Tensor& g) { of_result.push_back(g.item<double>()); });
    const auto fn = [h](const std::vector<Tensor>& in) { return std::vector{multiply(in[0], h)}; };
    const Tensor fixed = from_values<double>({1}, {3});
    const Tensor y = run(recompute, fn, {fixed})[0];
    backward(add(add(y, affine(h, 7, 0)), first));  // 3 x^2 + 7 x^2 + 5 x
    CHECK(of_result == std::vector<double>{10});
    CHECK(of_leaf == std::vector<double>{45});
    CHECK(to_doubles(x.grad()) == Values{45});
  }
}

TEST_CASE("checkpoint: several outputs, inputs handed through, inputs of other kinds", "[checkpoint]") {
  const Tensor x = parameter({2}, {1, 2}), y = parameter({2}, {3, 4}),
               index = from_values<std::int64_t>({1}, {5});
  const auto fn = [](const std::vector<Tensor>& in) {
    CHECK_FALSE(in[2]);
    CHECK(in[3].item<std::int64_t>() == 5);
    return std::vector{multiply(in[0], in[1]), square(in[1]), in[0], in[3]};
  };
  auto out = checkpoint(fn, {x, y, Tensor(), index});
  CHECK(out[0].node() != x.node());
  CHECK_FALSE(out[3].requires_grad());
  backward(sum(add(out[0], affine(out[2], 10, 0))));  // the second output gets no gradient
  CHECK(to_doubles(x.grad()) == Values{13, 14});
  CHECK(to_doubles(y.grad()) == Values{1, 2});
  // One tensor for two inputs.
  x.set_grad({});
  backward(sum(checkpoint(fn, {x, x, Tensor(), index})[0]));
  CHECK(to_doubles(x.grad()) == Values{2, 4});
}

TEST_CASE("checkpoint: without recording it is the function", "[checkpoint]") {
  const NoGrad scope;
  int calls = 0;
  const auto y =
      checkpoint([&](const std::vector<Tensor>& in) { return ++calls, std::vector{square(in[0])}; },
                 {parameter({1}, {3})});
  CHECK(calls == 1);
  CHECK(y[0].item<double>() == 9);
  CHECK_FALSE(y[0].requires_grad());
}

TEST_CASE("checkpoint: retained, and a changed input", "[checkpoint]") {
  Tensor x = parameter({1}, {3});
  const auto fn = [](const std::vector<Tensor>& in) { return std::vector{square(in[0])}; };
  const Tensor y = checkpoint(fn, {x})[0];
  backward(y, {}, true);
  backward(y, {}, true);
  CHECK(to_doubles(x.grad()) == Values{12});
  {
    const NoGrad scope;
    fill_(x, 1);
  }
  CHECK(error_of([&] { backward(y); }) ==
        "checkpoint: a tensor saved for the gradient was changed in place; got version 1; expected 0");
}

TEST_CASE("checkpoint: keeps the inputs alone", "[checkpoint]") {
  const auto live = [] { return device_allocator(kCpu).statistics().live; };
  constexpr std::int64_t kBytes = 512 * 128 * 4;
  const Tensor x = full({512, 128}, 0.3).set_requires_grad();
  const auto block = [](const std::vector<Tensor>& in) {
    Tensor y = in[0];
    for (int i = 0; i < 5; ++i) y = affine(gelu(y), 2, 0);
    return std::vector{y};
  };
  const auto held = [&](bool recompute) {
    const auto before = live();
    Tensor y = x;
    for (int i = 0; i < 4; ++i) y = run(recompute, block, {y})[0];
    const auto bytes = live() - before;
    backward(sum(y));
    x.set_grad({});
    return bytes;
  };
  const auto plain = held(false), less = held(true);
  CHECK(plain >= 20 * kBytes);
  CHECK(less < 5 * kBytes);
  CHECK(less >= 4 * kBytes);
}

}  // namespace
}  // namespace uls
