// SPDX-License-Identifier: Apache-2.0
// Annotation files of hundreds of megabytes: one object whose members are long arrays. The elements' places
// are found without building values; each is then parsed when it is asked for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/io/mapped_file.h"
#include "core/json/json.h"

namespace uls {

class JsonElements {
 public:
  /// Finds the elements of these members. Raises Error where the file is missing or empty, DataError with
  /// path and byte where it is no JSON object, and where a member is missing or no array.
  JsonElements(const std::string& path, const std::vector<std::string>& members);

  const std::string& path() const { return path_; }
  std::int64_t size(const std::string& member) const;
  /// Element `index` of a member. Raises DataError naming the path, the member and the index where it is
  /// broken.
  Json element(const std::string& member, std::int64_t index) const;

 private:
  struct Piece {
    std::int64_t first, last;
  };
  std::string path_;
  MappedFile file_;
  std::map<std::string, std::vector<Piece>> members_;
};

}  // namespace uls
