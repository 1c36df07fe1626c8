// SPDX-License-Identifier: Apache-2.0
#include "core/io/pytorch_storage.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "core/base/error.h"
#include "core/io/foreign_text.h"
#include "core/io/tensor_bytes.h"

namespace uls {
namespace {

// Files of GPU tensors once named their types "torch.cuda.FloatStorage".
const ElementType& storage_type(std::string_view name) {
  const auto found = std::ranges::find_if(kElementTypes, [&](const ElementType& type) {
    return *type.storage && (name == std::string("torch.") + type.storage ||
                             name == std::string("torch.cuda.") + type.storage);
  });
  ULS_CHECK(found != kElementTypes.end(), "storage: unknown type; got {}; expected one of PyTorch's",
            shown(name));
  return *found;
}

}  // namespace

const std::shared_ptr<Storage>& StoredBlock::storage() {
  std::call_once(loaded_, [this] {
    const HeldBytes bytes = load();
    if (type.dtype == DType::boolean) check_truth_values(bytes.data, bytes.size);
    if (reinterpret_cast<std::uintptr_t>(bytes.data) % std::uintptr_t(type.bytes) == 0) {
      storage_ = std::make_shared<Storage>(bytes.data, bytes.size, bytes.owner);
    } else {
      storage_ = std::make_shared<Storage>(bytes.size, kCpu);
      if (bytes.size > 0) std::memcpy(storage_->data(), bytes.data, std::size_t(bytes.size));
    }
  });
  return storage_;
}

// ('storage', type, key, location, elements), in legacy files with None or (key of the view, offset,
// elements) behind.
StorageView StorageTable::view(const PickleValue& persistent) {
  const auto parts = persistent.identity().items();
  ULS_CHECK(parts.size() >= 5 && parts[0]->as_text() == "storage",
            "storage: unknown reference; got {} parts; expected ('storage', type, key, place, elements)",
            parts.size());
  const ElementType& type = storage_type(parts[1]->as_global());
  const std::string key(parts[2]->as_text());
  const std::int64_t elements = parts[4]->as_int64();
  ULS_CHECK(elements >= 0 && elements <= std::numeric_limits<std::int64_t>::max() / type.bytes,
            "storage {}: impossible size; got {} elements; expected 0 or more", shown(key), elements);
  auto& block = blocks_[key];
  if (!block) block = std::make_shared<StoredBlock>(type, elements);
  ULS_CHECK(&block->type == &type && block->elements == elements,
            "storage {}: mentions differ; got {} of {}; expected {} of {}", shown(key), elements, type.name,
            block->elements, block->type.name);
  StorageView view{block, 0, elements};
  if (parts.size() > 5 && !parts[5]->is(PickleValue::Kind::none)) {
    const auto window = parts[5]->items();
    ULS_CHECK(window.size() == 3, "storage {}: view of {} parts; got others; expected key, offset, elements",
              shown(key), window.size());
    view.offset = window[1]->as_int64();
    view.elements = window[2]->as_int64();
    ULS_CHECK(view.offset >= 0 && view.elements >= 0 && view.offset <= elements - view.elements,
              "storage {}: view outside; got {} elements from {}; expected at most {}", shown(key),
              view.elements, view.offset, elements);
  }
  return view;
}

}  // namespace uls
