// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace uls {

/// The worst and best sentences of a run's last evaluation (RUN/samples.json, ShownSamples) with their
/// pictures, as HTML; "" where it was not evaluated yet. Raises Error where the file is none of ours.
std::string samples_html(const std::string& run);

}  // namespace uls
