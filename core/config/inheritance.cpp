// SPDX-License-Identifier: Apache-2.0
#include "core/config/inheritance.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "core/base/strings.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> take_bases(ConfigNode& node) {
  const auto entry = std::ranges::find(node.entries, "base", &ConfigEntry::key);
  if (entry == node.entries.end()) return {};
  const ConfigNode value = std::move(entry->value);
  node.entries.erase(entry);
  std::vector<std::string> bases;
  const auto add = [&](const ConfigNode& item) {
    ULS_CHECK(item.kind == ConfigNode::Kind::scalar,
              "{}: base: not a path; got {}; expected a path or a list of paths", item.where(),
              item.described());
    bases.push_back((fs::path(*node.file).parent_path() / item.text).lexically_normal().string());
  };
  if (value.kind == ConfigNode::Kind::list)
    for (const ConfigNode& item : value.items) add(item);
  else
    add(value);
  return bases;
}

void merge(ConfigNode& onto, ConfigNode&& from) {
  if (onto.kind != ConfigNode::Kind::map || from.kind != ConfigNode::Kind::map) {
    onto = std::move(from);
    return;
  }
  for (ConfigEntry& entry : from.entries) {
    const auto there = std::ranges::find(onto.entries, entry.key, &ConfigEntry::key);
    if (there == onto.entries.end())
      onto.entries.push_back(std::move(entry));
    else
      merge(there->value, std::move(entry.value));
  }
  onto.file = from.file;
  onto.line = from.line;
}

// `open` holds the files that are being read, from the outermost.
ConfigNode read(const std::string& path, std::vector<std::string>& open) {
  const std::string place = fs::weakly_canonical(path).string();
  open.push_back(place);
  ULS_CHECK(std::ranges::count(open, place) == 1, "{}: base: leads back to itself; got {}", path,
            join(open, " -> "));
  ConfigNode node = read_yaml(path);
  ULS_CHECK(node.kind == ConfigNode::Kind::map, "{}: not a config; got {}; expected keys with values", path,
            node.described());
  ConfigNode whole{.kind = ConfigNode::Kind::map};
  for (const std::string& base : take_bases(node)) merge(whole, read(base, open));
  merge(whole, std::move(node));
  open.pop_back();
  return whole;
}

}  // namespace

ConfigNode read_config(const std::string& path) {
  std::vector<std::string> open;
  return read(path, open);
}

}  // namespace uls
