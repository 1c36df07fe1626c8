// SPDX-License-Identifier: Apache-2.0
// What an English text says that an augmentation could make untrue. Words are whole runs of letters, of
// either case: "bright" holds no "right".
#pragma once

#include <string>
#include <string_view>

namespace uls {

/// Left and right words of each other ("left", "leftmost", "lefthand", "leftward", "leftside"), case kept.
std::string swap_sides(std::string_view text);

/// False where the mirrored picture's text cannot be had by swap_sides(): "right" that names no side ("right
/// behind"), shortened sides ("lft", "rt"), clock and compass directions.
bool allows_flip(std::string_view text);

/// Names a colour, or says light, dark, pale, ...
bool has_colour_word(std::string_view text);

/// Says where in the picture, or which in a row: a part of the picture may make that untrue.
bool has_place_word(std::string_view text);

}  // namespace uls
