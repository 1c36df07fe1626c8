// SPDX-License-Identifier: Apache-2.0
#include "train/init.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "models/weights.h"

namespace uls {

void init_weights(const Parameters& parameters, const std::vector<std::string>& files) {
  for (const std::string& text : files) {
    const std::size_t equals = text.rfind('=');
    const std::string path = text.substr(0, equals),
                      prefix = equals == std::string::npos ? "" : text.substr(equals + 1) + ".";
    NamedTensors weights;
    for (const auto& [name, x] : weights_of_file(path)) weights[prefix + name] = x;
    const LoadReport report = load_weights(parameters, weights, {.resize_bias_tables = true});
    ULS_CHECK(report.misfits.empty(), "init: {} does not fit the model; got {}", path, report.text());
    ULS_CHECK(report.loaded > 0, "init: {} has nothing for the model; got {}; expected names such as {}",
              path, report.text(), parameters.all().front().name);
    log_info("init: {}: {} of {} tensors of the model found, {} of the file's not used", path, report.loaded,
             parameters.all().size() + parameters.buffers().size(), report.unexpected.size());
  }
}

}  // namespace uls
