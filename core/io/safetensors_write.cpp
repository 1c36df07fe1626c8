// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string_view>

#include "core/base/strings.h"
#include "core/io/atomic_file.h"
#include "core/io/foreign_text.h"
#include "core/io/safetensors.h"
#include "core/io/safetensors_format.h"
#include "core/io/tensor_bytes.h"
#include "core/json/json.h"

namespace uls {
namespace {

using namespace safetensors_format;

std::string make_header(const std::vector<const std::pair<std::string, Tensor>*>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  std::vector<std::string> members;
  if (!metadata.empty()) {
    std::vector<std::string> texts;
    for (const auto& [key, text] : metadata) texts.push_back(Json(key).dump() + ":" + Json(text).dump());
    members.push_back(fmt::format("\"{}\":{{{}}}", kMetadata, join(texts, ",")));
  }
  std::int64_t begin = 0;
  for (const auto* named : tensors) {
    const auto& [name, x] = *named;
    const std::int64_t end = begin + x.numel() * size_of(x.dtype());
    members.push_back(fmt::format(R"({}:{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})",
                                  Json(name).dump(), kTypeNames[std::size_t(x.dtype())], to_string(x.shape()),
                                  begin, end));
    begin = end;
  }
  std::string header = "{" + join(members, ",") + "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return header;
}

}  // namespace

void write_safetensors(const std::string& path, const std::vector<std::pair<std::string, Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::set<std::string_view> names;
  std::vector<const std::pair<std::string, Tensor>*> ordered;
  for (const auto& named : tensors) {
    const auto& [name, x] = named;
    ULS_CHECK(name != kMetadata, "write {}: reserved name; got {}; expected another", path, name);
    ULS_CHECK(names.insert(name).second, "write {}: a name twice; got {}; expected each once", path,
              shown(name));
    ULS_CHECK(x && x.device() == kCpu,
              "write {}: tensor {} has no values at hand; got {}; expected one on the cpu", path, shown(name),
              describe(x));
    ordered.push_back(&named);
  }
  std::ranges::stable_sort(ordered, std::greater(),
                           [](const auto* named) { return size_of(named->second.dtype()); });
  const std::string header = make_header(ordered, metadata);
  const auto length = std::int64_t(header.size());
  ULS_CHECK(length <= kMaxHeaderBytes, "write {}: header too long; got {} bytes; expected at most {}", path,
            length, kMaxHeaderBytes);
  AtomicFile file(path);
  file.write(&length, kLengthBytes);
  file.write(header.data(), length);
  for (const auto* named : ordered)
    for_each_piece(named->second, [&](const char* data, std::int64_t bytes) { file.write(data, bytes); });
  file.commit();
}

}  // namespace uls
