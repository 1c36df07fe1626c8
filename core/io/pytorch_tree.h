// SPDX-License-Identifier: Apache-2.0
// The values of a PyTorch file: what its pickle says, with calls that build tensors understood as tensors.
#pragma once

#include <string>
#include <vector>

#include "core/io/pytorch_storage.h"
#include "core/io/weights_file.h"

namespace uls {

/// The classes and functions that the pickles of tensors, parameters and state dicts name; with `modules`
/// those of TorchScript too.
std::vector<std::string> pytorch_names(bool modules);

/// The tree of a file at `path` with `file_bytes`; one that is a single tensor calls it "tensor". Raises
/// Error, which names the tensor and not the file.
WeightsNode pytorch_tree(const Pickle& pickle, StorageTable& storages, const std::string& path,
                         std::int64_t file_bytes);

}  // namespace uls
