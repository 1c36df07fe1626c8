// SPDX-License-Identifier: Apache-2.0
#include "core/io/pytorch_tree.h"
#include "core/io/at_place.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/io/foreign_text.h"
#include "core/io/growth.h"

namespace uls {
namespace {

using Kind = PickleValue::Kind;
using Values = std::span<const PickleValue* const>;

constexpr int kMostDepth = 64;
constexpr std::size_t kLongestName = 1024;

// A value as one short line.
void append_text(std::string& text, const PickleValue& value, int depth) {
  constexpr std::size_t kLongest = 60;
  const auto nested = [&](const PickleValue& inner) {
    if (depth < 4 && text.size() < kLongest)
      append_text(text, inner, depth + 1);
    else if (!text.ends_with("..."))
      text += "...";
  };
  const auto all = [&](const auto& parts, const char* open, const char* close, const auto& one) {
    text += open;
    for (std::size_t i = 0; i < parts.size() && !text.ends_with("..."); ++i) {
      if (i > 0) text += ", ";
      one(parts[i]);
    }
    text += close;
  };
  const auto items = [&](const char* open, const char* close) {
    all(value.items(), open, close, [&](const PickleValue* item) { nested(*item); });
  };
  switch (value.kind()) {
    case Kind::none:
      text += "None";
      return;
    case Kind::boolean:
      text += value.as_bool() ? "True" : "False";
      return;
    case Kind::integer:
      text += std::to_string(value.as_int64());
      return;
    case Kind::floating:
      text += fmt::format("{}", value.as_double());
      return;
    case Kind::text:
      text += shown(value.as_text());
      return;
    case Kind::large_integer:
    case Kind::bytes:
      text += fmt::format("{} bytes", value.as_bytes().size());
      return;
    case Kind::global:
      text += printable(value.as_global());
      return;
    case Kind::tuple:
      return items("(", ")");
    case Kind::list:
      return items("[", "]");
    case Kind::set:
      return items("{", "}");
    case Kind::dict:
      return all(value.members(), "{", "}", [&](const PickleValue::Member& member) {
        nested(*member.key);
        text += ": ";
        nested(*member.value);
      });
    case Kind::object:
      text += printable(value.callable().as_global());
      return nested(value.arguments());
    case Kind::persistent:
      text += "a storage";
  }
}

std::string text_of(const PickleValue& value) {
  std::string text;
  append_text(text, value, 0);
  return text;
}

bool is_container(const PickleValue& value) {
  const Kind kind = value.kind();
  return kind == Kind::tuple || kind == Kind::list || kind == Kind::dict || kind == Kind::object;
}

const PickleValue& argument(Values arguments, std::size_t i) {
  ULS_CHECK(i < arguments.size(), "too few arguments; got {}; expected more", arguments.size());
  return *arguments[i];
}

// Takes off what wraps a value without changing it: parameters, and the type annotations of TorchScript.
const PickleValue& unwrapped(const PickleValue& value) {
  if (!value.is(Kind::object)) return value;
  const std::string_view name = value.callable().as_global();
  const bool is_wrapper =
      name.starts_with("torch._utils._rebuild_parameter") || name.starts_with("torch.jit._pickle.");
  return is_wrapper ? argument(value.arguments().items(), 0) : value;
}

// A call that builds a tensor; an empty name where the value is none.
struct TensorCall {
  std::string_view name;
  Values arguments;
};

TensorCall tensor_call(const PickleValue& value) {
  if (!value.is(Kind::object)) return {};
  TensorCall call{value.callable().as_global(), value.arguments().items()};
  // Subclasses of Tensor, and tensors with attributes: (function, class, arguments, attributes).
  if (call.name == "torch._tensor._rebuild_from_type_v2")
    call = {argument(call.arguments, 0).as_global(), argument(call.arguments, 2).items()};
  return call.name.starts_with("torch._utils._rebuild_tensor") ? call : TensorCall{};
}

// A view of `elements` elements. Where the tensor is empty, strides and offset have no say and become plain.
struct Geometry {
  Shape shape;
  Strides strides;
  std::int64_t offset, numel = 1;

  Geometry(std::int64_t elements, const PickleValue& first, const PickleValue& sizes,
           const PickleValue& steps)
      : offset(first.as_int64()) {
    const auto shape_items = sizes.items(), stride_items = steps.items();
    ULS_CHECK(shape_items.size() <= kMaxRank && shape_items.size() == stride_items.size(),
              "wrong number of dimensions; got {} sizes and {} strides; expected equal numbers up to {}",
              shape_items.size(), stride_items.size(), kMaxRank);
    bool inside = offset >= 0;
    std::int64_t last = offset;
    for (std::size_t i = 0; i < shape_items.size(); ++i) {
      const std::int64_t size = shape_items[i]->as_int64(), stride = stride_items[i]->as_int64();
      ULS_CHECK(size >= 0 && stride >= 0, "negative size or stride; got {} and {}; expected at least 0", size,
                stride);
      std::int64_t reach = 0;
      inside &= !__builtin_mul_overflow(std::max<std::int64_t>(size, 1) - 1, stride, &reach) &&
                !__builtin_add_overflow(last, reach, &last);
      shape.push_back(size);
      strides.push_back(stride);
    }
    numel = count_elements(shape);
    if (numel == 0) {
      strides = contiguous_strides(shape);
      offset = 0;
      return;
    }
    ULS_CHECK(inside && last < elements,
              "reaches outside of its storage; got shape {} with strides {} from {}; expected less than {} "
              "elements",
              to_string(shape), to_string(strides), offset, elements);
  }
};

class TreeBuilder {
 public:
  TreeBuilder(const Pickle& pickle, StorageTable& storages, const std::string& path, std::int64_t file_bytes)
      : storages_(storages),
        path_(path),
        most_visits_(16 * pickle.values() + 1000),
        growth_("the tensors", file_bytes) {}

  WeightsNode build(const PickleValue& wrapped, const std::string& key, const std::string& name, int depth) {
    // A file can hold one list many times, or inside of itself.
    ULS_CHECK(depth < kMostDepth && ++visits_ <= most_visits_,
              "values nested too deeply or too often; got more than {} levels or {} values; expected fewer",
              kMostDepth, most_visits_);
    const PickleValue& value = unwrapped(wrapped);
    WeightsNode node{key, nullptr, {}, {}};
    if (const TensorCall call = tensor_call(value); !call.name.empty()) {
      const std::string full = name.empty() ? node.key = "tensor" : name;
      node.tensor = at_place("tensor " + shown(full), [&] { return tensor(call, full); });
      return node;
    }
    add_children(node, value, name, depth);
    const bool has_tensor = std::ranges::any_of(
        node.children, [](const WeightsNode& child) { return child.tensor || !child.children.empty(); });
    if (!has_tensor) {
      node.children.clear();
      node.plain = text_of(value);
    }
    return node;
  }

 private:
  void add_children(WeightsNode& node, const PickleValue& value, const std::string& name, int depth) {
    // A module of TorchScript: its parts are its state, beside flags that every module has.
    const bool is_module = value.is(Kind::object);
    const PickleValue* const container = is_module ? value.state() : &value;
    if (!container) return;
    const auto is_flag = [&](std::string_view key) {
      return is_module && (key == "training" || key == "_is_full_backward_hook");
    };
    const auto add = [&](const std::string& key, const PickleValue& part) {
      ULS_CHECK(name.size() + key.size() < kLongestName, "name too long; got {}; expected at most {} bytes",
                shown(key), kLongestName);
      const std::string full = name.empty() ? key : name + "." + key;
      node.children.push_back(build(part, key, full, depth + 1));
    };
    if (container->is(Kind::dict)) {
      const auto members = container->members();
      if (std::ranges::none_of(members, [](const auto& member) { return is_container(*member.value); }))
        return;
      for (const auto& [key, part] : members) {
        const std::string text = key->is(Kind::text) ? std::string(key->as_text()) : text_of(*key);
        if (!is_flag(text)) add(text, *part);
      }
    } else if (container->is(Kind::list) || container->is(Kind::tuple)) {
      const Values items = container->items();
      if (std::ranges::none_of(items, [](const auto* item) { return is_container(*item); })) return;
      for (std::size_t i = 0; i < items.size(); ++i) add(std::to_string(i), *items[i]);
    }
  }

  // _rebuild_tensor(storage, offset, sizes, strides), _v2(..., requires_grad, hooks, metadata),
  // _v3(..., requires_grad, hooks, dtype, metadata).
  std::shared_ptr<const StoredTensor> tensor(const TensorCall& call, const std::string& name) {
    const bool is_untyped = call.name.ends_with("_v3");
    const StorageView view = storages_.view(argument(call.arguments, 0));
    const ElementType& type = is_untyped ? untyped_element(argument(call.arguments, 6)) : view.block->type;
    const std::size_t metadata = is_untyped ? 7 : 6;
    ULS_CHECK(call.arguments.size() <= metadata || call.arguments[metadata]->is(Kind::none) ||
                  (call.arguments[metadata]->is(Kind::dict) && call.arguments[metadata]->members().empty()),
              "conjugated or negated view; got {}; expected plain values", text_of(*call.arguments.back()));
    const Geometry at(view.elements * view.block->type.bytes / type.bytes, argument(call.arguments, 1),
                      argument(call.arguments, 2), argument(call.arguments, 3));
    std::int64_t bytes = 0;
    ULS_CHECK(!__builtin_mul_overflow(at.numel, type.bytes, &bytes),
              "too large; got shape {}; expected less than 2^63 bytes", to_string(at.shape));
    growth_.add(bytes);
    ULS_CHECK(names_.insert(name).second, "a name twice; got it again; expected each once");
    return std::make_shared<const StoredTensor>(StoredTensor{
        type.name, at.shape, bytes,
        [path = path_, name, &type, block = view.block, at, offset = view.offset] {
          return at_place(fmt::format("read {}: tensor {}", path, shown(name)), [&] {
            ULS_CHECK(type.dtype, "element type not supported; got {}; expected float, integer or bool",
                      type.name);
            return Tensor(block->storage(), *type.dtype, at.shape, at.strides, at.offset + offset);
          });
        }});
  }

  static const ElementType& untyped_element(const PickleValue& dtype) {
    const std::string_view name = dtype.as_global();
    const auto found = std::ranges::find_if(kElementTypes, [&](const ElementType& type) {
      return !*type.storage && name == std::string("torch.") + type.name;
    });
    ULS_CHECK(found != kElementTypes.end(), "unknown element type; got {}; expected one of PyTorch's",
              shown(name));
    return *found;
  }

  StorageTable& storages_;
  const std::string& path_;
  const std::int64_t most_visits_;
  std::int64_t visits_ = 0;
  Growth growth_;
  std::set<std::string> names_;
};

}  // namespace

std::vector<std::string> pytorch_names(bool modules) {
  std::vector<std::string> names{"torch._utils._rebuild_tensor",
                                 "torch._utils._rebuild_tensor_v2",
                                 "torch._utils._rebuild_tensor_v3",
                                 "torch._utils._rebuild_parameter",
                                 "torch._utils._rebuild_parameter_with_state",
                                 "torch._tensor._rebuild_from_type_v2",
                                 "torch.Tensor",
                                 "torch.nn.parameter.Parameter",
                                 "torch.nn.parameter.Buffer",
                                 "torch.Size",
                                 "torch.device",
                                 "numpy.dtype",
                                 "numpy.core.multiarray.scalar",
                                 "numpy._core.multiarray.scalar"};
  for (const ElementType& type : kElementTypes) {
    names.push_back(std::string("torch.") + type.name);
    if (!*type.storage) continue;
    names.push_back(std::string("torch.") + type.storage);
    names.push_back(std::string("torch.cuda.") + type.storage);
  }
  if (modules) {
    names.push_back("__torch__.*");
    for (const char* name :
         {"restore_type_tag", "build_intlist", "build_doublelist", "build_boollist", "build_tensorlist"})
      names.push_back(std::string("torch.jit._pickle.") + name);
  }
  return names;
}

WeightsNode pytorch_tree(const Pickle& pickle, StorageTable& storages, const std::string& path,
                         std::int64_t file_bytes) {
  return TreeBuilder(pickle, storages, path, file_bytes).build(pickle.root(), "", "", 0);
}

}  // namespace uls
