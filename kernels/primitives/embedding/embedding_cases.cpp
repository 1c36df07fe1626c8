// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/op_table.h"
#include "kernels/primitives/embedding/embedding.h"

namespace uls::kernels {
namespace {

using Ids = std::vector<std::int64_t>;

auto run_with(const Shape& shape, const Ids& values) {
  return [ids = from_values(shape, values)](const std::vector<Tensor>& in) {
    return embedding(in[0], in[0].device() == kMeta ? empty(ids.shape(), DType::int64, kMeta) : ids);
  };
}

void add_case(OpTable& table, const std::string& label, const Shape& rows, const Shape& shape,
              const Ids& ids) {
  const auto reference = [ids](const std::vector<OpArgument>& in) {
    const std::int64_t channels = in[0].shape[1];
    Doubles y;
    for (const std::int64_t id : ids)
      for (std::int64_t c = 0; c < channels; ++c) y.push_back(in[0].values[std::size_t(id * channels + c)]);
    return y;
  };
  table.add(OpCase{"embedding", label, {{rows}}, run_with(shape, ids), reference});
}

}  // namespace

void embedding_cases(OpTable& table) {
  add_case(table, "repeated ids", {7, 5}, {2, 4}, {0, 3, 3, 1, 5, 0, 3, 6});
  add_case(table, "one id", {3, 1}, {}, {2});
  add_case(table, "no id", {3, 4}, {2, 0}, {});
  add_case(table, "no row", {0, 4}, {0}, {});
  add_case(table, "no channel", {3, 0}, {2}, {1, 1});
  add_case(table, "odd width", {4, 67}, {3}, {3, 0, 3});

  // CLIP's vocabulary, 8 sentences of 17 words of which half are the padding's id.
  constexpr std::int64_t kRows = 49408, kChannels = 512, kWords = 8 * 17;
  Ids ids(kWords);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = i % 2 ? std::int64_t(i) * 360 : 0;
  const double bytes = double(kWords * kChannels) * sizeof(float);
  table.add(OpTiming{"embedding",
                     "8x17 of 49408x512",
                     {{{kRows, kChannels}}},
                     run_with({8, 17}, ids),
                     0,
                     0,
                     2 * bytes,
                     2 * bytes + double(kRows * kChannels) * sizeof(float)});
}

}  // namespace uls::kernels
