// SPDX-License-Identifier: Apache-2.0
// One typed table drives everything that a config is: a row gives a field's name, type, default, range and
// meaning, and from it come reading with nearest-name errors, `key=value` overrides, the resolved dump, help
// lines and `config explain KEY`.
//
//   struct Optimizer { double lr = 1e-3; std::string kind = "adam"; };
//   FieldTable<Optimizer> table("optimizer");
//   table.add("lr", &Optimizer::lr, "peak learning rate").range(0, 10);
//   table.add("kind", &Optimizer::kind, "update rule").choices({"adam", "sgd"});
//   whole.section("optimizer", &Whole::optimizer, table);    // its keys become optimizer.lr, optimizer.kind
//   whole.load(config, read_yaml("configs/a.yaml"));
//   whole.set(config, "optimizer.lr=1e-4");
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/config/config_node.h"
#include "core/json/json.h"

namespace uls {

/// The types that a field may have.
using FieldPointer = std::variant<bool*, std::int64_t*, double*, std::string*, std::vector<std::int64_t>*,
                                  std::vector<double>*, std::vector<std::string>*>;

/// One row.
struct Field {
  std::string name;  ///< with its sections: "optimizer.lr"
  std::string meaning;
  std::function<FieldPointer(void* object)> locate;
  double least = -std::numeric_limits<double>::infinity();  ///< of the number, or of each in a list
  double most = std::numeric_limits<double>::infinity();
  std::vector<std::string> words{};  ///< the choices of a string, or of each in a list; none: any
  std::string variable{};            ///< the environment variable that sets it, or ""
  bool in_bytes = false;             ///< the whole number may carry a unit: "4GiB"

  Field& range(double from, double to);
  Field& choices(std::initializer_list<const char*> allowed);
  Field& environment(const char* name);
  Field& bytes();
};

/// The table without its struct's type: what commands that explain and list need.
class Schema {
 public:
  const std::string& name() const { return name_; }
  const std::vector<Field>& fields() const { return fields_; }

  /// The default as it would be written in a config: "0.001", "[1, 2]", "adam".
  std::string default_text(const Field& field) const;

  /// "lr=0.001  peak learning rate (number from 0 to 10)", one a field, aligned.
  std::vector<std::string> help_lines() const;

  /// Lines on a field (its name or its environment variable), or on every field of a section; "" for an
  /// unknown key.
  std::string explain(std::string_view key) const;

 protected:
  Schema(std::string name, std::shared_ptr<void> defaults)
      : name_(std::move(name)), defaults_(std::move(defaults)) {}
  ~Schema() = default;

  Field& append(Field field);
  void load(void* object, const ConfigNode& root) const;
  void set(void* object, const std::string& assignment) const;
  void load_environment(void* object) const;
  Json to_json(const void* object) const;

 private:
  void load_section(void* object, const ConfigNode& node, const std::string& prefix) const;
  const Field* find(std::string_view name) const;
  std::vector<std::string> names_in(const std::string& section) const;
  [[noreturn]] void fail_unknown(const std::string& where, const std::string& key) const;

  std::string name_;
  std::shared_ptr<void> defaults_;
  std::vector<Field> fields_;
};

/// The table of a plain struct T, whose member initialisers are the defaults.
template <typename T>
class FieldTable : public Schema {
 public:
  explicit FieldTable(std::string name) : Schema(std::move(name), std::make_shared<T>()) {}

  /// Adds a row; M is one of FieldPointer's types. The row may then be given limits.
  template <typename M>
  Field& add(const char* name, M T::*member, const char* meaning) {
    return append({.name = name, .meaning = meaning, .locate = [member](void* object) -> FieldPointer {
                     return &(static_cast<T*>(object)->*member);
                   }});
  }

  /// Adds the rows of another table for a member of its type, under `name`; among this table's own where the
  /// name is "".
  template <typename S>
  void section(const std::string& name, S T::*member, const FieldTable<S>& table) {
    for (Field field : table.fields()) {
      if (!name.empty()) field.name = name + "." + field.name;
      field.locate = [member, inner = std::move(field.locate)](void* object) {
        return inner(&(static_cast<T*>(object)->*member));
      };
      append(std::move(field));
    }
  }

  /// Takes over what the config says; the other fields keep their values. Raises Error with file and line.
  void load(T& object, const ConfigNode& root) const { Schema::load(&object, root); }

  /// Takes over "section.key=value"; lists as "1,2,3" or "[1, 2, 3]". Raises Error.
  void set(T& object, const std::string& assignment) const { Schema::set(&object, assignment); }

  /// Takes over the environment variables of the table that are set and not empty. Raises Error.
  void load_environment(T& object) const { Schema::load_environment(&object); }

  /// Every field with its value, sections as objects; load() reads it back. As text: uls::to_yaml of it.
  Json to_json(const T& object) const { return Schema::to_json(&object); }
};

}  // namespace uls
