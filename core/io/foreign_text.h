// SPDX-License-Identifier: Apache-2.0
// Text that came with a file, as messages show it.
#pragma once

#include <string>
#include <string_view>

namespace uls {

/// The text fit for one line: control characters, quotes and bytes that are not UTF-8 are escaped (a\n\xff),
/// and beyond 120 characters it ends in dots.
std::string printable(std::string_view text);

/// The same in quotes.
std::string shown(std::string_view text);

}  // namespace uls
