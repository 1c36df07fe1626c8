// SPDX-License-Identifier: Apache-2.0
#include "core/config/config_node.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/json/json.h"

namespace uls {
namespace {

// Words that some reader of YAML takes for something else than text.
constexpr std::array<std::string_view, 9> kReserved{"null", "true", "false", "yes", "no",
                                                    "on",   "off",  "y",     "n"};

bool is_plain(const std::string& text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto inner = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
  };
  std::string lower = text;
  std::ranges::transform(lower, lower.begin(),
                         [&](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return !text.empty() && (letter(text[0]) || text[0] == '/' || text.starts_with("../")) &&
         std::ranges::all_of(text, inner) && std::ranges::find(kReserved, lower) == kReserved.end();
}

std::string scalar_text(const Json& value) {
  return value.is_string() && is_plain(value.as_string()) ? value.as_string() : value.dump();
}

// A list of scalars, or an empty container, stays on its line.
bool fits_line(const Json& value) {
  if (value.is_object()) return value.size() == 0;
  return !value.is_array() || std::ranges::none_of(value.items(), [](const Json& item) {
    return item.is_array() || item.is_object();
  });
}

std::string line_text(const Json& value) {
  if (value.is_object()) return "{}";
  if (!value.is_array()) return scalar_text(value);
  std::string text;
  for (const auto& item : value.items()) text += (text.empty() ? "" : ", ") + scalar_text(item);
  return "[" + text + "]";
}

void append_yaml(std::string& out, const Json& value, int indent) {
  const std::string margin(std::size_t(indent), ' ');
  const auto append = [&](const std::string& head, const Json& item) {
    out += margin + head + (fits_line(item) ? " " + line_text(item) : "") + "\n";
    if (!fits_line(item)) append_yaml(out, item, indent + 2);
  };
  if (fits_line(value)) {
    out += margin + line_text(value) + "\n";
  } else if (value.is_array()) {
    for (const auto& item : value.items()) append("-", item);
  } else {
    for (const auto& [key, member] : value.members()) append(scalar_text(key) + ":", member);
  }
}

}  // namespace

std::string ConfigNode::where() const { return file ? fmt::format("{}:{}", *file, line) : "config"; }

std::string ConfigNode::described() const {
  switch (kind) {
    case Kind::scalar:
      return "'" + text + "'";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
    case Kind::null:
      break;
  }
  return "nothing";
}

const ConfigNode* ConfigNode::find(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &ConfigEntry::key);
  return found == entries.end() ? nullptr : &found->value;
}

ConfigNode config_from_json(const Json& value) {
  ConfigNode node;
  node.file = value.file();
  node.line = value.line();
  if (value.is_array()) {
    node.kind = ConfigNode::Kind::list;
    for (const auto& item : value.items()) node.items.push_back(config_from_json(item));
  } else if (value.is_object()) {
    node.kind = ConfigNode::Kind::map;
    for (const auto& [key, member] : value.members()) node.entries.push_back({key, config_from_json(member)});
  } else if (!value.is_null()) {
    node.kind = ConfigNode::Kind::scalar;
    node.text = value.is_string() ? value.as_string() : value.dump();
  }
  return node;
}

std::string to_yaml(const Json& value) {
  std::string text;
  append_yaml(text, value, 0);
  return text;
}

}  // namespace uls
