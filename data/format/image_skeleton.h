// SPDX-License-Identifier: Apache-2.0
// What the outer form of a JPEG or PNG file tells without decoding: its size, and whether its end is there.
// Decoders fill what is missing of a JPEG with grey and merely warn.
#pragma once

#include <string>
#include <string_view>

#include "data/format/image.h"

namespace uls {

bool is_jpeg(std::string_view bytes);
/// From the frame's header. Raises DataError naming `where` for a file without one.
ImageSize jpeg_size(std::string_view bytes, const std::string& where);
/// Follows the markers to that of the image's end. Raises DataError where it is missing.
void check_jpeg_end(std::string_view bytes, const std::string& where);

bool is_png(std::string_view bytes);
/// From the header at the front. Raises DataError naming `where` where it is cut short.
ImageSize png_size(std::string_view bytes, const std::string& where);
/// Follows the chunks to the last. Raises DataError where it is missing.
void check_png_end(std::string_view bytes, const std::string& where);

}  // namespace uls
