// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/op_table.h"
#include "kernels/primitives/views/views.h"

namespace uls::kernels {
namespace {

using Run = std::function<Tensor(const std::vector<Tensor>&)>;

// A view only moves elements: the reference says where result element i comes from.
void add_row(OpTable& table, const char* op, const Shape& from, const Shape& to, Run run,
             std::function<std::int64_t(std::int64_t)> source) {
  table.add(OpCase{op,
                   to_string(from) + " to " + to_string(to),
                   {{from}},
                   std::move(run),
                   [to, source](const std::vector<OpArgument>& in) {
                     Doubles y(std::size_t(count_elements(to)));
                     for (std::size_t i = 0; i < y.size(); ++i)
                       y[i] = in[0].values[std::size_t(source(std::int64_t(i)))];
                     return y;
                   }});
}

}  // namespace

void views_cases(OpTable& table) {
  const auto same = [](std::int64_t i) { return i; };
  add_row(
      table, "reshape", {2, 3, 4}, {6, 4},
      [](const auto& in) {
        return reshape(in[0], {-1, 4});
      },
      same);
  add_row(
      table, "reshape", {0, 3}, {3, 0},
      [](const auto& in) {
        return reshape(in[0], {3, 0});
      },
      same);
  add_row(
      table, "permute", {2, 3, 4}, {4, 2, 3},
      [](const auto& in) {
        return permute(in[0], {2, 0, -2});
      },
      [](std::int64_t i) { return i % 6 * 4 + i / 6; });
  add_row(
      table, "transpose", {3, 5}, {5, 3}, [](const auto& in) { return transpose(in[0], 0, -1); },
      [](std::int64_t i) { return i % 3 * 5 + i / 3; });
  add_row(
      table, "slice", {4, 7}, {4, 3}, [](const auto& in) { return slice(in[0], 1, 1, 7, 2); },
      [](std::int64_t i) { return i / 3 * 7 + 1 + i % 3 * 2; });
  add_row(
      table, "slice", {5, 2}, {2, 2}, [](const auto& in) { return slice(in[0], 0, -2, 5); },
      [](std::int64_t i) { return i + 6; });
  add_row(
      table, "expand", {3, 1}, {2, 3, 4},
      [](const auto& in) {
        return expand(in[0], {2, 3, 4});
      },
      [](std::int64_t i) { return i % 12 / 4; });
}

}  // namespace uls::kernels
