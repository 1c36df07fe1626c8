// SPDX-License-Identifier: Apache-2.0
// A source data set, as samples of the unified format. One file a source registers it; the command
// `data convert` does the rest: threads, order, interruption, counts.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/convert/text_templates.h"
#include "data/format/manifest.h"

namespace uls {

struct SourceOptions {
  std::string root{};                          // folder of the source, as its authors lay it out
  std::string split{};                         // "": all
  std::map<std::string, std::string> extra{};  // the source's own, checked against SourceKind::extras
  TextTemplates templates{};
};

class Source {
 public:
  virtual ~Source() = default;
  virtual Manifest manifest() const = 0;
  virtual std::int64_t size() const = 0;
  /// Sample `index`; any thread may call it. Raises DataError naming file and mask where one is broken.
  virtual Sample sample(std::int64_t index) const = 0;
};

/// What is known of a source without reading it.
struct SourceKind {
  std::string name{}, summary{};
  std::map<std::string, std::string> extras{};  // name and meaning of the source's own options
  std::unique_ptr<Source> (*open)(const SourceOptions& options) = nullptr;
  /// Published number of samples, or of targets, by split; checked and reported, never enforced on subsets.
  std::map<std::string, std::int64_t> published{};
};

/// All, by name. Raises Error that names the nearest for an unknown one.
const std::vector<SourceKind>& source_kinds();
const SourceKind& source_kind(const std::string& name);

}  // namespace uls
