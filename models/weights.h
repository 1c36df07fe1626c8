// SPDX-License-Identifier: Apache-2.0
// Weights from files into a model's parameters and buffers, by name.
#pragma once

#include <string>
#include <vector>

#include "models/parameters.h"
#include "models/pass.h"

namespace uls {

struct LoadOptions {
  /// Bias tables of another window are resized bilinearly, as a picture of offsets.
  bool resize_bias_tables = false;
};

/// What became of every name.
struct LoadReport {
  struct Misfit {
    std::string name;
    Shape file, model;
  };
  std::int64_t loaded = 0;              // parameters and buffers
  std::vector<std::string> resized;     // of those, bias tables of another window
  std::vector<std::string> missing;     // the model has them, the file does not
  std::vector<std::string> unexpected;  // the file has them, the model does not
  std::vector<Misfit> misfits;          // of other shapes; not loaded
  NamedTensors passengers;              // official tensors that no computation uses, as they came

  bool is_complete() const { return missing.empty() && unexpected.empty() && misfits.empty(); }
  /// One line where it is complete, else a table of what is not.
  std::string text() const;
};

/// The tensors of a weights file of any kind (core/io/weights_file.h) under the names of the model: see
/// with_plain_names(). Memory is mapped: what nobody asks for is not read. Raises Error naming the path.
NamedTensors weights_of_file(const std::string& path);

/// All tensors of a safetensors file under their own names, mapped likewise. Raises Error naming the path.
NamedTensors read_tensors(const std::string& path);

/// A file's tensors under the names of the model: without "module." before all of them,
/// and without the scalars that CLIP's archives carry along.
NamedTensors with_plain_names(const NamedTensors& file);

/// Copies what fits, converted to the parameters' type and layout. Names are those of state_dict.
LoadReport load_weights(const Parameters& parameters, const NamedTensors& weights,
                        const LoadOptions& options = {});

/// Raises Error with the report's table unless the report on the file, or files, `where` is complete.
void require_complete(const LoadReport& report, const std::string& where);

/// All parameters and buffers, as files have them; and the passengers of the file that they came from, which
/// stay what and where they were (mapped, and not read before somebody writes them).
NamedTensors state_dict(const Parameters& parameters, const NamedTensors& passengers = {});

}  // namespace uls
