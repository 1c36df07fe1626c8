// SPDX-License-Identifier: Apache-2.0
// What CLIP does to a text before it looks at words. Its authors call Python: ftfy.fix_text, html.unescape
// twice, white space folded, str.lower.
//
// Of ftfy 6.3's fixes, those that are rules are here, in its order and until nothing changes: HTML entities
// (not where a '<' tells of HTML), C1 controls as Windows-1252, Latin ligatures, full and half width, curly
// quotes, line breaks, terminal escapes, control characters and byte-order marks, NFC. Left out is the repair
// of mojibake, UTF-8 that was once read in another encoding ("schÃ¶n"): it rests on a heuristic of what looks
// wrong. Such text goes to the model as it stands; repair it before. Lone surrogates, which ftfy replaces,
// are no UTF-8 and so refused.
//
// Letters and cases are those of ICU's Unicode version; a Python of another version differs where a character
// is known to one of them alone.
#pragma once

#include <string>
#include <string_view>

namespace uls {

/// The cleaned text. Raises Error for text that is not UTF-8 or longer than a million bytes.
std::string clean_text(std::string_view text);

}  // namespace uls
