// SPDX-License-Identifier: Apache-2.0
// Python's pickles, read as data.
//
// A pickle is a program for a small stack machine that may name any function of Python and have it called:
// whoever unpickles a file lets it do what it likes. Here nothing is ever called. The containers of Python's
// own library become values; a class or function that the caller allows becomes an `object` with its
// arguments, for the caller to make sense of; any other name is refused as soon as it appears.
//
// Protocols 0 to 5, without what needs a second party (extension codes, buffers outside of the pickle).
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace uls {

/// One value. Shared parts appear several times and a list may contain itself, as in Python: who walks down
/// needs a bound of its own.
class PickleValue {
 public:
  enum class Kind : unsigned char {
    none,
    boolean,
    integer,
    large_integer,  ///< beyond int64: bytes() are its two's complement, least byte first
    floating,
    text,   ///< UTF-8; the byte strings of Python 2 too where they are that
    bytes,  ///< also bytearray
    tuple,
    list,
    set,         ///< also frozenset
    dict,        ///< also OrderedDict and Counter
    global,      ///< a class or function by its name: "torch.FloatStorage"
    object,      ///< what an allowed class or function would give
    persistent,  ///< what lies outside of the pickle, by its identity
  };
  struct Member {
    const PickleValue* key;
    const PickleValue* value;
  };

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }

  // Each raises Error where the value is of another kind.
  bool as_bool() const;
  std::int64_t as_int64() const;
  double as_double() const;                           ///< of a floating or integer value
  std::string_view as_text() const;                   ///< of a text
  std::string_view as_bytes() const;                  ///< of bytes or a large integer
  std::string_view as_global() const;                 ///< the name
  std::span<const PickleValue* const> items() const;  ///< of a tuple, list or set
  std::span<const Member> members() const;  ///< of a dict, in its order; a key given twice stays twice

  const PickleValue& callable() const;   ///< of an object: the class or function, a `global`
  const PickleValue& arguments() const;  ///< of an object: a tuple
  const PickleValue* state() const;      ///< of an object: what __setstate__ would get, or nullptr
  const PickleValue& identity() const;   ///< of a persistent value

  /// Value of a dict's text key, the last of equal ones; nullptr where there is none.
  const PickleValue* find(std::string_view key) const;

 private:
  friend class PickleMachine;
  using Items = std::vector<const PickleValue*>;
  using Members = std::vector<Member>;
  template <typename T>
  const T& get(bool right, const char* expected) const;

  Kind kind_ = Kind::none;
  std::variant<std::monostate, bool, std::int64_t, double, std::string_view, Items, Members> content_;
};

/// "a list", for messages.
const char* to_string(PickleValue::Kind kind);

class Pickle {
 public:
  /// Reads the pickle at the start of `bytes`, which must outlive it (texts are views). `allowed` are names
  /// of classes and functions, such as "torch._utils._rebuild_tensor_v2"; one that ends in '*' stands for all
  /// that start so. Raises Error with the byte where the pickle is broken or names anything else. Takes
  /// memory in proportion to `bytes`, whatever they hold.
  static Pickle read(std::string_view bytes, const std::vector<std::string>& allowed);

  const PickleValue& root() const { return *root_; }
  /// Bytes up to its end; others may follow.
  std::int64_t size() const { return size_; }
  /// How many values there are, shared ones once.
  std::int64_t values() const { return std::int64_t(values_.size()); }

 private:
  friend class PickleMachine;
  std::deque<PickleValue> values_;
  std::deque<std::string> texts_;  // those that are not in `bytes` as they are
  const PickleValue* root_ = nullptr;
  std::int64_t size_ = 0;
};

}  // namespace uls
