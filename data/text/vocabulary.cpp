// SPDX-License-Identifier: Apache-2.0
#include "data/text/vocabulary.h"

#include <zlib.h>

#include "core/base/error.h"

// The file's bytes, put there by the assembler; CMake gives its path to this source alone.
asm(R"(
  .pushsection .rodata
  .global uls_vocabulary
  .global uls_vocabulary_end
uls_vocabulary:
  .incbin ")" ULS_VOCABULARY R"("
uls_vocabulary_end:
  .popsection
)");
extern "C" const unsigned char uls_vocabulary[], uls_vocabulary_end[];

namespace uls {

std::string unpack_vocabulary() {
  // CLIP takes the first 48894 of the file's 262144 merges: 524645 bytes with the line of the version.
  std::string text(525'000, '\0');
  z_stream stream{};
  stream.next_in = const_cast<unsigned char*>(uls_vocabulary);  // zlib only reads it
  stream.avail_in = uInt(uls_vocabulary_end - uls_vocabulary);
  stream.next_out = reinterpret_cast<unsigned char*>(text.data());
  stream.avail_out = uInt(text.size());
  constexpr int kGzip = 16;
  const bool unpacked =
      inflateInit2(&stream, kGzip + MAX_WBITS) == Z_OK && inflate(&stream, Z_SYNC_FLUSH) == Z_OK;
  const bool full = stream.avail_out == 0;
  inflateEnd(&stream);
  ULS_ASSERT(unpacked && full, "the vocabulary in the program cannot be unpacked");
  return text;
}

}  // namespace uls
