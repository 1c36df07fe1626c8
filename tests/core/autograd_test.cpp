// SPDX-License-Identifier: Apache-2.0
// Gradients of small graphs against numbers worked out by hand, and what backward refuses.
#include <catch2/catch.hpp>
#include <cmath>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/reduce/reduce.h"
#include "kernels/primitives/views/views.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using test::error_of;
using test::parameter;
using Values = std::vector<double>;

Values gradient_of(const Tensor& x) { return to_doubles(x.grad()); }
Tensor weights(const Values& values) { return from_values<double>({std::int64_t(values.size())}, values); }

// (x, 3 x) with a record of its own; counts how often its gradient function runs, and whether both gradients
// came.
struct Pair {
  int calls = 0;
  bool both = false;
  std::vector<Tensor> operator()(const Tensor& x) {
    std::vector<Tensor> y{clone(x), affine(x.detached(), 3, 0)};
    record("pair", {x}, y, [this](Gradients& g) {
      ++calls;
      both = g.has_output(0) && g.has_output(1);
      g.add(0, add(g.output(0), affine(g.output(1), 3, 0)));
    });
    return y;
  }
};

TEST_CASE("autograd: chain rule", "[autograd]") {
  const Tensor x = parameter({2}, {2, -1}), y = parameter({2}, {5, 3});
  // f = sum(x^2 y + exp(x)): df/dx = 2 x y + exp(x), df/dy = x^2
  backward(sum(add(multiply(square(x), y), exp(x))));
  CHECK(gradient_of(x)[0] == Approx(20 + std::exp(2.0)).epsilon(1e-15));
  CHECK(gradient_of(x)[1] == Approx(-6 + std::exp(-1.0)).epsilon(1e-15));
  CHECK(gradient_of(y) == Values{4, 1});
}

TEST_CASE("autograd: shared subexpressions are walked once with the sum", "[autograd]") {
  const Tensor x = parameter({1}, {3});
  Tensor y = square(x);
  y = multiply(y, y);
  backward(add(multiply(y, x), y));  // x^5 + x^4
  CHECK(gradient_of(x) == Values{5 * 81 + 4 * 27});

  // 2^30 paths, 30 nodes.
  const Tensor z = parameter({1}, {1});
  Tensor power = z;
  for (int i = 0; i < 30; ++i) power = add(power, power);
  backward(power);
  CHECK(gradient_of(z) == Values{std::pow(2.0, 30)});
}

TEST_CASE("autograd: weights of a root, several roots, one root twice", "[autograd]") {
  const Tensor x = parameter({3}, {1, 2, 3});
  const Tensor y = square(x), z = affine(x, 10, 0);
  CHECK(error_of([&] { backward(y); }) ==
        "backward: no gradient for a root of several elements; got float64 [3] on cpu; expected one element, "
        "or a gradient");
  CHECK(error_of([&] { backward(y, full({3}, 1)); }) ==
        "backward: the gradient does not fit the root; got float32 [3] on cpu; expected float64 [3] on cpu");
  CHECK(error_of([&] {
          backward({y, z}, {Tensor()});
        }) == "backward: lists differ; got 2 roots and 1 gradients; expected as many");
  CHECK_FALSE(x.grad());
  backward({y, z, y}, {weights({1, 0, 1}), weights({0, 1, 1}), weights({0, 0, 2})});
  CHECK(gradient_of(x) == Values{2, 10, 28});

  // A leaf may be a root, and a root may lie on the way of another.
  const Tensor a = parameter({1}, {4}), b = square(a);
  backward({a, b, affine(b, 3, 0)}, {weights({7}), Tensor(), Tensor()});
  CHECK(gradient_of(a) == Values{7 + 8 + 24});
}

TEST_CASE("autograd: an op with several outputs of which some get gradients", "[autograd]") {
  const Tensor x = parameter({2}, {1, 2});
  Pair pair;
  backward(sum(pair(x)[1]));
  CHECK(pair.calls == 1);
  CHECK_FALSE(pair.both);
  CHECK(gradient_of(x) == Values{3, 3});
  auto both = pair(x);
  backward(sum(multiply(both[0], both[1])));  // 3 x^2
  CHECK(pair.calls == 2);
  CHECK(pair.both);
  CHECK(gradient_of(x) == Values{3 + 6, 3 + 12});
}

TEST_CASE("autograd: a gradient that a function takes is its own", "[autograd]") {
  const Tensor x = parameter({2}, {1, 2}), weight = weights({5, 7});
  const void* taken = nullptr;
  const auto doubled = [&] {
    return record("doubled", {x}, affine(x.detached(), 2, 0), [&](Gradients& g) {
      Tensor dx = g.take_output(0);
      CHECK_FALSE(g.has_output(0));
      CHECK_FALSE(g.take_output(0));
      taken = dx.raw_data();
      scale_(dx, 2);
      g.add(0, std::move(dx));
    });
  };
  // The caller keeps `weight`: a copy is taken.
  backward(doubled(), weight);
  CHECK(taken != weight.raw_data());
  CHECK(to_doubles(weight) == Values{5, 7});
  CHECK(gradient_of(x) == Values{10, 14});
  // What nobody else holds goes through to the leaf.
  x.set_grad({});
  backward(affine(doubled(), 3, 0), weight);
  CHECK(x.grad().raw_data() == taken);
  CHECK(gradient_of(x) == Values{30, 42});
}

TEST_CASE("autograd: an integer output has no history", "[autograd]") {
  const Tensor x = parameter({2}, {1, 2});
  std::vector<Tensor> y{clone(x), zeros({2}, DType::int64)};
  record("top", {x}, y, [](Gradients& g) { g.add(0, g.output(0)); });
  CHECK(y[0].requires_grad());
  CHECK_FALSE(y[1].requires_grad());
}

TEST_CASE("autograd: gradients of two walks add up, in the same memory", "[autograd]") {
  const Tensor x = parameter({2}, {1, 2});
  backward(sum(square(x)));
  const Tensor first = x.grad();
  CHECK(to_doubles(first) == Values{2, 4});
  backward(sum(affine(x, 10, 0)));
  CHECK(x.grad().raw_data() == first.raw_data());
  CHECK(gradient_of(x) == Values{12, 14});
  x.set_grad({});
  CHECK_FALSE(x.grad());
  backward(sum(x));
  CHECK(gradient_of(x) == Values{1, 1});
}

TEST_CASE("autograd: a graph is walked once unless it is retained", "[autograd]") {
  const Tensor x = parameter({1}, {3}), y = square(x);
  backward(y, {}, true);
  backward(y, {}, true);
  CHECK(gradient_of(x) == Values{12});
  backward(y);
  CHECK(gradient_of(x) == Values{18});
  const std::string again =
      "backward: the graph was walked before; got a second walk through 'square'; expected retain = true in "
      "the first";
  CHECK(error_of([&] { backward(y); }) == again);
  CHECK(error_of([&] { backward(affine(y, 2, 0)); }) == again);
  CHECK(gradient_of(x) == Values{18});
}

TEST_CASE("autograd: nothing is recorded without need", "[autograd]") {
  Tensor x = parameter({1}, {3});
  {
    const NoGrad scope;
    CHECK_FALSE(grad_enabled());
    CHECK_FALSE(square(x).requires_grad());
    const GradMode inner(true);
    CHECK(square(x).requires_grad());
  }
  CHECK(grad_enabled());
  CHECK_FALSE(square(x.detached()).requires_grad());
  CHECK(error_of([&] { backward(square(x.detached())); }) ==
        "backward: nothing to differentiate; got float64 [1] on cpu; expected the result of inputs that "
        "require grad");
  CHECK(error_of([] {
          backward(Tensor());
        }).find("backward: nothing to differentiate; got an undefined tensor") == 0);
  const Tensor y = square(x);
  CHECK(error_of([&] { Tensor(y).set_requires_grad(); }) ==
        "requires_grad: not a leaf; got the result of 'square'; expected a leaf");
  CHECK(error_of([&] { y.set_grad(zeros_like(y)); }) ==
        "set_grad: not a leaf; got float64 [1] on cpu; expected a leaf that requires grad");
}

TEST_CASE("autograd: undefined inputs and inputs without need", "[autograd]") {
  const Tensor x = parameter({1}, {3}), fixed = from_values<double>({1}, {4});
  std::vector<bool> needs;
  const Tensor y = record("three", {Tensor(), x, fixed}, clone(x), [&](Gradients& g) {
    for (int i = 0; i < 3; ++i) needs.push_back(g.needs(i));
    for (int i = 0; i < 3; ++i) g.add(i, clone(g.output(0)));
    CHECK_THROWS_AS(g.buffer(0), Bug);
  });
  backward(y);
  CHECK(needs == std::vector<bool>{false, true, false});
  CHECK(gradient_of(x) == Values{1});
}

TEST_CASE("autograd: an op without a gradient", "[autograd]") {
  const Tensor x = parameter({2}, {1, 2});
  const Tensor y = record("rank", {x}, clone(x), kNotDifferentiable);
  CHECK(error_of([&] { backward(sum(add(x, y))); }) ==
        "backward: 'rank' is not differentiable; got a gradient for its result; expected none");
  // No gradient arrives where the other result alone is used.
  std::vector<Tensor> both{clone(x), clone(x)};
  record("sort", {x}, both, [](Gradients& g) { g.add(0, g.output(0)); });
  const Tensor dead = record("rank", {both[1]}, clone(x), kNotDifferentiable);
  x.set_grad({});
  backward(sum(both[0]));
  CHECK(gradient_of(x) == Values{1, 1});
}

TEST_CASE("autograd: in place is refused on history, and noticed by what was saved", "[autograd]") {
  Tensor x = parameter({2}, {1, 2});
  CHECK(error_of([&] { fill_(x, 0); }) ==
        "fill_: in place on a tensor with history; got float64 [2] on cpu; expected a NoGrad scope around "
        "the update of "
        "a parameter");
  Tensor y = square(x);
  CHECK(error_of([&] { scale_(y, 2); }).find("scale_: in place on a tensor with history") == 0);
  CHECK(to_doubles(y) == Values{1, 4});
  {
    const NoGrad scope;
    scale_(x, 2);
  }
  CHECK(error_of([&] { backward(sum(y)); }) ==
        "square: a tensor saved for the gradient was changed in place; got version 1; expected 0");
  // A result that was saved: exp's gradient is its result.
  const Tensor z = exp(x);
  Tensor view = z.detached();
  fill_(view, 0);
  CHECK(error_of([&] {
          backward(sum(z));
        }).find("exp: a tensor saved for the gradient was changed in place") == 0);
  // What no gradient function needs may change.
  Tensor w = affine(x, 2, 0), other = w.detached();
  fill_(other, 0);
  backward(sum(w));
  CHECK(gradient_of(x) == Values{2, 2});
  CHECK_FALSE(save(Tensor())());
}

TEST_CASE("autograd: gradients do not share memory", "[autograd]") {
  const Tensor a = parameter({2}, {1, 2}), b = parameter({2}, {3, 4});
  const auto check = [&] {
    REQUIRE(a.grad().storage() != b.grad().storage());
    Tensor ga = a.grad();
    scale_(ga, 100);
    CHECK(gradient_of(a) == Values{100, 100});
    CHECK(gradient_of(b) == Values{1, 1});
    a.set_grad({});
    b.set_grad({});
  };
  backward(sum(add(a, b)));
  check();
  // The same tensor handed to both inputs.
  const Tensor y = record("both", {a, b}, clone(a), [](Gradients& g) {
    g.add(0, g.output(0));
    g.add(1, g.output(0));
  });
  const Tensor weight = full({2}, 1, DType::float64);
  backward(y, weight);
  check();
  CHECK(to_doubles(weight) == Values{1, 1});
  // One that the op keeps.
  const Tensor kept = full({2}, 1, DType::float64);
  for (int i = 0; i < 2; ++i)
    backward(record("kept", {a, b}, full({1}, 0, DType::float64), [&](Gradients& g) {
      g.add(0, kept);
      g.add(1, kept);
    }));
  CHECK(to_doubles(kept) == Values{1, 1});
  CHECK(gradient_of(a) == Values{2, 2});
}

TEST_CASE("autograd: a shared gradient is not added to in place", "[autograd]") {
  const Tensor x = parameter({1}, {1});
  const Tensor a = affine(x, 2, 0), b = affine(x, 3, 0);
  // dy becomes the gradient of both a and b; a then gets more, which b must not see.
  const Tensor y = record("both", {a, b}, clone(a), [](Gradients& g) {
    g.add(0, g.output(0));
    g.add(1, g.output(0));
    g.add(0, full({1}, 10, DType::float64));
    auto [buffer, holds] = g.buffer(0);
    CHECK(holds);
    accumulate_(buffer, full({1}, 100, DType::float64));
  });
  backward(y);
  CHECK(gradient_of(x) == Values{2 * 111 + 3});
}

TEST_CASE("autograd: a non-contiguous gradient is laid out anew", "[autograd]") {
  const Tensor x = parameter({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor weight = from_values<double>({3, 2}, {1, 2, 3, 4, 5, 6});
  backward(sum(multiply(transpose(x, 0, 1), weight)));
  CHECK(x.grad().is_contiguous());
  CHECK(gradient_of(x) == Values{1, 3, 5, 2, 4, 6});
  x.set_grad({});
  const Tensor columns = expand(reshape(slice(x, 1, 0, 3, 2), {4, 1}), {4, 5});
  backward(sum(affine(columns, 2, 0)));
  CHECK(gradient_of(x) == Values{10, 0, 10, 10, 0, 10});
  x.set_grad({});
  backward(record("spread", {x}, full({1}, 0, DType::float64), [](Gradients& g) {
    g.add(0, g.output(0).expanded({2, 3}));
  }));
  CHECK(x.grad().is_contiguous());
  CHECK(gradient_of(x) == Values(6, 1));
}

}  // namespace
}  // namespace uls
