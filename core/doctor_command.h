// SPDX-License-Identifier: Apache-2.0
// `unilseg doctor`: what a bug report needs and what a newcomer is missing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/cli/cli.h"

namespace uls {

/// One fact. Rows of a section stay together; the section "missing" says what is not there and how to get it.
struct DoctorRow {
  std::string section;  ///< "build", "machine", "devices", "environment", "missing" or another
  std::string name;
  std::string value;
};

/// The facts that core knows.
std::vector<DoctorRow> doctor_rows();

/// `extra` gives the rows of other rooms ("build", "oneDNN", "2.6.3"); it is called when the command runs.
Command doctor_command(std::function<std::vector<DoctorRow>()> extra = {});

}  // namespace uls
