// SPDX-License-Identifier: Apache-2.0
// The texts of pickles that are not in the file as they are: those of protocol 0, and bytes that protocol 2
// writes as characters.
#pragma once

#include <string>
#include <string_view>

namespace uls {

/// The bytes of a quoted string of Python 2, such as 'it\'s\n\xff'. Raises Error where it is none.
std::string unquoted_bytes(std::string_view quoted);

/// UTF-8 of what Python calls raw-unicode-escape: Latin-1, with \uXXXX and \UXXXXXXXX for the rest. Raises
/// Error for what is no character.
std::string unescaped_text(std::string_view escaped);

/// The bytes whose values are the characters' numbers. Raises Error for a character above 255.
std::string latin1_bytes(std::string_view utf8);

/// UTF-8 of bytes whose values are the characters' numbers.
std::string latin1_text(std::string_view latin1);

}  // namespace uls
