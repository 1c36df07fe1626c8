// SPDX-License-Identifier: Apache-2.0
#include "tests/support/golden.h"

#include <catch2/catch.hpp>

#include <cstdio>
#include <filesystem>

#include "core/base/golden_bound.h"
#include "core/tensor/primitives.h"
#include "tests/support/support.h"

namespace uls::test {

Tensor GoldenCase::get(const std::string& key) const {
  used_.insert(prefix_ + key);
  return clone(tensors_.tensor(prefix_ + key));
}

void GoldenCase::compare(const std::string& key, const Tensor& actual, std::int64_t reduction) const {
  INFO("case " << name_ << ", " << key);
  const double noise = info_.at("noise").at(key).as_double(), scale = info_.at("scale").at(key).as_double();
  const GoldenBound bound = golden_bound(noise, scale, reduction);
  const Tensor expected = get(key);
  REQUIRE(actual.shape() == expected.shape());
  const double difference = largest_difference(actual, expected);
  if (difference > bound.measured && difference <= bound.floor)
    std::printf("golden: %s %s: the floor %.3g was used, noise alone allows %.3g\n", name_.c_str(),
                key.c_str(), bound.floor, bound.measured);
  CHECK(difference <= bound.allowed());
}

void GoldenCase::require_all_used() const {
  for (const std::string& key : tensors_.names())
    if (key.starts_with(prefix_)) {
      INFO(key << " is compared with nothing");
      CHECK(used_.contains(key));
    }
}

bool replay_golden(const std::string& stem, const std::function<void(const GoldenCase&)>& replay) {
  const std::string path = golden_path(stem);
  if (path.empty()) return false;
  const Json description = read_json_file(path + ".json");
  const SafetensorsFile tensors = SafetensorsFile::open(path + ".safetensors");
  const auto replay_case = [&](const std::string& name, const Json& info) {
    const GoldenCase golden(name, info, tensors);
    INFO(stem << " " << name);
    replay(golden);
    golden.require_all_used();
  };
  if (const Json* cases = description.find("cases")) {
    REQUIRE(cases->size() > 0);
    for (const JsonMember& member : cases->members()) replay_case(member.key, member.value);
  } else {
    replay_case("", description);
  }
  return true;
}

bool replay_golden(const std::string& stem, const std::function<void(const SafetensorsFile&)>& replay) {
  const std::string path = golden_path(stem);
  if (path.empty()) return false;
  const SafetensorsFile tensors = SafetensorsFile::open(path + ".safetensors");
  REQUIRE(tensors.names().size() > 0);
  INFO(stem);
  replay(tensors);
  return true;
}

bool replay_golden(const std::string& stem, const std::function<void(const Json&)>& replay) {
  const std::string path = golden_path(stem);
  if (path.empty()) return false;
  INFO(stem);
  replay(read_json_file(path + ".json"));
  return true;
}

}  // namespace uls::test
