// SPDX-License-Identifier: Apache-2.0
// Golden cases: tensors that the official PyTorch code wrote. Sizes, options and bounds all come from the
// files, so that any folder of the same layout can be replayed (scripts/test --golden DIR).
#pragma once

#include <functional>
#include <set>
#include <string>

#include "core/io/safetensors.h"
#include "core/json/json.h"

namespace uls::test {

/// One case of a file such as op_linear.json with op_linear.safetensors; or all of a file that has no cases,
/// such as op_adamw.json, under the name "".
class GoldenCase {
 public:
  GoldenCase(std::string name, const Json& info, const SafetensorsFile& tensors)
      : name_(std::move(name)), prefix_(name_.empty() ? "" : name_ + "/"), info_(info), tensors_(tensors) {}

  const std::string& name() const { return name_; }
  /// What the file says of the case.
  const Json& info() const { return info_; }
  /// The operation's options.
  const Json& op() const { return info_.at("op"); }
  bool has(const std::string& key) const { return tensors_.contains(prefix_ + key); }
  /// A copy of tensor `key` ("in.x").
  Tensor get(const std::string& key) const;
  /// Requires |actual - tensor `key`| within the bound of the file's noise and scale. `reduction` is the
  /// number of terms summed for one element: a floor for the bound where one sample's noise was lucky.
  void compare(const std::string& key, const Tensor& actual, std::int64_t reduction) const;
  /// Requires that every tensor of the case was asked for.
  void require_all_used() const;

 private:
  std::string name_, prefix_;  // prefix_: of its tensors' names
  const Json& info_;
  const SafetensorsFile& tensors_;
  mutable std::set<std::string> used_;
};

/// Calls replay(case) for every case of STEM.json (see golden_path()), or once where it has none. False where
/// there is no such file.
bool replay_golden(const std::string& stem, const std::function<void(const GoldenCase&)>& replay);
/// The same for a file whose tensors belong to no case: calls replay(tensors) once.
bool replay_golden(const std::string& stem, const std::function<void(const SafetensorsFile&)>& replay);
/// The same for a file without tensors.
bool replay_golden(const std::string& stem, const std::function<void(const Json&)>& replay);

}  // namespace uls::test

/// The body of a golden test of one file: the rest is a function of a GoldenCase, of a SafetensorsFile,
/// or of the Json.
#define ULS_REPLAY_GOLDEN(stem, ...)                                           \
  if (!::uls::test::replay_golden(stem, __VA_ARGS__)) {                        \
    ULS_SKIP("golden", "no " stem ".json in " + ::uls::test::golden_places()); \
  }
