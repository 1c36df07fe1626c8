// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/mask_head/mask_head_kernel.h"
#include "kernels/attention/mask_head/mask_tiles_cpu.h"

namespace uls::kernels {
namespace {

void mask_head(const Tensor& query, const Tensor& pixel, Tensor& maps) {
  dispatch_floating("mask_head", query.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const MaskSizes s(query, pixel);
    T* to = maps.data<T>();
    for_each_mask_tile<T>(s, query, pixel,
                          [=](MaskTile<T>& tile, std::int64_t sample, std::int64_t, std::int64_t first) {
                            tile.multiply();
                            for (std::int64_t m = 0; m < s.rows; ++m) {
                              T* map = to + s.place(sample, m) * s.points + first;
                              for (std::int64_t i = 0; i < tile.count(); ++i)
                                map[i] = convert<T>(tile.values(m)[i]);
                            }
                          });
  });
}

void mask_head_grad(const Tensor& query, const Tensor& pixel, const Tensor& dmaps, Tensor& dquery,
                    Tensor& dpixel) {
  dispatch_floating("mask_head", query.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const MaskSizes s(query, pixel);
    const T* from = dmaps.data<T>();
    mask_gradients<T>(query, pixel, dquery, dpixel,
                      [=](MaskTile<T>& tile, std::int64_t sample, std::int64_t first) {
                        for (std::int64_t m = 0; m < s.rows; ++m) {
                          const T* map = from + s.place(sample, m) * s.points + first;
                          for (std::int64_t i = 0; i < tile.count(); ++i) tile.values(m)[i] = load(map[i]);
                        }
                      });
  });
}

}  // namespace

void bind_mask_head_cpu() {
  slots::mask_head.bind(DeviceType::cpu, mask_head);
  slots::mask_head_grad.bind(DeviceType::cpu, mask_head_grad);
}

}  // namespace uls::kernels
