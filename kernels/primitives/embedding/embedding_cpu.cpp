// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <vector>

#include "core/tensor/primitives.h"
#include "kernels/common/convert.h"
#include "kernels/common/strided.h"
#include "kernels/primitives/embedding/embedding_kernel.h"

namespace uls::kernels {
namespace {

std::int64_t rows_a_piece(std::int64_t channels) {
  return std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, channels));
}

void check_ids(const Tensor& ids, std::int64_t rows) {
  const std::int64_t* id = ids.data<std::int64_t>();
  for (std::int64_t i = 0; i < ids.numel(); ++i) {
    if (id[i] >= 0 && id[i] < rows) continue;
    Dims place = ids.shape();
    std::int64_t rest = i;
    for (int d = place.size() - 1; d >= 0; --d) {
      const std::int64_t size = place[d];
      place[d] = rest % size;
      rest /= size;
    }
    fail("embedding: id out of range; got {} at {}; expected an id in [0, {})", id[i], to_string(place),
         rows);
  }
}

void embedding(const Tensor& table, const Tensor& ids, Tensor& y) {
  const std::int64_t channels = table.size(1);
  check_ids(ids, table.size(0));
  dispatch_floating("embedding", y.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const std::int64_t* id = ids.data<std::int64_t>();
    const T* from = table.data<T>();
    T* to = y.data<T>();
    parallel_for(0, ids.numel(), rows_a_piece(channels), [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i)
        std::copy_n(from + id[i] * channels, channels, to + i * channels);
    });
  });
}

// Places sorted by id, so that a row of the table is summed by one thread, whose order is that of the places.
void embedding_grad(const Tensor& ids, const Tensor& dy, bool add, Tensor& dtable) {
  const std::int64_t channels = dtable.size(1);
  const std::int64_t* id = ids.data<std::int64_t>();
  std::vector<std::int64_t> places(std::size_t(ids.numel())), starts;
  std::iota(places.begin(), places.end(), 0);
  std::ranges::stable_sort(places, {}, [id](std::int64_t place) { return id[place]; });
  for (std::size_t i = 0; i < places.size(); ++i)
    if (i == 0 || id[places[i]] != id[places[i - 1]]) starts.push_back(std::int64_t(i));
  const std::int64_t groups = std::int64_t(starts.size());
  starts.push_back(ids.numel());

  if (!add) slots::fill(kCpu, dtable, 0);
  dispatch_floating("embedding", dy.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T* from = dy.data<T>();
    T* to = dtable.data<T>();
    parallel_for(0, groups, rows_a_piece(channels), [&](std::int64_t first, std::int64_t last) {
      std::vector<A> sum(static_cast<std::size_t>(channels));
      for (std::int64_t group = first; group < last; ++group) {
        const std::int64_t begin = starts[std::size_t(group)], end = starts[std::size_t(group + 1)];
        T* row = to + id[places[std::size_t(begin)]] * channels;
        for (std::int64_t c = 0; c < channels; ++c) sum[std::size_t(c)] = load(row[c]);
        for (std::int64_t i = begin; i < end; ++i) {
          const T* term = from + places[std::size_t(i)] * channels;
          for (std::int64_t c = 0; c < channels; ++c) sum[std::size_t(c)] += load(term[c]);
        }
        for (std::int64_t c = 0; c < channels; ++c) row[c] = convert<T>(sum[std::size_t(c)]);
      }
    });
  });
}

}  // namespace

void bind_embedding_cpu() {
  slots::embedding.bind(DeviceType::cpu, embedding);
  slots::embedding_grad.bind(DeviceType::cpu, embedding_grad);
}

}  // namespace uls::kernels
