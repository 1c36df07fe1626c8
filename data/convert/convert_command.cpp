// SPDX-License-Identifier: Apache-2.0
#include "data/convert/convert_command.h"

#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "data/convert/convert.h"
#include "data/format/dataset.h"

namespace uls {
namespace {

struct Request {
  std::string source{}, root{}, out{}, split{}, templates{};
  std::vector<std::string> extras{};
};

void list_sources() {
  for (const SourceKind& kind : source_kinds()) {
    print("{:<16} {}\n", kind.name, kind.summary);
    for (const auto& [name, meaning] : kind.extras) print("  {:<14} {}\n", name + "=", meaning);
  }
}

SourceOptions options_of(const Request& request) {
  SourceOptions options{.root = request.root, .split = request.split, .extra = {}, .templates = {}};
  options.templates = read_text_templates(request.templates);
  for (const std::string& assignment : request.extras) {
    const std::size_t equals = assignment.find('=');
    ULS_CHECK(equals != std::string::npos && equals > 0, "data convert: got '{}'; expected key=value",
              assignment);
    const std::string key = assignment.substr(0, equals);
    ULS_CHECK(options.extra.emplace(key, assignment.substr(equals + 1)).second,
              "data convert: '{}' is given twice", key);
  }
  return options;
}

// What there is, beside what the set's authors say.
void report(const Source& source, const std::string& out) {
  const Manifest manifest = Dataset::open(out)->manifest();
  const auto published = source.published();
  for (const auto& [split, samples] : manifest.samples) {
    const auto found = manifest.targets.find(split);
    const std::int64_t targets = found == manifest.targets.end() ? 0 : found->second;
    std::string note;
    if (const auto known = published.find(split); known != published.end()) {
      const auto& [count, of_targets] = known->second;
      note = fmt::format("; published {} {}, {}", count, of_targets ? "targets" : "samples",
                         count == (of_targets ? targets : samples) ? "equal" : "DIFFERENT");
    }
    print("{}: {} samples, {} targets{}\n", split, samples, targets, note);
  }
}

void run(const Request& request) {
  if (request.source == "list") return list_sources();
  source_kind(request.source);
  ULS_CHECK(!request.root.empty(), "data convert: --root is missing; expected the folder of the source");
  ULS_CHECK(!request.out.empty(), "data convert: --out is missing; expected a folder for the result");
  const auto source = open_source(request.source, options_of(request));
  convert(*source, request.out);
  report(*source, request.out);
}

}  // namespace

Command data_convert_command() {
  return {
      "convert", "a source data set to the unified format; SOURCE `list` names all", [](Options& options) {
        const auto request = std::make_shared<Request>();
        options.positional("SOURCE", request->source, "name of the source, or list");
        options.option("root", request->root, "DIR", "folder of the source, as its authors lay it out");
        options.option("out", request->out, "DIR", "folder for the result; a run that was killed goes on");
        options.option("split", request->split, "S", "this split alone");
        options.option("templates", request->templates, "F", "YAML file of sentences for classes and parts");
        options.rest("key=value", request->extras, "the source's own options");
        return [request] { run(*request); };
      }};
}

}  // namespace uls
