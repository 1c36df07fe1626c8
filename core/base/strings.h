// SPDX-License-Identifier: Apache-2.0
// Text helpers that the standard library lacks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace uls {

/// "a, b, c".
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Number of insertions, deletions, substitutions and swaps of neighbours between two words.
int edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`, or "" where none is near enough to be a plausible slip.
std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates);

/// " (did you mean 'x'?)", or "" where no name is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// Text for HTML, also within quotes: & < > " ' as entities.
std::string escape_html(std::string_view text);

/// What errno says: "No space left on device".
std::string system_reason();

/// "1.5 GiB", "512 B".
std::string format_bytes(std::int64_t bytes);

/// Bytes of "4096", "512MiB", "4GiB" (whole numbers; B, KiB, MiB, GiB or TiB); any other text raises Error.
std::int64_t parse_bytes(const std::string& text);

}  // namespace uls
