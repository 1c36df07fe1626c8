// SPDX-License-Identifier: Apache-2.0
// The rooms under kernels/, as CMake found them.
#pragma once

namespace uls::kernels {

class OpTable;

/// Fills the slots of all devices that this build knows. Call it once at the start of main.
void bind_kernels();

/// The rows of all rooms, in the order of their names. See op_table.h.
const OpTable& op_table();

}  // namespace uls::kernels
