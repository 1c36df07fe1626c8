// SPDX-License-Identifier: Apache-2.0
// What training keeps beside the parameters: a value for each element, such as a moment or an average.
#pragma once

#include <map>
#include <string>

#include "models/parameters.h"
#include "models/pass.h"

namespace uls {

class SlabState {
 public:
  /// Zeros. `kind` is what files call it: "mean" for tensors "mean.<parameter>".
  SlabState(std::string kind, const Parameters& parameters);

  /// The part beside `x`, which is a part of a slab of the parameters or a whole one; of its shape.
  Tensor beside(const Tensor& x) const;

  /// Adds its tensors, in the layout of the weights.
  void save(NamedTensors& tensors) const;
  /// Takes them from there. Raises Error for one that is missing or of another shape.
  void restore(const NamedTensors& tensors);

 private:
  // Calls use(name in files, the part beside the parameter, parameter) for all parameters.
  template <typename Use>
  void for_each_parameter(Use use) const;

  std::string kind_;
  const Parameters* parameters_;
  std::map<const Storage*, Tensor> slabs_;  // by the storage of the parameters' slab
};

}  // namespace uls
