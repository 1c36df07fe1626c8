// SPDX-License-Identifier: Apache-2.0
#include "train/config/same_run.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace uls {
namespace {

// Of the data: who prepares batches and when, and how many bad targets are too many.
constexpr std::array<std::string_view, 3> kFree{"threads", "prefetch", "most_bad"};

Json what_counts(const Json& data) {
  Json rest = Json::object();
  for (const JsonMember& member : data.members())
    if (std::ranges::find(kFree, member.key) == kFree.end()) rest.set(member.key, member.value);
  return rest;
}

}  // namespace

bool same_run(const Json& before, const Json& now) {
  for (const char* section : {"model", "optimizer", "schedule", "loss", "seed", "accumulate", "ema"})
    if (!(before.at(section) == now.at(section))) return false;
  return what_counts(before.at("data")) == what_counts(now.at("data"));
}

}  // namespace uls
