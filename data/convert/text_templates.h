// SPDX-License-Identifier: Apache-2.0
// The sentences that ask for a class, a part or the salient object. Defaults are the authors' printed ones
// ("all pillow", "the most salient object"); a config may give others, and paraphrases of them.
#pragma once

#include <string>
#include <vector>

#include "core/config/field.h"

namespace uls {

/// "{}" stands for the name, and "{object}" for the object that a part belongs to.
struct TextTemplates {
  std::vector<std::string> semantic{"all {}"};
  std::vector<std::string> open_vocabulary{"all {}"};
  std::vector<std::string> part{"{}"};
  std::vector<std::string> salient{"the most salient object"};
};

const FieldTable<TextTemplates>& text_templates_table();

/// The templates with the names filled in.
std::vector<std::string> fill_templates(const std::vector<std::string>& templates, const std::string& name,
                                        const std::string& object = "");

}  // namespace uls
