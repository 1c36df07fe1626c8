// SPDX-License-Identifier: Apache-2.0
#include "core/json/json.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/io/text_file.h"

namespace uls {
namespace {

constexpr std::size_t kDeepest = 200;
using Library = nlohmann::ordered_json;

// How the library walks over the text. It copies its iterator, so the place is kept outside.
struct Cursor {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* position;
  const char** reached;

  reference operator*() const { return *position; }
  Cursor& operator++() {
    *reached = ++position;
    return *this;
  }
  friend bool operator==(const Cursor& a, const Cursor& b) { return a.position == b.position; }
};

// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ..." without its head.
std::string plain_reason(const std::string& text) {
  const auto column = text.find("column ");
  const auto start = column == std::string::npos ? text.find("] ") : text.find(": ", column);
  return start == std::string::npos ? text : text.substr(start + 2);
}

}  // namespace

// Receives the library's events and builds the value; the stack of open containers is ours, so that hostile
// nesting is an Error.
class JsonReader {
 public:
  using number_integer_t = Library::number_integer_t;
  using number_unsigned_t = Library::number_unsigned_t;
  using number_float_t = Library::number_float_t;
  using string_t = Library::string_t;
  using binary_t = Library::binary_t;

  JsonReader(std::string_view text, const std::string& where, std::int64_t first_line)
      : text_(text),
        first_line_(first_line),
        line_(first_line),
        reached_(text.data()),
        counted_(text.data()),
        file_(std::make_shared<const std::string>(where)) {}

  Json read() {
    const char* end = text_.data() + text_.size();
    Library::sax_parse(Cursor{text_.data(), &reached_}, Cursor{end, &reached_}, this);
    return std::move(root_);
  }

  bool null() { return add(std::monostate()); }
  bool boolean(bool value) { return add(value); }
  bool string(string_t& value) { return add(std::move(value)); }
  bool binary(binary_t&) { return false; }
  bool number_integer(number_integer_t value) { return add(std::int64_t(value), 1); }
  bool number_unsigned(number_unsigned_t value) {
    if (value > number_unsigned_t(std::numeric_limits<std::int64_t>::max()))
      refuse_number(std::to_string(value));
    return add(std::int64_t(value), 1);
  }
  bool number_float(number_float_t value, const string_t& digits) {
    if (digits.find_first_of(".eE") == string_t::npos) refuse_number(digits);
    return add(double(value), 1);
  }
  bool start_object(std::size_t) { return open(Json::Object()); }
  bool start_array(std::size_t) { return open(Json::Array()); }
  bool key(string_t& name) {
    std::get<Json::Object>(open_.back()->value_).push_back({std::move(name), Json()});
    return true;
  }
  bool end_object() {
    const auto& members = std::get<Json::Object>(open_.back()->value_);
    std::vector<std::string_view> names;
    for (const auto& member : members) names.push_back(member.key);
    std::ranges::sort(names);
    const auto twice = std::ranges::adjacent_find(names);
    if (twice != names.end()) fail("{}: key '{}' appears twice in one object", open_.back()->where(), *twice);
    open_.pop_back();
    return true;
  }
  bool end_array() {
    open_.pop_back();
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
    const auto before = text_.substr(0, std::min(std::max<std::size_t>(position, 1) - 1, text_.size()));
    const auto line = std::ranges::count(before, '\n') + first_line_;
    const auto column = before.size() - (before.rfind('\n') + 1) + 1;
    fail("{}:{}:{}: not JSON: {}", *file_, line, column, plain_reason(error.what()));
  }

 private:
  // The library has read one character past a number when it tells of it (`ahead`).
  void advance_line(int ahead) {
    const char* until = std::max(counted_, reached_ - ahead);
    line_ += std::count(counted_, until, '\n');
    counted_ = until;
  }
  [[noreturn]] void refuse_number(const std::string& digits) {
    advance_line(1);
    fail("{}:{}: whole number out of range; got {}; expected at most 64 bits with sign", *file_, line_,
         digits);
  }
  template <typename T>
  bool add(T value, int ahead = 0) {
    advance_line(ahead);
    next_slot().value_ = std::move(value);
    return true;
  }
  template <typename T>
  bool open(T container) {
    advance_line(0);
    ULS_CHECK(open_.size() < kDeepest, "{}:{}: nested too deeply; expected at most {} levels", *file_, line_,
              kDeepest);
    Json& slot = next_slot();
    slot.value_ = std::move(container);
    open_.push_back(&slot);
    return true;
  }
  // Where the value that now begins goes. Containers below the top of the stack do not grow, so pointers to
  // the open ones stay valid.
  Json& next_slot() {
    Json* slot = &root_;
    if (!open_.empty()) {
      auto* items = std::get_if<Json::Array>(&open_.back()->value_);
      slot = items ? &items->emplace_back() : &std::get<Json::Object>(open_.back()->value_).back().value;
    }
    slot->file_ = file_;
    slot->line_ = line_;
    return *slot;
  }

  std::string_view text_;
  std::int64_t first_line_, line_;
  const char* reached_;
  const char* counted_;
  std::shared_ptr<const std::string> file_;
  Json root_;
  std::vector<Json*> open_;
};

namespace {

Library to_library(const Json& value, std::size_t depth) {
  ULS_CHECK(depth <= kDeepest, "json: nested too deeply to write; expected at most {} levels", kDeepest);
  if (value.is_null()) return nullptr;
  if (value.is_bool()) return value.as_bool();
  if (value.is_int64()) return value.as_int64();
  if (value.is_string()) return value.as_string();
  if (value.is_number()) {
    const double number = value.as_double();
    ULS_CHECK(std::isfinite(number), "json: {} cannot be written; expected a finite number", number);
    return number;
  }
  if (value.is_array()) {
    Library items = Library::array();
    for (const auto& item : value.items()) items.push_back(to_library(item, depth + 1));
    return items;
  }
  Library members = Library::object();
  auto& list = members.get_ref<Library::object_t&>();
  for (const auto& [key, member] : value.members()) list.emplace_back(key, to_library(member, depth + 1));
  return members;
}

}  // namespace

Json::Json() = default;
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;
Json::Json(Truth truth) : value_(truth.value) {}
Json::Json(Whole whole) : value_(whole.value) {}
Json::Json(double value) : value_(value) {}
Json::Json(std::string value) : value_(std::move(value)) {}
Json::Json(const char* value) : value_(std::string(value)) {}

Json Json::array(std::initializer_list<Json> items) {
  Json value;
  value.value_ = Array(items);
  return value;
}

Json Json::object(std::initializer_list<JsonMember> members) {
  Json value;
  value.value_ = Object();
  for (const auto& [key, member] : members) value.set(key, member);
  return value;
}

Json Json::parse(std::string_view text, const std::string& where, std::int64_t first_line) {
  return JsonReader(text, where, first_line).read();
}

std::string Json::dump(int indent) const {
  const Library value = to_library(*this, 0);
  try {
    return value.dump(indent);
  } catch (const Library::exception& error) {
    fail("json: cannot be written: {}", plain_reason(error.what()));
  }
}

bool Json::is_null() const { return std::holds_alternative<std::monostate>(value_); }
bool Json::is_bool() const { return std::holds_alternative<bool>(value_); }
bool Json::is_int64() const { return std::holds_alternative<std::int64_t>(value_); }
bool Json::is_number() const { return is_int64() || std::holds_alternative<double>(value_); }
bool Json::is_string() const { return std::holds_alternative<std::string>(value_); }
bool Json::is_array() const { return std::holds_alternative<Array>(value_); }
bool Json::is_object() const { return std::holds_alternative<Object>(value_); }

template <typename T>
const T& Json::get(const char* expected) const {
  constexpr const char* kKinds[] = {"null",     "a bool",   "a whole number", "a number",
                                    "a string", "an array", "an object"};
  const T* value = std::get_if<T>(&value_);
  ULS_CHECK(value, "{}: wrong kind of value; got {}; expected {}", where(), kKinds[value_.index()], expected);
  return *value;
}

bool Json::as_bool() const { return get<bool>("a bool"); }
std::int64_t Json::as_int64() const { return get<std::int64_t>("a whole number"); }
double Json::as_double() const { return is_int64() ? double(as_int64()) : get<double>("a number"); }
const std::string& Json::as_string() const { return get<std::string>("a string"); }
const Json::Array& Json::items() const { return get<Array>("an array"); }
const Json::Object& Json::members() const { return get<Object>("an object"); }

std::int64_t Json::size() const { return std::int64_t(is_object() ? members().size() : items().size()); }

const Json& Json::operator[](std::int64_t index) const {
  ULS_CHECK(index >= 0 && index < std::int64_t(items().size()), "{}: no item {}; got an array of {}", where(),
            index, items().size());
  return items()[std::size_t(index)];
}

const Json& Json::at(std::string_view key) const {
  const Json* member = find(key);
  ULS_CHECK(member, "{}: missing key '{}'", where(), key);
  return *member;
}

const Json* Json::find(std::string_view key) const {
  const auto found = std::ranges::find(members(), key, &JsonMember::key);
  return found == members().end() ? nullptr : &found->value;
}

Json& Json::set(std::string key, Json value) {
  get<Object>("an object");
  auto& members = std::get<Object>(value_);
  const auto found = std::ranges::find(members, key, &JsonMember::key);
  if (found != members.end())
    found->value = std::move(value);
  else
    members.push_back({std::move(key), std::move(value)});
  return *this;
}

Json& Json::push_back(Json item) {
  get<Array>("an array");
  std::get<Array>(value_).push_back(std::move(item));
  return *this;
}

std::string Json::where() const { return file_ ? fmt::format("{}:{}", *file_, line_) : "json"; }

bool Json::equals(const Json& other) const { return value_ == other.value_; }

Json read_json_file(const std::string& path) { return Json::parse(read_text_file(path), path); }

void write_json_file(const std::string& path, const Json& value) {
  const std::string text = value.dump(2) + "\n";
  std::ofstream file(path, std::ios::binary);
  ULS_CHECK(file, "{}: cannot be opened for writing", path);
  file << text;
  file.close();
  ULS_CHECK(file, "{}: cannot be written in full; is the disk full?", path);
}

}  // namespace uls
