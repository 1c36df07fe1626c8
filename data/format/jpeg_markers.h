// SPDX-License-Identifier: Apache-2.0
// The skeleton of a JPEG file, read without decoding.
#pragma once

#include <string>
#include <string_view>

#include "data/format/image.h"

namespace uls {

bool is_jpeg(std::string_view bytes);

/// Height and width, from the frame's header. Raises DataError naming `where` for a file without one.
ImageSize jpeg_size(std::string_view bytes, const std::string& where);

/// Follows the file's markers to the end of the image. Raises DataError where it is cut short: decoders fill
/// what is missing with grey and merely warn.
void check_jpeg_end(std::string_view bytes, const std::string& where);

}  // namespace uls
