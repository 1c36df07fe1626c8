// SPDX-License-Identifier: Apache-2.0
// The part of the check that looks at one sample.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "data/format/dataset.h"
#include "data/tools/check.h"

namespace uls {

/// What a sample says, as far as the checks of the whole set need it.
struct SampleFacts {
  bool readable = false;
  std::string split{};
  std::uint64_t id = 0, image = 0;  // hashes; image: of the file's bytes, 0 where there is no file
  std::vector<std::uint64_t> target_ids{};
  std::vector<Task> tasks{};  // of the targets
  std::vector<Finding> findings{};
};

class SampleCheck {
 public:
  SampleCheck(const Dataset& dataset, std::int64_t length);

  /// Any thread may call it.
  SampleFacts operator()(std::int64_t index) const;

 private:
  struct Report;
  void check_image(const Sample& sample, Report& report, SampleFacts& facts) const;
  void check_masks(const Sample& sample, Report& report) const;
  void check_texts(const Target& target, const Report& report) const;
  void check_category(const Target& target, const Report& report) const;
  void check_labels(const Sample& sample, const Report& report) const;

  const Dataset& dataset_;
  std::int64_t length_;
  std::map<Task, std::vector<bool>> labels_{};  // of each task's class list: which values may occur
};

}  // namespace uls
