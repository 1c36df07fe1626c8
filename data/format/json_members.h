// SPDX-License-Identifier: Apache-2.0
// Members of an object whose names are fixed: unknown ones are errors, absent ones keep their default.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/json/json.h"

namespace uls {

/// Raises Error for a member of `object` that is not among `names`, and names the nearest.
void check_members(const Json& object, std::initializer_list<const char*> names);

/// A whole number of at most 32 bits with sign; raises Error with its place otherwise.
std::int32_t as_int32(const Json& value);

/// Raises Error unless `value` is an object.
const Json& as_object(const Json& value);

/// read(value) for every item of an array.
template <typename Read>
auto read_list(const Json& array, Read&& read) {
  std::vector<decltype(read(array))> list;
  list.reserve(array.items().size());
  for (const Json& item : array.items()) list.push_back(read(item));
  return list;
}

std::vector<std::string> read_texts(const Json& array);
std::vector<std::int32_t> read_int32s(const Json& array);

template <typename List>
Json json_list(const List& list) {
  Json array = Json::array();
  for (const auto& item : list) array.push_back(item);
  return array;
}

}  // namespace uls
