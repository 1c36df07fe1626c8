// SPDX-License-Identifier: Apache-2.0
// A source data set, as samples of the unified format. One file a source registers it; the command
// `data convert` does the rest: threads, order, interruption, counts.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
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

/// What a set's authors or its usual loader say of a split's size.
struct PublishedCount {
  std::int64_t count = 0;
  bool targets = false;  // of samples otherwise
};

class Source {
 public:
  virtual ~Source() = default;
  virtual Manifest manifest() const = 0;
  virtual std::int64_t size() const = 0;
  /// Sample `index`; any thread may call it. Raises Error naming file and mask where one is broken.
  virtual Sample sample(std::int64_t index) const = 0;
  /// By split, for the options that it was opened with. Reported, never enforced: subsets are fine.
  virtual std::map<std::string, PublishedCount> published() const { return {}; }
};

/// What is known of a source without reading it.
struct SourceKind {
  std::string name{}, summary{};
  std::map<std::string, std::string> extras{};  // name and meaning of the source's own options
  std::unique_ptr<Source> (*open)(const SourceOptions& options) = nullptr;
};

/// All, by name.
const std::vector<SourceKind>& source_kinds();
/// Raises Error that names the nearest for an unknown one.
const SourceKind& source_kind(const std::string& name);
/// Opens it. Raises Error for a root that is no folder and for unknown options, DataError for broken files.
std::unique_ptr<Source> open_source(const std::string& name, const SourceOptions& options);

}  // namespace uls
