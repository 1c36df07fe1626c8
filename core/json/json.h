// SPDX-License-Identifier: Apache-2.0
// JSON values: read, written and asked with checks. The library behind it is included by json.cpp alone.
//
// Whole numbers stay int64 (one that does not fit is an error, never a rounded double), members keep their
// order, and a value that was parsed knows its file and line, so that errors name the place:
// "instances.json:12: missing key 'width'".
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace uls {

struct JsonMember;

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<JsonMember>;

  Json();  ///< null
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();
  Json(double value);
  Json(std::string value);
  Json(const char* value);
  template <std::same_as<bool> T>
  Json(T value) : Json(Truth{value}) {}
  /// Unsigned 64-bit numbers do not compile: they may not fit.
  template <std::integral T>
  requires(!std::same_as<T, bool> && (std::signed_integral<T> || sizeof(T) < sizeof(std::int64_t)))
      Json(T value)
      : Json(Whole{value}) {}

  static Json array(std::initializer_list<Json> items = {});
  static Json object(std::initializer_list<JsonMember> members = {});

  /// Reads one JSON text. `where` names it in errors: "where:line:column: ...". Raises Error for anything
  /// but UTF-8 JSON, for repeated keys, for numbers out of range and for nesting deeper than 200 levels.
  /// `first_line` is the number of the text's first line in the file that it was cut from.
  static Json parse(std::string_view text, const std::string& where, std::int64_t first_line = 1);

  /// One line, or lines indented by `indent` spaces a level. Raises Error for NaN and infinity, which JSON
  /// cannot hold, and for strings that are not UTF-8.
  std::string dump(int indent = -1) const;

  bool is_null() const;
  bool is_bool() const;
  bool is_int64() const;
  bool is_number() const;  ///< whole or not
  bool is_string() const;
  bool is_array() const;
  bool is_object() const;

  // Each raises Error where the value is of another kind; as_double takes whole numbers too.
  bool as_bool() const;
  std::int64_t as_int64() const;
  double as_double() const;
  const std::string& as_string() const;
  const Array& items() const;     ///< of an array
  const Object& members() const;  ///< of an object, in the order of the text

  /// Number of items or members; raises Error for other kinds.
  std::int64_t size() const;
  /// Item of an array; an index out of range raises Error.
  const Json& operator[](std::int64_t index) const;
  /// Member of an object; a missing one raises Error.
  const Json& at(std::string_view key) const;
  /// Member of an object, or nullptr.
  const Json* find(std::string_view key) const;

  /// Adds a member to an object or replaces the one of this name. Searches all: not for large dictionaries.
  Json& set(std::string key, Json value);
  Json& push_back(Json item);

  /// "file:line" of a parsed value, "json" of a built one.
  std::string where() const;
  const std::shared_ptr<const std::string>& file() const { return file_; }  ///< null for a built value
  std::int64_t line() const { return line_; }

  /// Equal kind and content, wherever it was read; 1 and 1.0 differ, and so does the order of members.
  friend bool operator==(const Json& a, const Json& b) { return a.equals(b); }

 private:
  friend class JsonReader;
  struct Truth {
    bool value;
  };
  struct Whole {
    std::int64_t value;
  };
  explicit Json(Truth truth);
  explicit Json(Whole whole);
  bool equals(const Json& other) const;
  template <typename T>
  const T& get(const char* expected) const;

  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
  std::shared_ptr<const std::string> file_;
  std::int64_t line_ = 0;
};

struct JsonMember {
  std::string key;
  Json value;
  friend bool operator==(const JsonMember&, const JsonMember&) = default;
};

/// The file's JSON; Error names the path, the line and the column.
Json read_json_file(const std::string& path);

/// Writes `value` indented by two, with a line end. Raises Error where the file cannot be written in full.
void write_json_file(const std::string& path, const Json& value);

}  // namespace uls
