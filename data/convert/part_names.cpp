// SPDX-License-Identifier: Apache-2.0
#include "data/convert/part_names.h"

#include <array>
#include <sstream>
#include <string_view>

namespace uls {
namespace {

struct ObjectParts {
  std::string_view object;
  const char* parts;  // in VLPart's order, which decides
};

constexpr std::array<ObjectParts, 14> kParts{{
    {"aeroplane", "body wing tail wheel"},
    {"bicycle", "wheel handlebar saddle"},
    {"bird", "beak head eye leg foot wing neck tail torso"},
    {"bottle", "body cap"},
    {"bus", "liplate headlight door mirror window wheel"},
    {"car", "liplate headlight door mirror window wheel"},
    {"cat", "head leg ear eye pa neck nose tail torso"},
    {"cow", "head leg ear eye neck horn muzzle tail torso"},
    {"dog", "head leg ear eye pa neck nose muzzle tail torso"},
    {"horse", "head leg ear eye neck muzzle tail torso"},
    {"motorbike", "wheel handlebar headlight saddle"},
    {"person", "hair head ear eye nose neck mouth arm hand leg foot torso"},
    {"pottedplant", "plant pot"},
    {"sheep", "head leg ear eye neck horn muzzle tail torso"},
}};

}  // namespace

std::string merged_part_name(const std::string& object, const std::string& part) {
  for (const ObjectParts& one : kParts) {
    if (one.object != object) continue;
    std::istringstream words(one.parts);
    for (std::string word; words >> word;)
      if (part.find(word) != std::string::npos)
        return word == "liplate" ? "license plate" : word == "pa" ? "paw" : word;
  }
  return "";
}

}  // namespace uls
