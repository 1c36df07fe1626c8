// SPDX-License-Identifier: Apache-2.0
// The storages of a PyTorch file: runs of elements of one type, of which tensors are views.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/io/pickle.h"
#include "core/io/pytorch_types.h"
#include "core/io/zip.h"
#include "core/tensor/tensor.h"

namespace uls {

class StoredBlock {
 public:
  StoredBlock(const ElementType& type, std::int64_t elements) : type(type), elements(elements) {}

  const ElementType& type;
  const std::int64_t elements;
  std::function<HeldBytes()> load;  ///< set once the file has told where the elements lie

  std::int64_t bytes() const { return elements * type.bytes; }
  /// The elements, loaded on the first call; aligned for their type. Raises Error for damaged data.
  const std::shared_ptr<Storage>& storage();

 private:
  std::once_flag loaded_;
  std::shared_ptr<Storage> storage_;
};

/// Elements of a block, all of them but for some old files.
struct StorageView {
  std::shared_ptr<StoredBlock> block;
  std::int64_t offset, elements;
};

class StorageTable {
 public:
  /// The storage that a persistent value of the pickle names. Raises Error where it names none, or
  /// contradicts another mention.
  StorageView view(const PickleValue& persistent);

  /// All that were mentioned, by their keys.
  const std::map<std::string, std::shared_ptr<StoredBlock>>& blocks() const { return blocks_; }

 private:
  std::map<std::string, std::shared_ptr<StoredBlock>> blocks_;
};

}  // namespace uls
