// SPDX-License-Identifier: Apache-2.0
#include "data/format/json_members.h"

#include <algorithm>
#include <limits>

#include "core/base/strings.h"
#include "core/io/foreign_text.h"

namespace uls {

void check_members(const Json& object, std::initializer_list<const char*> names) {
  for (const auto& [key, value] : object.members())
    if (std::ranges::find(names, key) == names.end()) {
      const std::vector<std::string> known(names.begin(), names.end());
      fail("{}: unknown member {}{}; expected {}", value.where(), shown(key), did_you_mean(key, known),
           join(known, ", "));
    }
}

std::int32_t as_int32(const Json& value) {
  using Limits = std::numeric_limits<std::int32_t>;
  const std::int64_t number = value.as_int64();
  ULS_CHECK(number >= Limits::min() && number <= Limits::max(),
            "{}: number out of range; got {}; expected at most 32 bits with sign", value.where(), number);
  return std::int32_t(number);
}

const Json& as_object(const Json& value) {
  value.members();
  return value;
}

std::vector<std::string> read_texts(const Json& array) {
  return read_list(array, [](const Json& item) { return item.as_string(); });
}

std::vector<std::int32_t> read_int32s(const Json& array) { return read_list(array, as_int32); }

}  // namespace uls
