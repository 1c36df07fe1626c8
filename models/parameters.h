// SPDX-License-Identifier: Apache-2.0
// The parameters and buffers of a model, under the names of PyTorch's state_dict.
//
// Parameters lie in a few slabs, one for each way in which an optimizer treats them, so that it updates a
// slab in one pass. A slab's size is known only once all its parameters are: a model is therefore built twice
// from its config, first to count, then in place. build_model() does both:
//
//   Parameters parameters({.seed = 1});
//   const auto model = build_model<Swin>(parameters, config);
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/file_layout.h"
#include "core/tensor/tensor.h"
#include "models/initial_values.h"

namespace uls {

struct Parameter {
  std::string name;  // "backbone_visual.layers.0.blocks.1.attn.qkv.weight"
  Tensor value;      // a leaf, in the layout of the memory
  FileLayout layout = FileLayout::same;
  bool backbone = false;  // takes the backbone's learning rate
  bool decays = false;    // takes weight decay: a matrix, a kernel or a table, but no bias and no norm
};

/// What training changes without a gradient: a batch norm's running statistics.
struct Buffer {
  std::string name;
  Tensor value;
};

/// Parameters of one group, one after the other.
struct ParameterSlab {
  bool backbone = false, decays = false;
  Tensor values;  // [number of elements]
};

struct ParameterOptions {
  DType dtype = DType::float32;
  Device device = kCpu;
  std::uint64_t seed = 0;
};

class Parameters {
 public:
  explicit Parameters(ParameterOptions options) : options_(options) {}

  DType dtype() const { return options_.dtype; }
  Device device() const { return options_.device; }

  /// In the order in which the model names them.
  const std::vector<Parameter>& all() const { return parameters_; }
  const std::vector<Buffer>& buffers() const { return buffers_; }
  const std::vector<ParameterSlab>& slabs() const { return slabs_; }
  /// Raises Error for a name that the model lacks.
  const Parameter& at(const std::string& name) const;
  std::int64_t count() const;

  /// Drops all gradients.
  void clear_gradients() const;

 private:
  friend class ModelBuilder;
  template <typename M, typename Config>
  friend M build_model(Parameters& parameters, const Config& config);

  Tensor parameter(std::string name, const Shape& shape, const InitialValues& init, FileLayout layout);
  Tensor buffer(std::string name, const Shape& shape, DType dtype, double value);
  /// Ends the counting: makes the slabs and the initial values.
  void allocate();

  ParameterOptions options_;
  std::vector<Parameter> parameters_;
  std::vector<InitialValues> initial_;  // of each
  std::vector<Buffer> buffers_;
  std::vector<ParameterSlab> slabs_;
  std::map<std::string, std::size_t> index_, buffer_index_;
  bool counting_ = true;
};

/// Where in a model's tree of names its parts put their parameters: `Linear(b / "fc1", 128, 512)`.
class ModelBuilder {
 public:
  explicit ModelBuilder(Parameters& parameters, std::string path = "")
      : parameters_(parameters), path_(std::move(path)) {}

  ModelBuilder operator/(std::string_view name) const;
  ModelBuilder operator/(std::int64_t index) const { return *this / std::to_string(index); }

  /// "layers.0.blocks.1": also the module's place for random draws.
  const std::string& path() const { return path_; }

  Tensor parameter(std::string_view name, const Shape& shape, const InitialValues& init,
                   FileLayout layout = FileLayout::same) const;
  /// Filled with `value`, in the parameters' type.
  Tensor buffer(std::string_view name, const Shape& shape, double value) const;
  /// A count: int64 [], 0.
  Tensor counter(std::string_view name) const;

 private:
  Parameters& parameters_;
  std::string path_;
};

/// M(builder, config), with its parameters in place and at their initial values.
template <typename M, typename Config>
M build_model(Parameters& parameters, const Config& config) {
  M(ModelBuilder(parameters), config);
  parameters.allocate();
  return M(ModelBuilder(parameters), config);
}

}  // namespace uls
