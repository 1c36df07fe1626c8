// SPDX-License-Identifier: Apache-2.0
// Stands in for yaml.cpp where the build has no YAML library.
#include "core/base/error.h"
#include "core/config/config_node.h"

namespace uls {

ConfigNode read_yaml(const std::string& path) { return parse_yaml("", path); }

ConfigNode parse_yaml(const std::string&, const std::string& where) {
  fail("{}: cannot be read: this build has no YAML (ULS_IO=OFF)", where);
}

}  // namespace uls
