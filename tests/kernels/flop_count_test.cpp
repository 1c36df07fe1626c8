// SPDX-License-Identifier: Apache-2.0
// The arithmetic that fused slots say they do is that of their plain twins' matrix products.
#include <catch2/catch.hpp>

#include <functional>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/attention/attention/attention.h"
#include "kernels/attention/mask_head/mask_head.h"
#include "kernels/attention/window_attention/window_attention.h"
#include "kernels/common/fused.h"
#include "kernels/loss/mask_loss/mask_loss.h"

namespace uls {
namespace {

class FlopCount : public SlotObserver {
 public:
  void ran(const char*, const char*, double, double flops) override { all += flops; }
  double all = 0;
};

struct Cost {
  double forward, backward;
};

// Of op(inputs) and its gradients.
Cost cost_of(bool fused, const std::vector<Shape>& shapes,
             const std::function<Tensor(const std::vector<Tensor>&)>& op) {
  const kernels::FusedScope scope(fused);
  std::vector<Tensor> inputs;
  for (const Shape& shape : shapes) inputs.push_back(full(shape, 0.5).set_requires_grad());
  FlopCount forward, both_gradients;
  Tensor y;
  {
    const SlotObserverScope watched(&forward);
    y = op(inputs);
  }
  const Tensor dy = full(y.shape(), 1);
  const SlotObserverScope watched(&both_gradients);
  backward(y, dy);
  return {forward.all, both_gradients.all};
}

void compare(const std::vector<Shape>& shapes, const std::function<Tensor(const std::vector<Tensor>&)>& op,
             double forward) {
  const Cost fused = cost_of(true, shapes, op), plain = cost_of(false, shapes, op);
  CHECK(fused.forward == forward);
  CHECK(fused.forward == plain.forward);
  CHECK(fused.backward == plain.backward);
}

TEST_CASE("flop counts: fused slots count as their plain twins do") {
  const auto attend = [](const std::vector<Tensor>& in) {
    return attention(in[0], in[1], in[2], {.heads = 3});
  };
  compare({{2, 5, 12}, {2, 7, 12}, {2, 7, 12}}, attend, 2 * 2.0 * 2 * 5 * 7 * 12);
  compare(
      {{2, 8, 7, 3 * 12}, {3 * 12}, {25, 2}},
      [](const std::vector<Tensor>& in) {
        return window_attention(in[0], in[1], in[2], {.heads = 2, .window = 3, .shift = 1});
      },
      2 * 2.0 * 2 * 9 * 81 * 12);
  const std::vector<Shape> masks{{4, 2, 1, 8}, {2, 5, 6, 8}};
  compare(
      masks, [](const std::vector<Tensor>& in) { return mask_head(in[0], in[1]); }, 2.0 * 4 * 2 * 8 * 30);
  compare(
      masks,
      [](const std::vector<Tensor>& in) {
        return mask_loss(in[0], in[1], full({2, 1, 5, 6}, 0.5), {}).total;
      },
      2.0 * 4 * 2 * 8 * 30);
}

TEST_CASE("flop counts: a causal query meets the keys up to its own") {
  const auto cost = [](std::int64_t queries, std::int64_t keys) {
    return cost_of(true, {{1, queries, 4}, {1, keys, 4}, {1, keys, 4}}, [](const std::vector<Tensor>& in) {
      return attention(in[0], in[1], in[2], {.heads = 1, .causal = true});
    });
  };
  CHECK(cost(3, 3).forward == 2 * 2.0 * 4 * (1 + 2 + 3));
  CHECK(cost(2, 4).forward == 2 * 2.0 * 4 * (1 + 2));
  CHECK(cost(4, 2).forward == 2 * 2.0 * 4 * (1 + 2 + 2 + 2));
  CHECK(cost(4, 2).backward == 2 * cost(4, 2).forward);
}

}  // namespace
}  // namespace uls
