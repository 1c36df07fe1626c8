// SPDX-License-Identifier: Apache-2.0
// Timings of what changes slabs in place. Bytes: each slab read once, and written once where it changes.
#include "kernels/common/op_table.h"
#include "kernels/optim/adamw/adamw.h"
#include "kernels/optim/clip/clip.h"
#include "kernels/optim/ema/ema.h"
#include "kernels/optim/sgd/sgd.h"

namespace uls::kernels {
namespace {

constexpr std::int64_t kParameters = std::int64_t(16) << 20;

OpInput slab(double low, double high) { return {{kParameters}, low, high, false}; }

Tensor values() { return to_tensor({.learning_rates = {1e-4}}); }

void add_step(OpTable& table, const char* op, const std::vector<OpInput>& inputs, int slabs_moved,
              Tensor (*run)(const std::vector<Tensor>&)) {
  const double bytes = double(kParameters) * sizeof(float) * slabs_moved;
  table.add(OpTiming{op, "16M parameters", inputs, run, 0, 0, bytes});
}

}  // namespace

void optim_cases(OpTable& table) {
  const OpInput parameter = slab(-1, 1), gradient = slab(-1, 1), mean = slab(-1, 1), square = slab(0, 1);
  add_step(table, "adamw", {parameter, gradient, mean, square}, 7, [](const std::vector<Tensor>& in) {
    std::vector<AdamSlab> slabs{{in[0], in[1], in[2], in[3], 0.01}};
    adamw_(slabs, values());
    return in[0];
  });
  add_step(table, "sgd", {parameter, gradient, mean}, 5, [](const std::vector<Tensor>& in) {
    std::vector<SgdSlab> slabs{{in[0], in[1], in[2], 0.01}};
    sgd_(slabs, values(), {.momentum = 0.9});
    return in[0];
  });
  add_step(table, "ema", {mean, parameter}, 3, [](const std::vector<Tensor>& in) {
    std::vector<EmaSlab> slabs{{in[0], in[1]}};
    ema_(slabs, 0.999);
    return in[0];
  });
  add_step(table, "clip", {gradient}, 1, [](const std::vector<Tensor>& in) {
    Tensor step = values();
    clip_(step, {in[0]}, 1);
    return step;
  });
}

}  // namespace uls::kernels
