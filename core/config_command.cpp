// SPDX-License-Identifier: Apache-2.0
#include "core/config_command.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/config/inheritance.h"

namespace uls {
namespace {

void explain(const std::vector<const Schema*>& tables, const std::string& key) {
  std::string text;
  std::vector<std::string> names;
  for (const Schema* table : tables) {
    const std::string body = key.empty() ? join(table->help_lines(), "\n") + "\n" : table->explain(key);
    if (!body.empty()) text += fmt::format("{}[{}]\n{}", text.empty() ? "" : "\n", table->name(), body);
    for (const auto& field : table->fields()) {
      names.push_back(field.name);
      if (!field.variable.empty()) names.push_back(field.variable);
    }
  }
  if (text.empty())
    fail("config explain: unknown key '{}'{}; `config explain` lists all", key, did_you_mean(key, names));
  print_text(text);
}

void resolve(const std::vector<ConfigFileKind>& kinds, const std::string& path,
             const std::vector<std::string>& overrides) {
  const ConfigNode file = read_config(path);
  const auto kind = std::ranges::find_if(kinds, [&](const ConfigFileKind& k) { return k.fits(file); });
  std::vector<std::string> names;
  for (const ConfigFileKind& k : kinds) names.push_back(k.name);
  ULS_CHECK(kind != kinds.end(), "{}: no config that this build reads; expected one of: {}", path,
            join(names, ", "));
  print_text(to_yaml(kind->resolved(path, overrides)));
}

Command explain_command(std::vector<const Schema*> tables) {
  return {"explain", "type, default, range and meaning of a key; without KEY: all keys",
          [tables = std::move(tables)](Options& options) {
            auto key = std::make_shared<std::string>();
            options.positional("KEY", *key,
                               "a key such as threads, a section, or a variable such as ULS_THREADS",
                               Need::optional);
            return [tables, key] { explain(tables, *key); };
          }};
}

Command resolve_command(std::vector<ConfigFileKind> kinds) {
  return {"resolve", "a config with its bases and all defaults, as a config",
          [kinds = std::move(kinds)](Options& options) {
            auto path = std::make_shared<std::string>();
            auto overrides = std::make_shared<std::vector<std::string>>();
            options.positional("F", *path, "a run's, a network's or a benchmark's config");
            options.rest("KEY=VALUE", *overrides, "keys on top of it");
            return [kinds, path, overrides] { resolve(kinds, *path, *overrides); };
          }};
}

}  // namespace

Command config_command(std::vector<const Schema*> tables, std::vector<ConfigFileKind> kinds) {
  return {.name = "config",
          .summary = "what the keys of a config mean, and what a config says in full",
          .children = {explain_command(std::move(tables)), resolve_command(std::move(kinds))}};
}

}  // namespace uls
