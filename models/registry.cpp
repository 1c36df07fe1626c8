// SPDX-License-Identifier: Apache-2.0
#include "models/registry.h"

#include "core/base/strings.h"
#include "models/boundary/boundary.h"

namespace uls {

const std::vector<NetworkKind>& network_kinds() {
  static const std::vector<NetworkKind> kinds{
      unilseg_kind(),       swin_kind(),          text_kind(),
      clip_kind(),          fusion_kind(),        vision_language_block_kind(),
      pixel_decoder_kind(), query_decoder_kind(),
  };
  return kinds;
}

const NetworkKind& network_kind(const std::string& name) {
  std::vector<std::string> names;
  for (const NetworkKind& kind : network_kinds()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  fail("model: unknown network; got '{}'{}; expected {}", name, did_you_mean(name, names), join(names, ", "));
}

}  // namespace uls
