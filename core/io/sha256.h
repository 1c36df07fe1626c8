// SPDX-License-Identifier: Apache-2.0
// SHA-256, by OpenSSL's libcrypto. Not in builds without ULS_IO.
#pragma once

#include <string>
#include <string_view>

namespace uls {

/// 64 hexadecimal digits.
std::string sha256(std::string_view bytes);
/// Of a file's content. Raises Error naming the path where it cannot be read.
std::string sha256_of_file(const std::string& path);

}  // namespace uls
