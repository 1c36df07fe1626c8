// SPDX-License-Identifier: Apache-2.0
#include "core/io/pickle.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"

namespace uls {

const char* to_string(PickleValue::Kind kind) {
  constexpr std::array kNames{"None",           "a bool",
                              "a whole number", "a large whole number",
                              "a number",       "a text",
                              "bytes",          "a tuple",
                              "a list",         "a set",
                              "a dict",         "a class or function",
                              "an object",      "a persistent value"};
  return kNames[std::size_t(kind)];
}

template <typename T>
const T& PickleValue::get(bool right, const char* expected) const {
  ULS_CHECK(right, "wrong kind of value; got {}; expected {}", to_string(kind_), expected);
  return std::get<T>(content_);
}

bool PickleValue::as_bool() const { return get<bool>(is(Kind::boolean), "a bool"); }

std::int64_t PickleValue::as_int64() const {
  return get<std::int64_t>(is(Kind::integer), "a whole number within 64 bits");
}

double PickleValue::as_double() const {
  return is(Kind::integer) ? double(as_int64()) : get<double>(is(Kind::floating), "a number");
}

std::string_view PickleValue::as_text() const { return get<std::string_view>(is(Kind::text), "a text"); }

std::string_view PickleValue::as_bytes() const {
  return get<std::string_view>(is(Kind::bytes) || is(Kind::large_integer), "bytes");
}

std::string_view PickleValue::as_global() const {
  return get<std::string_view>(is(Kind::global), "a class or function");
}

std::span<const PickleValue* const> PickleValue::items() const {
  return get<Items>(is(Kind::tuple) || is(Kind::list) || is(Kind::set), "a tuple, list or set");
}

std::span<const PickleValue::Member> PickleValue::members() const {
  return get<Members>(is(Kind::dict), "a dict");
}

const PickleValue& PickleValue::callable() const { return *get<Items>(is(Kind::object), "an object")[0]; }

const PickleValue& PickleValue::arguments() const { return *get<Items>(is(Kind::object), "an object")[1]; }

const PickleValue* PickleValue::state() const {
  const Items& parts = get<Items>(is(Kind::object), "an object");
  return parts.size() > 2 ? parts[2] : nullptr;
}

const PickleValue& PickleValue::identity() const {
  return *get<Items>(is(Kind::persistent), "a persistent value")[0];
}

const PickleValue* PickleValue::find(std::string_view key) const {
  const auto all = members();
  const auto found = std::find_if(all.rbegin(), all.rend(), [&](const Member& member) {
    return member.key->is(Kind::text) && member.key->as_text() == key;
  });
  return found == all.rend() ? nullptr : found->value;
}

}  // namespace uls
