// SPDX-License-Identifier: Apache-2.0
#include "data/format/target_table.h"

#include <cstring>
#include <limits>
#include <utility>

#include "core/base/error.h"

namespace uls {

void TargetTableBuilder::add(const Sample& sample) {
  auto [split, fresh] = split_numbers_.try_emplace(sample.split, std::uint16_t(splits_.size()));
  if (fresh) {
    ULS_CHECK(splits_.size() <= std::numeric_limits<std::uint16_t>::max(),
              "too many splits; expected at most {}", std::numeric_limits<std::uint16_t>::max() + 1);
    splits_.push_back(sample.split);
  }
  for (std::size_t i = 0; i < sample.targets.size(); ++i)
    rows_.push_back({samples_, std::int32_t(i), split->second, std::uint8_t(sample.targets[i].task), 0});
  ++samples_;
  ++sample_counts_[sample.split];
  target_counts_[sample.split] += std::int64_t(sample.targets.size());
}

TargetTable::TargetTable(std::string_view rows, std::int64_t samples, std::int64_t splits, std::string where)
    : rows_(rows), samples_(samples), splits_(splits), where_(std::move(where)) {}

TargetRef TargetTable::operator[](std::int64_t index) const {
  ULS_CHECK(index >= 0 && index < size(), "{}: no target {}; expected 0 to {}", where_, index, size() - 1);
  TargetRow row;
  std::memcpy(&row, rows_.data() + index * std::int64_t(sizeof row), sizeof row);
  if (row.sample < 0 || row.sample >= samples_ || row.target < 0 || row.split >= splits_ ||
      row.task >= kTasks)
    throw DataError(fmt::format("{}: damaged at target {}; delete it, and it is made anew", where_, index));
  return {row.sample, row.target, Task(row.task), row.split};
}

}  // namespace uls
