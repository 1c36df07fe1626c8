// SPDX-License-Identifier: Apache-2.0
// The files of torch.save and torch.jit.save. Their trees of values are pickles (see pickle.h), which are
// read as data; the elements of tensors lie beside them:
//
//   zip      NAME/data.pkl, NAME/data/0, NAME/data/1, ...; TorchScript adds NAME/code/, NAME/constants.pkl
//   legacy   before PyTorch 1.6: pickles (magic number, version, system, values, list of storages), then for
//   each
//            storage its number of elements and these
//
// Callers open any of them through open_weights.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/io/weights_file.h"

namespace uls {

/// Raises Error naming the path, for what contradicts the format and for values that only a run of their code
/// could give.
WeightsFile read_pytorch_zip(std::shared_ptr<const MappedFile> file);
WeightsFile read_pytorch_legacy(std::shared_ptr<const MappedFile> file);

/// Writes the tensors (on the CPU, of any strides) as torch.load(path, weights_only=True) reads them: a dict
/// by name, or {key: that dict} where `key` is not empty. The file appears complete or not at all; equal
/// arguments give equal bytes. Raises Error for a name given twice or that is not UTF-8, and where the file
/// cannot be written.
void write_pytorch(const std::string& path, const std::vector<std::pair<std::string, Tensor>>& tensors,
                   const std::string& key = "");

}  // namespace uls
