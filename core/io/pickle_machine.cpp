// SPDX-License-Identifier: Apache-2.0
// The stack machine behind Pickle::read. The opcodes and what they do are those of Python's pickletools.
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <optional>

#include "core/base/error.h"
#include "core/config/text_value.h"
#include "core/io/byte_reader.h"
#include "core/io/foreign_text.h"
#include "core/io/pickle.h"
#include "core/io/pickle_text.h"

namespace uls {

class PickleMachine {
 public:
  PickleMachine(std::string_view bytes, const std::vector<std::string>& allowed)
      : input_(bytes), bytes_(bytes.size()), allowed_(allowed) {}

  Pickle run();

 private:
  using Kind = PickleValue::Kind;
  using Items = PickleValue::Items;
  using Members = PickleValue::Members;

  // One opcode; each hands over to the next what it does not know.
  void step(unsigned char opcode);
  void step_text(unsigned char opcode);
  void step_container(unsigned char opcode);
  void step_memo(unsigned char opcode);
  void step_call(unsigned char opcode);

  template <typename T>
  PickleValue* add(Kind kind, T content);
  template <typename T>
  void push(Kind kind, T content) {
    stack_.push_back(add(kind, std::move(content)));
  }
  void push_integer(std::string_view decimal);
  void push_long(std::string_view bytes);
  void push_text(std::string_view text);
  void push_python2(std::string_view text);
  void push_bytes(std::string_view bytes) { push(Kind::bytes, bytes); }
  void push_tuple(Items items);
  void push_global(std::string_view module, std::string_view name);

  std::string_view own(std::string text) { return result_.texts_.emplace_back(std::move(text)); }
  std::size_t height() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }
  PickleValue* top();
  PickleValue* pop();
  Items pop_items(std::size_t count);
  Items pop_to_mark();
  void put(std::uint64_t index);
  void get(std::uint64_t index);
  std::uint64_t index_of(std::string_view decimal);

  void extend(Kind kind, const Items& items);
  void set_members(const Items& items);
  void reduce(PickleValue* callable, PickleValue* arguments);
  bool reduce_known(std::string_view name, const Items& arguments);
  void fill_dict(const PickleValue& from);
  void build(PickleValue* state);
  void spend(std::size_t count);

  ByteReader input_;
  const std::size_t bytes_;
  const std::vector<std::string>& allowed_;
  Pickle result_;
  std::vector<PickleValue*> stack_, memo_;
  std::vector<std::size_t> marks_;  // heights of the stack
  std::size_t spent_ = 0;
  PickleValue* none_ = add(Kind::none, std::monostate());
  std::array<PickleValue*, 2> truth_{add(Kind::boolean, false), add(Kind::boolean, true)};
  PickleValue* empty_tuple_ = add(Kind::tuple, Items());
};

namespace {

constexpr unsigned char kStop = '.';

// Containers of Python that protocols below 4 write as calls; reduce_known makes values of them.
constexpr std::array<std::string_view, 7> kKnown{
    "collections.OrderedDict", "collections.Counter", "builtins.set",  "builtins.frozenset",
    "builtins.bytes",          "builtins.bytearray",  "_codecs.encode"};

template <typename T>
T parsed(std::string_view text, const char* expected) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  ULS_CHECK(error == std::errc() && stop == end, "number: cannot be read; got {}; expected {}", shown(text),
            expected);
  return value;
}

}  // namespace

Pickle PickleMachine::run() {
  std::size_t at = 0;
  try {
    for (unsigned char opcode = 0; opcode != kStop;) {
      at = input_.position();
      opcode = input_.number<unsigned char>();
      if (opcode != kStop) step(opcode);
    }
    ULS_CHECK(marks_.empty() && stack_.size() == 1, "the end leaves {} values; got STOP; expected one value",
              stack_.size());
  } catch (const Error& error) {
    fail("byte {}: {}", at, error.what());
  }
  result_.root_ = stack_[0];
  result_.size_ = std::int64_t(input_.position());
  return std::move(result_);
}

void PickleMachine::step(unsigned char opcode) {
  switch (opcode) {
    case 'N':  // NONE
      return stack_.push_back(none_);
    case 0x88:  // NEWTRUE
    case 0x89:  // NEWFALSE
      return stack_.push_back(truth_[opcode == 0x88]);
    case 'K':  // BININT1
      return push(Kind::integer, std::int64_t(input_.number<std::uint8_t>()));
    case 'M':  // BININT2
      return push(Kind::integer, std::int64_t(input_.number<std::uint16_t>()));
    case 'J':  // BININT
      return push(Kind::integer, std::int64_t(input_.number<std::int32_t>()));
    case 0x8a:  // LONG1
      return push_long(input_.take(input_.number<std::uint8_t>()));
    case 0x8b:  // LONG4
      return push_long(input_.take(input_.number<std::uint32_t>()));
    case 'I':  // INT
      return push_integer(input_.line());
    case 'L': {  // LONG
      const std::string_view decimal = input_.line();
      return push_integer(decimal.substr(0, decimal.size() - (decimal.ends_with('L') ? 1 : 0)));
    }
    case 'F':  // FLOAT
      return push(Kind::floating, parsed<double>(input_.line(), "a number"));
    case 'G': {  // BINFLOAT: most significant byte first
      std::uint64_t bits = 0;
      for (const char byte : input_.take(8)) bits = bits << 8 | static_cast<unsigned char>(byte);
      return push(Kind::floating, std::bit_cast<double>(bits));
    }
    default:
      return step_text(opcode);
  }
}

void PickleMachine::step_text(unsigned char opcode) {
  switch (opcode) {
    case 'X':  // BINUNICODE
      return push_text(input_.take(input_.number<std::uint32_t>()));
    case 0x8c:  // SHORT_BINUNICODE
      return push_text(input_.take(input_.number<std::uint8_t>()));
    case 0x8d:  // BINUNICODE8
      return push_text(input_.take(input_.number<std::uint64_t>()));
    case 'V':  // UNICODE
      return push_text(own(unescaped_text(input_.line())));
    case 'S':  // STRING
      return push_python2(own(unquoted_bytes(input_.line())));
    case 'T':  // BINSTRING
      return push_python2(input_.take(input_.number<std::uint32_t>()));
    case 'U':  // SHORT_BINSTRING
      return push_python2(input_.take(input_.number<std::uint8_t>()));
    case 'B':  // BINBYTES
      return push_bytes(input_.take(input_.number<std::uint32_t>()));
    case 'C':  // SHORT_BINBYTES
      return push_bytes(input_.take(input_.number<std::uint8_t>()));
    case 0x8e:  // BINBYTES8
    case 0x96:  // BYTEARRAY8
      return push_bytes(input_.take(input_.number<std::uint64_t>()));
    default:
      return step_container(opcode);
  }
}

void PickleMachine::step_container(unsigned char opcode) {
  switch (opcode) {
    case '(':  // MARK
      return marks_.push_back(stack_.size());
    case ')':  // EMPTY_TUPLE
      return push_tuple({});
    case 't':  // TUPLE
      return push_tuple(pop_to_mark());
    case 0x85:  // TUPLE1
    case 0x86:  // TUPLE2
    case 0x87:  // TUPLE3
      return push_tuple(pop_items(opcode - 0x84u));
    case ']':  // EMPTY_LIST
      return push(Kind::list, Items());
    case 'l':  // LIST
      return push(Kind::list, pop_to_mark());
    case 'a':  // APPEND
      return extend(Kind::list, pop_items(1));
    case 'e':  // APPENDS
      return extend(Kind::list, pop_to_mark());
    case '}':  // EMPTY_DICT
      return push(Kind::dict, Members());
    case 'd': {  // DICT
      const Items items = pop_to_mark();
      push(Kind::dict, Members());
      return set_members(items);
    }
    case 's':  // SETITEM
      return set_members(pop_items(2));
    case 'u':  // SETITEMS
      return set_members(pop_to_mark());
    case 0x8f:  // EMPTY_SET
      return push(Kind::set, Items());
    case 0x90:  // ADDITEMS
      return extend(Kind::set, pop_to_mark());
    case 0x91:  // FROZENSET
      return push(Kind::set, pop_to_mark());
    case '0':  // POP
      return height() == 0 && !marks_.empty() ? void(pop_to_mark()) : void(pop());
    case '1':  // POP_MARK
      pop_to_mark();
      return;
    case '2':  // DUP
      return stack_.push_back(top());
    default:
      return step_memo(opcode);
  }
}

void PickleMachine::step_memo(unsigned char opcode) {
  switch (opcode) {
    case 0x94:  // MEMOIZE
      return put(memo_.size());
    case 'q':  // BINPUT
      return put(input_.number<std::uint8_t>());
    case 'r':  // LONG_BINPUT
      return put(input_.number<std::uint32_t>());
    case 'p':  // PUT
      return put(index_of(input_.line()));
    case 'h':  // BINGET
      return get(input_.number<std::uint8_t>());
    case 'j':  // LONG_BINGET
      return get(input_.number<std::uint32_t>());
    case 'g':  // GET
      return get(index_of(input_.line()));
    default:
      return step_call(opcode);
  }
}

void PickleMachine::step_call(unsigned char opcode) {
  constexpr int kNewestProtocol = 5;
  switch (opcode) {
    case 0x80: {  // PROTO
      const int protocol = input_.number<unsigned char>();
      ULS_CHECK(protocol <= kNewestProtocol, "protocol too new; got {}; expected at most {}", protocol,
                kNewestProtocol);
      return;
    }
    case 0x95: {  // FRAME
      const auto length = input_.number<std::uint64_t>();
      ULS_CHECK(length <= input_.left(), "cut off; got {} more bytes; expected {}", input_.left(), length);
      return;
    }
    case 'c': {  // GLOBAL
      const std::string_view module = input_.line();
      return push_global(module, input_.line());
    }
    case 0x93: {  // STACK_GLOBAL
      const std::string_view name = pop()->as_text();
      return push_global(pop()->as_text(), name);
    }
    case 'i': {  // INST
      const std::string_view module = input_.line();
      push_global(module, input_.line());
      PickleValue* const callable = pop();
      push_tuple(pop_to_mark());
      return reduce(callable, pop());
    }
    case 'o': {  // OBJ
      ULS_CHECK(!marks_.empty() && height() > 0,
                "object without a class; got OBJ; expected a mark and a class");
      PickleValue* const callable = stack_[marks_.back()];
      const Items items = pop_to_mark();
      push_tuple({items.begin() + 1, items.end()});
      return reduce(callable, pop());
    }
    case 'R':     // REDUCE
    case 0x81: {  // NEWOBJ
      PickleValue* const arguments = pop();
      return reduce(pop(), arguments);
    }
    case 0x92: {  // NEWOBJ_EX
      ULS_CHECK(pop()->members().empty(), "named arguments; got some; expected none");
      PickleValue* const arguments = pop();
      return reduce(pop(), arguments);
    }
    case 'b':  // BUILD
      return build(pop());
    case 'P':  // PERSID
      push_text(input_.line());
      return push(Kind::persistent, Items{pop()});
    case 'Q':  // BINPERSID
      return push(Kind::persistent, Items{pop()});
    default:
      fail("unknown opcode; got {:#04x}; expected one of protocols 0 to {}", opcode, kNewestProtocol);
  }
}

template <typename T>
PickleValue* PickleMachine::add(Kind kind, T content) {
  constexpr std::size_t kMost = std::size_t(1) << 26;
  ULS_CHECK(result_.values_.size() < kMost, "too many values; got more than {}; expected fewer", kMost);
  PickleValue& value = result_.values_.emplace_back();
  value.kind_ = kind;
  value.content_ = std::move(content);
  return &value;
}

void PickleMachine::push_integer(std::string_view decimal) {
  // Protocols 0 and 1 write truth values so.
  if (decimal == "00" || decimal == "01")
    stack_.push_back(truth_[decimal == "01"]);
  else
    push(Kind::integer, parsed<std::int64_t>(decimal, "a whole number within 64 bits"));
}

void PickleMachine::push_long(std::string_view bytes) {
  constexpr std::size_t kFits = sizeof(std::int64_t);
  const char sign = !bytes.empty() && (bytes.back() & 0x80) ? '\xff' : '\0';
  if (bytes.size() > kFits) return push(Kind::large_integer, bytes);
  std::array<char, kFits> extended;
  std::fill(std::copy(bytes.begin(), bytes.end(), extended.begin()), extended.end(), sign);
  push(Kind::integer, std::bit_cast<std::int64_t>(extended));
}

void PickleMachine::push_text(std::string_view text) {
  ULS_CHECK(is_utf8(text), "text: not UTF-8; got {}; expected characters", shown(text));
  push(Kind::text, text);
}

void PickleMachine::push_python2(std::string_view text) {
  push(is_utf8(text) ? Kind::text : Kind::bytes, text);
}

void PickleMachine::push_tuple(Items items) {
  if (items.empty())
    stack_.push_back(empty_tuple_);
  else
    push(Kind::tuple, std::move(items));
}

void PickleMachine::push_global(std::string_view module, std::string_view name) {
  if (module == "__builtin__") module = "builtins";  // Python 2
  const std::string_view full = own(fmt::format("{}.{}", module, name));
  const bool known = std::ranges::any_of(allowed_, [&](std::string_view one) {
    return one.ends_with('*') ? full.starts_with(one.substr(0, one.size() - 1)) : full == one;
  });
  ULS_CHECK(known || std::ranges::find(kKnown, full) != kKnown.end(),
            "the file wants to run {}; refused; expected nothing but data", printable(full));
  push(Kind::global, full);
}

PickleValue* PickleMachine::top() {
  ULS_CHECK(height() > 0, "nothing on the stack; got 0 values; expected one");
  return stack_.back();
}

PickleValue* PickleMachine::pop() {
  PickleValue* const value = top();
  stack_.pop_back();
  return value;
}

PickleValue::Items PickleMachine::pop_items(std::size_t count) {
  ULS_CHECK(count <= height(), "too few values on the stack; got {}; expected {}", height(), count);
  const auto first = stack_.end() - std::ptrdiff_t(count);
  Items items(first, stack_.end());
  stack_.erase(first, stack_.end());
  return items;
}

PickleValue::Items PickleMachine::pop_to_mark() {
  ULS_CHECK(!marks_.empty(), "no mark on the stack; got none; expected one");
  Items items = pop_items(height());
  marks_.pop_back();
  return items;
}

std::uint64_t PickleMachine::index_of(std::string_view decimal) {
  return parsed<std::uint64_t>(decimal, "a place of the memo");
}

void PickleMachine::put(std::uint64_t index) {
  ULS_CHECK(index < bytes_, "memo: place out of range; got {}; expected less than the {} bytes", index,
            bytes_);
  if (index >= memo_.size()) memo_.resize(std::size_t(index) + 1);
  memo_[std::size_t(index)] = top();
}

void PickleMachine::get(std::uint64_t index) {
  ULS_CHECK(index < memo_.size() && memo_[std::size_t(index)],
            "memo: nothing there; got place {}; expected one used", index);
  stack_.push_back(memo_[std::size_t(index)]);
}

void PickleMachine::extend(Kind kind, const Items& items) {
  PickleValue* const target = top();
  ULS_CHECK(target->is(kind), "items for what takes none; got {}; expected {}", to_string(target->kind()),
            to_string(kind));
  Items& list = std::get<Items>(target->content_);
  list.insert(list.end(), items.begin(), items.end());
}

void PickleMachine::set_members(const Items& items) {
  PickleValue* const target = top();
  ULS_CHECK(target->is(Kind::dict), "set items: no dict; got {}; expected a dict", to_string(target->kind()));
  ULS_CHECK(items.size() % 2 == 0, "set items: a key without a value; got {} values; expected pairs",
            items.size());
  Members& members = std::get<Members>(target->content_);
  for (std::size_t i = 0; i < items.size(); i += 2) members.push_back({items[i], items[i + 1]});
}

void PickleMachine::build(PickleValue* state) {
  PickleValue* const target = top();
  // Attributes of an OrderedDict are not among its members.
  if (target->is(Kind::dict)) return;
  ULS_CHECK(target->is(Kind::object), "state for what has none; got {}; expected an object",
            to_string(target->kind()));
  Items& parts = std::get<Items>(target->content_);
  parts.resize(2);
  parts.push_back(state);
}

void PickleMachine::reduce(PickleValue* callable, PickleValue* arguments) {
  const std::string_view name = callable->as_global();
  ULS_CHECK(arguments->is(Kind::tuple), "arguments: no tuple; got {}; expected a tuple",
            to_string(arguments->kind()));
  if (!reduce_known(name, std::get<Items>(arguments->content_)))
    push(Kind::object, Items{callable, arguments});
}

bool PickleMachine::reduce_known(std::string_view name, const Items& arguments) {
  if (std::ranges::find(kKnown, name) == kKnown.end()) return false;
  if (name.starts_with("collections.")) {
    push(Kind::dict, Members());
    if (!arguments.empty()) fill_dict(*arguments[0]);
  } else if (name.ends_with("set")) {
    push(Kind::set, Items());
    if (arguments.empty()) return true;
    const auto items = arguments[0]->items();
    spend(items.size());
    extend(Kind::set, Items(items.begin(), items.end()));
  } else if (arguments.size() == 2) {
    const std::string_view text = arguments[0]->as_text(), encoding = arguments[1]->as_text();
    ULS_CHECK(encoding == "latin1" || encoding == "latin-1",
              "bytes: unknown encoding; got {}; expected latin1", shown(encoding));
    spend(text.size());
    push_bytes(own(latin1_bytes(text)));
  } else {
    push_bytes(arguments.empty() ? std::string_view() : arguments[0]->as_bytes());
  }
  return true;
}

// The members of a dict, or the pairs of a list, into the dict on the stack.
void PickleMachine::fill_dict(const PickleValue& from) {
  if (from.is(Kind::dict)) {
    spend(from.members().size());
    for (const auto& [key, value] : from.members()) set_members({key, value});
    return;
  }
  spend(from.items().size());
  for (const PickleValue* pair : from.items()) {
    const auto parts = pair->items();
    ULS_CHECK(parts.size() == 2, "dict: an item that is no pair; got {} values; expected 2", parts.size());
    set_members({parts[0], parts[1]});
  }
}

// What a known call copies: in sum no more than the pickle's own length, however often it refers to one large
// value.
void PickleMachine::spend(std::size_t count) {
  spent_ += count;
  ULS_CHECK(spent_ <= bytes_, "copies grow beyond the pickle; got {}; expected at most {}", spent_, bytes_);
}

Pickle Pickle::read(std::string_view bytes, const std::vector<std::string>& allowed) {
  return PickleMachine(bytes, allowed).run();
}

}  // namespace uls
