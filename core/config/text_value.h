// SPDX-License-Identifier: Apache-2.0
// Words that stand for values, in configs, options and environment variables alike. A text counts as a whole:
// no blanks around it, nothing after it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace uls {

/// "true", "1", "false" or "0".
std::optional<bool> parse_boolean(std::string_view text);

/// Decimal digits with an optional minus sign, within 64 bits.
std::optional<std::int64_t> parse_whole_number(std::string_view text);

/// A finite decimal number: "3", "-0.5", "1e-3".
std::optional<double> parse_number(std::string_view text);

/// Whether the bytes are well-formed UTF-8.
bool is_utf8(std::string_view text);

}  // namespace uls
