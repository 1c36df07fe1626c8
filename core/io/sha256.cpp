// SPDX-License-Identifier: Apache-2.0
#include "core/io/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>
#include <vector>

#include "core/base/error.h"

namespace uls {
namespace {

class Sha256 {
 public:
  Sha256() { require(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr)); }

  void add(std::string_view bytes) { require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size())); }

  std::string finish() {
    std::array<unsigned char, 32> digest{};
    require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
    std::string text;
    for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
    return text;
  }

 private:
  static void require(bool worked) { ULS_CHECK(worked, "sha256: libcrypto has no SHA-256 here"); }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

}  // namespace

std::string sha256(std::string_view bytes) {
  Sha256 sum;
  sum.add(bytes);
  return sum.finish();
}

std::string sha256_of_file(const std::string& path) {
  constexpr std::size_t kPiece = std::size_t(1) << 20;
  std::ifstream file(path, std::ios::binary);
  ULS_CHECK(file, "{}: cannot be opened for reading", path);
  Sha256 sum;
  std::vector<char> piece(kPiece);
  while (file.read(piece.data(), std::streamsize(kPiece)) || file.gcount() > 0)
    sum.add({piece.data(), std::size_t(file.gcount())});
  ULS_CHECK(!file.bad(), "{}: cannot be read", path);
  return sum.finish();
}

}  // namespace uls
