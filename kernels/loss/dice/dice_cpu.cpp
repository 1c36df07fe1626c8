// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "kernels/common/convert.h"
#include "kernels/common/lanes.h"
#include "kernels/common/strided.h"
#include "kernels/loss/dice/dice_kernel.h"
#include "kernels/loss/logit_math.h"

namespace uls::kernels {
namespace {

struct Sums {
  double miss = 0, size = 0;
  Sums& operator+=(const Sums& other) {
    miss += other.miss;
    size += other.size;
    return *this;
  }
  friend Sums operator+(Sums a, const Sums& b) { return a += b; }
};

std::int64_t samples_a_piece(std::int64_t pixels) {
  return std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, pixels));
}

void dice(const Tensor& logits, const Tensor& target, Tensor& y, Tensor& sums) {
  const std::int64_t samples = logits.size(0), pixels = logits.size(1);
  dispatch_floating("dice", logits.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T* px = logits.data<T>();
    const A* pt = target.data<A>();
    double* to = sums.data<double>();
    // Threads take samples, or the pixels of an only sample.
    parallel_for(0, samples, samples_a_piece(pixels), [=](std::int64_t start, std::int64_t stop) {
      for (std::int64_t sample = start; sample < stop; ++sample) {
        const Sums sum = parallel_reduce(
            0, pixels, kGrain, Sums(),
            [=](std::int64_t first, std::int64_t last) {
              const T* x = px + sample * pixels + first;
              const A* t = pt + sample * pixels + first;
              return lane_sum_of<Sums>(last - first, [=](std::int64_t i) {
                const LogitParts<A> parts(load(x[i]));
                return Sums{double(parts.miss(t[i])), double(parts.p + t[i])};
              });
            },
            std::plus<>());
        to[2 * sample] = sum.miss;
        to[2 * sample + 1] = sum.size + 1;
      }
    });
    double loss = 0;
    for (std::int64_t sample = 0; sample < samples; ++sample) loss += to[2 * sample] / to[2 * sample + 1];
    *y.data<T>() = convert<T>(A(loss / double(samples)));
  });
}

void dice_grad(const Tensor& logits, const Tensor& target, const Tensor& sums, const Tensor& dy,
               Tensor& dlogits) {
  const std::int64_t samples = logits.size(0), pixels = logits.size(1);
  dispatch_floating("dice", logits.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T* px = logits.data<T>();
    const A* pt = target.data<A>();
    T* to = dlogits.data<T>();
    const double *of = sums.data<double>(), factor = double(load(*dy.data<T>())) / double(samples);
    parallel_for(0, samples, samples_a_piece(pixels), [=](std::int64_t start, std::int64_t stop) {
      for (std::int64_t sample = start; sample < stop; ++sample) {
        const double miss = of[2 * sample], size = of[2 * sample + 1];
        const A constant = A(factor * (size - miss) / (size * size)), linear = A(factor * 2 / size);
        parallel_for(sample * pixels, (sample + 1) * pixels, kGrain,
                     [=](std::int64_t first, std::int64_t last) {
                       for (std::int64_t i = first; i < last; ++i) {
                         const LogitParts<A> parts(load(px[i]));
                         to[i] = convert<T>(parts.p * parts.q * (constant - linear * pt[i]));
                       }
                     });
      }
    });
  });
}

}  // namespace

void bind_dice_cpu() {
  slots::dice.bind(DeviceType::cpu, dice);
  slots::dice_grad.bind(DeviceType::cpu, dice_grad);
}

}  // namespace uls::kernels
