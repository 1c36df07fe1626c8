// SPDX-License-Identifier: Apache-2.0
// A config as it was written: a tree of maps, lists and scalars that knows its file and lines. It has no
// types yet; field.h gives it some. yaml.cpp is the only file that includes the YAML library; a build without
// it reads configs as JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace uls {

class Json;
struct ConfigNode;

// A template, since Clang looks into `entries{}` before it has seen a struct that follows ConfigNode.
template <typename Node>
struct KeyedNode {
  std::string key;
  Node value;
};
using ConfigEntry = KeyedNode<ConfigNode>;

struct ConfigNode {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  std::string text{};                  ///< of a scalar
  std::vector<ConfigNode> items{};     ///< of a list
  std::vector<ConfigEntry> entries{};  ///< of a map, in the order of the file; keys differ
  std::shared_ptr<const std::string> file{};
  std::int64_t line = 0;

  /// "configs/a.yaml:3".
  std::string where() const;
  /// For "got ..." in errors: 'text' of a scalar, else "nothing", "a list" or "a map".
  std::string described() const;
  /// Value of a map's key, or nullptr.
  const ConfigNode* find(std::string_view key) const;
};

/// Reads a YAML file of at most 1 MiB. Raises Error with file and line for anything that is not one plain
/// document: repeated keys, anchors and aliases, tags, more than 50 levels. Without ULS_IO: always Error.
ConfigNode read_yaml(const std::string& path);

/// The same for a text; `where` stands for the file's name.
ConfigNode parse_yaml(const std::string& text, const std::string& where);

/// The config that a JSON value holds (from the metadata of a weights file, say).
ConfigNode config_from_json(const Json& value);

/// The YAML text of a JSON value; a reader of YAML 1.1 or 1.2 gets the same value back.
std::string to_yaml(const Json& value);

}  // namespace uls
