// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/base/error.h"
#include "core/io/inflate.h"

namespace uls {

void inflate_into(std::string_view packed, char* out, std::int64_t size) {
  constexpr std::int64_t kPiece = std::int64_t(1) << 30;  // zlib counts in 32 bits
  z_stream stream{};
  ULS_CHECK(inflateInit2(&stream, -MAX_WBITS) == Z_OK,
            "inflate: zlib does not start; got {}; expected memory", stream.msg ? stream.msg : "no reason");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, &inflateEnd);
  const char* next_in = packed.data();
  std::int64_t left_in = std::int64_t(packed.size()), left_out = size;
  char nowhere = 0;  // where a byte too many shows
  int state = Z_OK;
  while (state == Z_OK) {
    const auto give = uInt(std::min(left_in, kPiece)), room = uInt(std::min(left_out, kPiece));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(next_in));
    stream.avail_in = give;
    stream.next_out = reinterpret_cast<Bytef*>(room ? out : &nowhere);
    stream.avail_out = std::max(room, 1u);
    state = inflate(&stream, Z_NO_FLUSH);
    ULS_CHECK(room || stream.avail_out, "deflated data: too long; got more than {} bytes; expected no more",
              size);
    next_in += give - stream.avail_in;
    left_in -= give - stream.avail_in;
    if (room) out += room - stream.avail_out, left_out -= room - stream.avail_out;
  }
  ULS_CHECK(state == Z_STREAM_END, "deflated data: damaged; got {} at byte {}; expected {} bytes",
            stream.msg ? stream.msg : "an end too early", std::int64_t(packed.size()) - left_in, size);
  ULS_CHECK(left_out == 0 && left_in == 0,
            "deflated data: wrong size; got {} bytes and {} unused; expected {}", size - left_out, left_in,
            size);
}

}  // namespace uls
