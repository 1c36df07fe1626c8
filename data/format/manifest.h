// SPDX-License-Identifier: Apache-2.0
// What a set says about itself, in manifest.json.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "data/format/sample.h"

namespace uls {

/// The ordered classes of a set that evaluates as label maps.
struct ClassList {
  std::vector<std::string> names{};
  std::vector<std::int32_t> values{};  // of each class in the source's label maps
  std::int32_t ignore = 255;           // the source's value of pixels that do not count
  std::int32_t background = -1;        // the source's value of pixels without a class; -1: there are none
};

struct Manifest {
  static constexpr std::int64_t kVersion = 1;

  std::string name{}, source{}, licence{};
  std::string images{};  // root of the images, absolute or from the manifest's folder
  std::map<Task, ClassList> class_lists{};
  std::map<std::string, std::int64_t> samples{}, targets{};  // per split; written when the set is complete
};

/// Raises Error, with `where`, for a set without a name and for class lists with values that are missing,
/// ambiguous or no label (0 to 65535).
void check_manifest(const Manifest& manifest, const std::string& where);

/// The name of a target's class; "" where it has none, or the set no list of its task.
std::string class_name(const Target& target, const Manifest& manifest);

/// Raises Error, with `where`, for a category beyond the class list of the target's task.
void check_category(const Target& target, const Manifest& manifest, const std::string& where);

Json to_json(const Manifest& manifest);
/// Raises DataError for another format or version, unknown members, wrong kinds.
Manifest manifest_from_json(const Json& json);
/// Of a file; DataError names the path where it is missing.
Manifest read_manifest(const std::string& path);

}  // namespace uls
