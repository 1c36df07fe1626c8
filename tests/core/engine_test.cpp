// SPDX-License-Identifier: Apache-2.0
// The walk itself: hooks and their order, buffers of leaves, deep graphs, memory, threads, and what an error
// leaves.
#include <catch2/catch.hpp>
#include <limits>
#include <thread>

#include "core/autograd/gradient_check.h"
#include "core/memory/device_memory.h"
#include "core/tensor/primitives.h"
#include "kernels/linear/linear/linear.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/reduce/reduce.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using test::error_of;
using test::parameter;
using Values = std::vector<double>;

std::int64_t live_bytes() { return device_allocator(kCpu).statistics().live; }

TEST_CASE("engine: a hook sees the complete gradient, once a walk", "[engine]") {
  const Tensor x = parameter({2}, {1, 2});
  const Tensor y = square(x);
  std::vector<Values> of_leaf, of_result;
  add_gradient_hook(x, [&](const Tensor& g) { of_leaf.push_back(to_doubles(g)); });
  add_gradient_hook(y, [&](const Tensor& g) { of_result.push_back(to_doubles(g)); });
  backward(sum(add(multiply(y, x), y)), {}, true);  // x^3 + x^2
  CHECK(of_result == std::vector<Values>{{2, 3}});
  CHECK(of_leaf == std::vector<Values>{{5, 16}});
  backward(sum(y));
  CHECK(of_result == std::vector<Values>{{2, 3}, {1, 1}});
  CHECK(of_leaf == std::vector<Values>{{5, 16}, {7, 20}});  // what the leaf has gathered
  CHECK(error_of([] { add_gradient_hook(zeros({1}), [](const Tensor&) {}); }) ==
        "add_gradient_hook: the tensor has no gradient; got float32 [1] on cpu; expected one that requires "
        "grad");
}

TEST_CASE("engine: a hook belongs to its output", "[engine]") {
  const Tensor x = parameter({1}, {1});
  std::vector<Tensor> y{clone(x), clone(x), clone(x)};
  record("three", {x}, y, [](Gradients& g) { g.add(0, add(g.output(1), g.output(2))); });
  std::vector<Values> seen(3);
  for (std::size_t i = 0; i < 3; ++i)
    add_gradient_hook(y[i], [&seen, i](const Tensor& g) { seen[i] = to_doubles(g); });
  backward(add(affine(y[1], 5, 0), affine(y[2], 7, 0)));
  CHECK(seen == std::vector<Values>{{}, {5}, {7}});
  CHECK(to_doubles(x.grad()) == Values{12});
}

TEST_CASE("engine: leaf hooks come while the walk goes on", "[engine]") {
  // Layers y = y w_i: the gradient of the last layer's weight is complete first.
  std::vector<std::string> events;
  std::vector<Tensor> layers;
  Tensor y = parameter({1}, {2});
  for (int i = 0; i < 4; ++i) {
    layers.push_back(parameter({1}, {double(i + 1)}));
    y = multiply(y, layers.back());
    add_gradient_hook(layers.back(),
                      [&events, i](const Tensor&) { events.push_back("w" + std::to_string(i)); });
    add_gradient_hook(y, [&events, i](const Tensor&) { events.push_back("y" + std::to_string(i)); });
  }
  backward(y);
  CHECK(events == std::vector<std::string>{"y3", "w3", "y2", "w2", "y1", "w1", "y0", "w0"});

  // A weight that an early layer uses too is complete only there.
  events.clear();
  const Tensor shared = parameter({1}, {3});
  add_gradient_hook(
      shared, [&](const Tensor& g) { events.push_back("shared " + std::to_string(int(to_doubles(g)[0]))); });
  const Tensor first = multiply(shared, layers[0]), last = multiply(first, shared);
  add_gradient_hook(first, [&](const Tensor&) { events.push_back("first"); });
  backward(last);
  CHECK(events.front() == "first");
  CHECK(std::count(events.begin(), events.end(), "shared 6") == 1);
  CHECK(events.size() == 3);
}

TEST_CASE("engine: a leaf asks its source for a buffer when a gradient arrives", "[engine]") {
  const Tensor w = parameter({1, 2}, {1, 2}), unused = parameter({1}, {0});
  int asked = 0;
  const auto source = [&asked] { return ++asked, full({1, 2}, 10, DType::float64); };
  w.set_grad_source(source);
  unused.set_grad_source([&asked] { return asked = 100, full({1}, 0, DType::float64); });
  const Tensor x = from_values<double>({3, 2}, {1, 2, 3, 4, 5, 6});
  for (int step = 1; step <= 2; ++step) {
    const Tensor loss = sum(linear(x, w, unused.detached()));
    CHECK_FALSE(w.grad());
    backward(loss);
    CHECK(to_doubles(w.grad()) == Values{19, 22});
    CHECK(asked == step);
    w.set_grad({});
  }
  backward(sum(square(w)));  // a gradient that is handed over, rather than written into a buffer
  CHECK(to_doubles(w.grad()) == Values{12, 14});
  w.set_grad({});
  w.set_grad_source({});
  backward(sum(square(w)));
  CHECK(to_doubles(w.grad()) == Values{2, 4});
  CHECK(error_of([&] {
          square(w).set_grad_source(source);
        }).starts_with("set_grad_source: not a leaf; got float64 [1, 2] on cpu"));
}

TEST_CASE("engine: a leaf fills the buffer it was given", "[engine]") {
  const Tensor bucket = zeros({5}, DType::float64);
  const Tensor w = parameter({1, 2}, {1, 2}), b = parameter({1}, {0});
  w.set_grad(bucket.sliced(0, 0, 2).reshaped({1, 2}));
  b.set_grad(bucket.sliced(0, 4, 5));
  for (int step = 1; step <= 2; ++step) {
    const Tensor x = from_values<double>({3, 2}, {1, 2, 3, 4, 5, 6});
    backward(sum(linear(x, w, b)));
    CHECK(to_doubles(bucket) == Values{9.0 * step, 12.0 * step, 0, 0, 3.0 * step});
    CHECK(w.grad().storage() == bucket.storage());
    CHECK(b.grad().storage() == bucket.storage());
  }
  const std::string wanted = "; expected float64 [1, 2] on cpu, contiguous";
  CHECK(error_of([&] { w.set_grad(zeros({2}, DType::float64)); }) ==
        "set_grad: the buffer does not fit; got float64 [2] on cpu" + wanted);
  CHECK(error_of([&] {
          w.set_grad(zeros({1, 2}));
        }) == "set_grad: the buffer does not fit; got float32 [1, 2] on cpu" + wanted);
  CHECK(error_of([&] {
          w.set_grad(bucket.sliced(0, 0, 4, 2).reshaped({1, 2}));
        }) == "set_grad: the buffer does not fit; got float64 [1, 2] on cpu" + wanted);
  CHECK(error_of([&] { bucket.set_grad(bucket); }) ==
        "set_grad: not a leaf; got float64 [5] on cpu; expected a leaf that requires grad");
}

Tensor chain(Tensor y, int length) {
  for (int i = 0; i < length; ++i) y = affine(y, 1, 1);
  return y;
}

TEST_CASE("engine: a chain of 100,000 calls", "[engine]") {
  constexpr int kLength = 100000;
  const auto baseline = live_bytes();
  {
    const Tensor x = parameter({1}, {3});
    {
      const Tensor y = chain(x, kLength);
      CHECK(y.item<double>() == 3 + kLength);
      backward(y);
      CHECK(to_doubles(x.grad()) == Values{1});
    }
    chain(x, kLength);  // dropped without a walk
    // Branches that end in one another: as wide as deep.
    std::vector<Tensor> ends;
    for (int i = 0; i < 100; ++i) ends.push_back(chain(ends.empty() ? x : ends[std::size_t(i / 2)], 100));
    ends.clear();
    CHECK(to_doubles(x.grad()) == Values{1});
  }
  CHECK(live_bytes() == baseline);
}

TEST_CASE("engine: live bytes return to the baseline after a step", "[engine]") {
  Tensor w = full({64, 64}, 0.01);
  w.set_requires_grad();
  w.set_grad(zeros({64, 64}));
  const Tensor x = full({32, 64}, 1);
  const auto baseline = live_bytes();
  for (int step = 0; step < 3; ++step) {
    const Tensor loss = sum(square(gelu(linear(gelu(linear(x, w)), w))));
    CHECK(live_bytes() > baseline);
    backward(loss);
    // The graph is spent although its root lives: 512 bytes are one block for the loss.
    CHECK(live_bytes() - baseline <= 512);
  }
  CHECK(live_bytes() == baseline);
  {
    const Tensor dropped = sum(square(linear(x, w)));
    CHECK(live_bytes() > baseline);
  }
  CHECK(live_bytes() == baseline);
}

TEST_CASE("engine: an error in the walk leaves nothing behind", "[engine]") {
  const Tensor x = parameter({1}, {2});
  const auto baseline = live_bytes();
  {
    bool fails = true;
    const Tensor y = square(x);
    const Tensor bad = record("bad", {y}, clone(y), [&](Gradients& g) {
      if (fails) fail("bad: does not like this");
      g.add(0, g.output(0));
    });
    CHECK(error_of([&] { backward(add(bad, y), {}, true); }) == "bad: does not like this");
    CHECK(grad_enabled());
    CHECK(OpScope::current() == nullptr);
    // y's node had half of its gradient; the next walk starts from none.
    fails = false;
    x.set_grad({});
    backward(add(bad, y));
    CHECK(to_doubles(x.grad()) == Values{8});
    x.set_grad({});
  }
  CHECK(live_bytes() == baseline);
}

TEST_CASE("engine: threads with graphs of their own", "[engine]") {
  std::vector<Values> results(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < results.size(); ++t)
    threads.emplace_back([&, t] {
      const Tensor x = parameter({2}, {double(t), 1});
      for (int repeat = 0; repeat < 50; ++repeat) {
        Tensor y = x;
        for (int i = 0; i < 20; ++i) y = add(y, affine(x, 1, 0.5));
        backward(sum(multiply(y, x)));  // 21 x^2 + 10 x
      }
      chain(x, 1000);
      results[t] = to_doubles(x.grad());
    });
  for (auto& thread : threads) thread.join();
  for (std::size_t t = 0; t < results.size(); ++t)
    CHECK(results[t] == Values{50 * (42.0 * double(t) + 10), 50 * 52.0});
}

TEST_CASE("engine: a gradient of the wrong shape or type is a Bug", "[engine]") {
  const Tensor x = parameter({2}, {1, 2});
  const auto wrong = [&](Tensor gradient) {
    try {
      backward(record("wrong", {x}, full({1}, 0, DType::float64), [&](Gradients& g) { g.add(0, gradient); }));
    } catch (const Bug& bug) {
      return std::string(bug.what());
    }
    return std::string();
  };
  CHECK(wrong(zeros({3}, DType::float64))
            .find("gradient of 'leaf': got float64 [3] on cpu; expected float64 [2] on cpu") !=
        std::string::npos);
  CHECK(wrong(zeros({2})).find("got float32 [2] on cpu; expected float64 [2] on cpu") != std::string::npos);
  CHECK_FALSE(x.grad());
}

// Anomaly mode for a scope.
struct Anomalies {
  Anomalies() { set_anomaly_mode(true); }
  ~Anomalies() { set_anomaly_mode(false); }
};

TEST_CASE("engine: anomaly mode names the op that made a NaN", "[engine]") {
  const Tensor x = parameter({3}, {4, 0, -1});
  const auto forward = [&] { return sum(affine(sqrt(affine(x, 1, 0)), 2, 0)); };
  CHECK(error_of([&] { forward(); }) == "");
  const Anomalies scope;
  CHECK(error_of([&] { forward(); }) ==
        "sqrt: result 0 has a NaN or an infinity; got it at element 2 of float64 [3] on cpu; expected finite "
        "values");
  {
    const NoGrad no_grad;
    CHECK(error_of([&] { forward(); }).find("sqrt: result 0") == 0);
  }
  // Finite forward, infinite slope: the gradient of sqrt at 0.
  const Tensor edge = parameter({2}, {4, 0});
  const Tensor loss = sum(affine(sqrt(affine(edge, 1, 0)), 2, 0));
  CHECK(error_of([&] { backward(loss); }) ==
        "sqrt: the gradient of input 0 has a NaN or an infinity; got it at element 1 of float64 [2] on cpu; "
        "expected "
        "finite values");
}

TEST_CASE("engine: check_gradients finds a planted error", "[engine]") {
  const auto scaled_square = [](double slope) {
    return [slope](const std::vector<Tensor>& in) {
      return std::vector{
          record("square", {in[0]}, square(in[0].detached()), [slope, x = save(in[0])](Gradients& g) {
            g.add(0, multiply(g.output(0), affine(x(), slope, 0)));
          })};
    };
  };
  const Tensor x = parameter({3}, {0.5, -1, 2});
  CHECK(check_gradients(scaled_square(2), {x}).largest_error < 1e-9);
  const GradientCheck wrong = check_gradients(scaled_square(2.02), {x});
  CHECK(wrong.largest_error > 1e-3);
  CHECK(wrong.input == 0);
  CHECK(wrong.analytic == Approx(1.01 * wrong.numeric).epsilon(1e-6));
  CHECK_FALSE(x.grad());

  // A NaN is the largest error, wherever it is.
  const auto nan_first = [](const std::vector<Tensor>& in) {
    return std::vector{record("nan_first", {in[0]}, clone(in[0]), [](Gradients& g) {
      Tensor dx = clone(g.output(0));
      dx.data<double>()[0] = std::numeric_limits<double>::quiet_NaN();
      g.add(0, dx);
    })};
  };
  const GradientCheck nan = check_gradients(nan_first, {x});
  CHECK(nan.largest_error == std::numeric_limits<double>::infinity());
  CHECK(nan.element == 0);

  // A gradient that is missing, and inputs that are only passed through.
  const auto forgets = [](const std::vector<Tensor>& in) {
    return std::vector{multiply(multiply(in[0], in[1].detached()), in[2])};
  };
  const GradientCheck missing =
      check_gradients(forgets, {x, parameter({3}, {1, 2, 3}), full({3}, 2, DType::float64)});
  CHECK(missing.input == 1);
  CHECK(missing.analytic == 0);
  CHECK(missing.largest_error > 0.01);

  CHECK(error_of([&] { check_gradients(scaled_square(2), {full({2}, 1).set_requires_grad()}); }) ==
        "check_gradients: differences need precision; got float32 [2] on cpu; expected float64 on the cpu");
  CHECK(error_of([&] { check_gradients(scaled_square(2), {full({2}, 1)}); }) ==
        "check_gradients: no output has a gradient; got 1 outputs; expected at least one");
}

}  // namespace
}  // namespace uls
