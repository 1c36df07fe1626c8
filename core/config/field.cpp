// SPDX-License-Identifier: Apache-2.0
#include "core/config/field.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <type_traits>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/config/text_value.h"

namespace uls {
namespace {

template <typename T>
struct ElementOf {
  using type = T;
  static constexpr bool is_list = false;
};
template <typename T>
struct ElementOf<std::vector<T>> {
  using type = T;
  static constexpr bool is_list = true;
};

// Calls fn(T&) with the field's own type.
template <typename Fn>
decltype(auto) visit_field(const Field& field, void* object, Fn&& fn) {
  return std::visit([&](auto* value) -> decltype(auto) { return fn(*value); }, field.locate(object));
}

std::string range_text(const Field& field) {
  if (std::isfinite(field.least) && std::isfinite(field.most))
    return fmt::format(" from {} to {}", field.least, field.most);
  if (std::isfinite(field.least)) return fmt::format(" of at least {}", field.least);
  return std::isfinite(field.most) ? fmt::format(" of at most {}", field.most) : "";
}

// "debug, info or off".
std::string choice_text(const std::vector<std::string>& words) {
  if (words.size() < 2) return join(words, "");
  return join({words.begin(), words.end() - 1}, ", ") + " or " + words.back();
}

template <typename T>
std::string element_text(const Field& field, bool several) {
  const std::string one = several ? "" : "a ", s = several ? "s" : "";
  if constexpr (std::is_same_v<T, bool>) return "true or false";
  if constexpr (std::is_same_v<T, std::string>)
    return field.words.empty() ? one + "text" + s : choice_text(field.words);
  if (field.in_bytes) return "bytes, such as 4096, 512MiB or 4GiB";
  return one + (std::is_same_v<T, std::int64_t> ? "whole number" : "number") + s + range_text(field);
}

// "a number from 0 to 10", "a list of whole numbers".
std::string expectation(const Field& field, void* object) {
  return visit_field(field, object, [&]<typename T>(T&) {
    constexpr bool is_list = ElementOf<T>::is_list;
    return (is_list ? "a list of " : "") + element_text<typename ElementOf<T>::type>(field, is_list);
  });
}

std::optional<std::int64_t> read_bytes(const std::string& text) {
  try {
    return parse_bytes(text);
  } catch (const Error&) {
    return std::nullopt;  // the caller names the field
  }
}

bool in_range(const Field& field, double value) { return value >= field.least && value <= field.most; }

template <typename T>
std::optional<T> read_element(const Field& field, const std::string& text) {
  if constexpr (std::is_same_v<T, bool>) {
    return parse_boolean(text);
  } else if constexpr (std::is_same_v<T, std::string>) {
    const bool allowed = field.words.empty() || std::ranges::find(field.words, text) != field.words.end();
    return allowed ? std::optional(text) : std::nullopt;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    const auto value = field.in_bytes ? read_bytes(text) : parse_whole_number(text);
    return value && in_range(field, double(*value)) ? value : std::nullopt;
  } else {
    const auto value = parse_number(text);
    return value && in_range(field, *value) ? value : std::nullopt;
  }
}

template <typename T>
std::optional<T> read_value(const Field& field, const ConfigNode& node) {
  using Element = typename ElementOf<T>::type;
  if constexpr (ElementOf<T>::is_list) {
    if (node.kind != ConfigNode::Kind::list) return std::nullopt;
    T list;
    for (const auto& item : node.items) {
      const auto element = read_value<Element>(field, item);
      if (!element) return std::nullopt;
      list.push_back(*element);
    }
    return list;
  } else {
    return node.kind == ConfigNode::Kind::scalar ? read_element<Element>(field, node.text) : std::nullopt;
  }
}

void assign(const Field& field, void* object, const ConfigNode& node, const std::string& where) {
  const auto readable = [](const ConfigNode& scalar) { return is_utf8(scalar.text); };
  ULS_CHECK(readable(node) && std::ranges::all_of(node.items, readable), "{}: not UTF-8; expected {}", where,
            expectation(field, object));
  visit_field(field, object, [&]<typename T>(T& target) {
    auto value = read_value<T>(field, node);
    ULS_CHECK(value, "{}: wrong value; got {}{}; expected {}", where, node.described(),
              did_you_mean(node.text, field.words), expectation(field, object));
    target = std::move(*value);
  });
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

ConfigNode make_node(ConfigNode::Kind kind, std::string text) {
  ConfigNode node;
  node.kind = kind;
  node.text = std::move(text);
  return node;
}

// The node that `text` would be in a config, given the field's type.
ConfigNode node_of(const Field& field, void* object, const std::string& text) {
  ConfigNode node = make_node(ConfigNode::Kind::scalar, text);
  if (!visit_field(field, object, []<typename T>(T&) { return ElementOf<T>::is_list; })) return node;
  std::string inner = trimmed(text);
  if (inner.starts_with('[') && inner.ends_with(']')) inner = trimmed(inner.substr(1, inner.size() - 2));
  ConfigNode list = make_node(ConfigNode::Kind::list, text);
  for (std::size_t start = 0; !inner.empty() && start <= inner.size();) {
    const auto comma = std::min(inner.find(',', start), inner.size());
    list.items.push_back(make_node(ConfigNode::Kind::scalar, trimmed(inner.substr(start, comma - start))));
    start = comma + 1;
  }
  return list;
}

Json value_of(const Field& field, void* object) {
  return visit_field(field, object, []<typename T>(T& value) -> Json {
    if constexpr (ElementOf<T>::is_list) {
      Json list = Json::array();
      for (const auto& item : value) list.push_back(item);
      return list;
    } else {
      return value;
    }
  });
}

// "optimizer.lr" -> "optimizer." and "lr".
std::pair<std::string, std::string> split_name(const std::string& name) {
  const auto dot = name.rfind('.');
  return dot == std::string::npos ? std::pair{std::string(), name}
                                  : std::pair{name.substr(0, dot + 1), name.substr(dot + 1)};
}

void set_member(Json& object, const std::string& name, Json value) {
  const auto dot = name.find('.');
  if (dot == std::string::npos) {
    object.set(name, std::move(value));
    return;
  }
  const std::string section = name.substr(0, dot);
  const Json* present = object.find(section);
  Json inner = present ? *present : Json::object();
  set_member(inner, name.substr(dot + 1), std::move(value));
  object.set(section, std::move(inner));
}

}  // namespace

Field& Field::range(double from, double to) {
  least = from;
  most = to;
  return *this;
}

Field& Field::choices(std::initializer_list<const char*> allowed) {
  words.assign(allowed.begin(), allowed.end());
  return *this;
}

Field& Field::environment(const char* name_of_variable) {
  variable = name_of_variable;
  return *this;
}

Field& Field::bytes() {
  in_bytes = true;
  return *this;
}

Field& Schema::append(Field field) {
  ULS_ASSERT(!find(field.name) && names_in(field.name + ".").empty(), "config: two fields named '{}'",
             field.name);
  return fields_.emplace_back(std::move(field));
}

const Field* Schema::find(std::string_view name) const {
  const auto found = std::ranges::find(fields_, name, &Field::name);
  return found == fields_.end() ? nullptr : &*found;
}

// The names of fields and sections directly in a section ("" or "optimizer."), without that prefix.
std::vector<std::string> Schema::names_in(const std::string& section) const {
  std::vector<std::string> names;
  for (const auto& field : fields_) {
    if (!field.name.starts_with(section)) continue;
    const auto name =
        field.name.substr(section.size(), field.name.find('.', section.size()) - section.size());
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

void Schema::fail_unknown(const std::string& where, const std::string& key) const {
  const auto [section, name] = split_name(key);
  std::string near = nearest_name(name, names_in(section));
  if (!near.empty()) near = section + near;
  std::vector<std::string> all;
  for (const auto& field : fields_) {
    all.push_back(field.name);
    if (near.empty() && split_name(field.name).second == name) near = field.name;
  }
  if (near.empty()) near = nearest_name(key, all);
  const auto siblings = names_in(section);
  fail("{}unknown key '{}'{}", where, key,
       !near.empty()      ? fmt::format(" (did you mean '{}'?)", near)
       : siblings.empty() ? ""
                          : "; expected " + join(siblings, ", "));
}

void Schema::load(void* object, const ConfigNode& root) const {
  ULS_CHECK(root.kind == ConfigNode::Kind::map || root.kind == ConfigNode::Kind::null,
            "{}: not a config; got {}; expected keys with values", root.where(), root.described());
  load_section(object, root, "");
}

void Schema::load_section(void* object, const ConfigNode& node, const std::string& prefix) const {
  for (const auto& [key, value] : node.entries) {
    const std::string name = prefix + key;
    if (const Field* field = find(name)) {
      assign(*field, object, value, fmt::format("{}: {}", value.where(), name));
      continue;
    }
    const auto inner = names_in(name + ".");
    if (inner.empty()) fail_unknown(value.where() + ": ", name);
    ULS_CHECK(value.kind == ConfigNode::Kind::map || value.kind == ConfigNode::Kind::null,
              "{}: {}: a section; got {}; expected the keys {}", value.where(), name, value.described(),
              join(inner, ", "));
    load_section(object, value, name + ".");
  }
}

void Schema::set(void* object, const std::string& assignment) const {
  const auto equals = assignment.find('=');
  ULS_CHECK(equals != std::string::npos, "override: no '='; got '{}'; expected key=value", assignment);
  const std::string name = assignment.substr(0, equals);
  const Field* field = find(name);
  if (!field) {
    const auto inner = names_in(name + ".");
    ULS_CHECK(inner.empty(), "{0}: a section; got '{1}'; expected {0}.{2}=...", name, assignment,
              join(inner, fmt::format("=... or {}.", name)));
    fail_unknown("", name);
  }
  assign(*field, object, node_of(*field, object, assignment.substr(equals + 1)), name);
}

void Schema::load_environment(void* object) const {
  for (const auto& field : fields_) {
    const char* text = field.variable.empty() ? nullptr : std::getenv(field.variable.c_str());
    if (text && *text) assign(field, object, node_of(field, object, text), field.variable);
  }
}

Json Schema::to_json(const void* object) const {
  Json root = Json::object();
  for (const auto& field : fields_) set_member(root, field.name, value_of(field, const_cast<void*>(object)));
  return root;
}

std::string Schema::default_text(const Field& field) const {
  std::string text = to_yaml(value_of(field, defaults_.get()));
  text.pop_back();
  return text;
}

std::vector<std::string> Schema::help_lines() const {
  std::size_t width = 0;
  for (const auto& field : fields_)
    width = std::max(width, field.name.size() + default_text(field).size() + 1);
  std::vector<std::string> lines;
  for (const auto& field : fields_)
    lines.push_back(fmt::format("{:{}}  {} ({})", field.name + "=" + default_text(field), width,
                                field.meaning, expectation(field, defaults_.get())));
  return lines;
}

std::string Schema::explain(std::string_view key) const {
  std::string text;
  const std::string section = std::string(key) + ".";
  for (const auto& field : fields_) {
    if (field.name != key && field.variable != key && !field.name.starts_with(section)) continue;
    text += fmt::format("{}{}\n  meaning   {}\n  value     {}\n  default   {}\n", text.empty() ? "" : "\n",
                        field.name, field.meaning, expectation(field, defaults_.get()), default_text(field));
    if (!field.variable.empty()) text += fmt::format("  variable  {}\n", field.variable);
  }
  return text;
}

}  // namespace uls
