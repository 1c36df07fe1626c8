// SPDX-License-Identifier: Apache-2.0
// Files of weights of any kind, opened alike: safetensors, and what PyTorch writes (zip, legacy,
// TorchScript). Nothing in them is ever run.
//
//   const WeightsFile file = open_weights("swin.pth");
//   const WeightsPart part = state_dict_of(file);       // {'model': {...}, 'epoch': 3}: what lies under
//   'model' for (const auto& [name, tensor] : flatten(*part.node)) use(name, tensor->read());
//
// Files may come from anywhere: what contradicts their format is one Error on opening.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/io/mapped_file.h"
#include "core/tensor/tensor.h"

namespace uls {

/// A tensor that has not been read.
struct StoredTensor {
  std::string dtype;  ///< "float32"; a type that DType lacks by the file's name for it
  Shape shape;
  std::int64_t bytes = 0;  ///< of its elements
  /// The tensor, on the CPU, any strides. It lies in the file's memory, which it keeps mapped (see
  /// MappedFile), or in a copy where the file does not allow that; tensors that share memory in the file
  /// share it here. Raises DataError for an element type that DType lacks, and for damaged data.
  std::function<Tensor()> read;
};

/// What a file holds is a tree: a tensor, a plain value, or named parts of which at least one holds a tensor.
/// Items of lists are named by their number.
struct WeightsNode {
  std::string key;  ///< in the part above
  std::shared_ptr<const StoredTensor> tensor;
  std::string plain;  ///< a plain value as a short text: 12, "cat", [1, 2, ...
  std::vector<WeightsNode> children;
};

struct WeightsFile {
  std::string path;
  std::string format;  ///< "safetensors", "PyTorch", "PyTorch, legacy" or "TorchScript"
  WeightsNode root;
  std::map<std::string, std::string> metadata;  ///< the free texts of safetensors
};

/// Recognises the format by the content. Raises Error naming the path: where it cannot be opened, and, as
/// DataError, where its content is wrong.
WeightsFile open_weights(const std::string& path);
WeightsFile read_weights(std::shared_ptr<const MappedFile> file);

/// The part that a dotted path leads to ("model.state_dict"; "": all), or nullptr.
const WeightsNode* find_part(const WeightsNode& root, const std::string& path);

struct WeightsPart {
  std::string path;  ///< "" for all of the file
  const WeightsNode* node;
};

/// Where the weights lie: under one of the keys that training programs use for them (state_dict, model, ...),
/// else at the root.
WeightsPart state_dict_of(const WeightsFile& file);

/// The tensors below a part by their dotted names, in the order of the file.
std::vector<std::pair<std::string, const StoredTensor*>> flatten(const WeightsNode& part);
/// The plain values, likewise.
std::vector<std::pair<std::string, std::string>> flatten_plain(const WeightsNode& part);

}  // namespace uls
