// SPDX-License-Identifier: Apache-2.0
// One pass of a network over tensors in the language of golden cases: "in.image", "cot.stage0", "out.maps",
// "grad.in.image", "grad.param.NAME", "buffer_after.NAME".
#pragma once

#include "models/profile.h"
#include "models/registry.h"

namespace uls {

struct ForwardRequest {
  Pass pass;
  bool gradients = false;  // of the inputs and all parameters
};

/// The outputs, and what else was asked for, in the layouts of files. The objective whose gradients are taken
/// is the output "loss" where there is one, else the sum over outputs of (out * cot).sum(), for those that
/// have a "cot." among the tensors. Parameters that the objective does not reach have no gradient.
/// A profile, where one is given, is told the phases "forward" and "backward".
NamedTensors run_forward(const Network& network, const NamedTensors& tensors, const ForwardRequest& request,
                         Profile* profile = nullptr);

}  // namespace uls
