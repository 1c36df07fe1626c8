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

/// The defaults with what a YAML file says; "" is no file. Raises Error where a list is empty, a template
/// lacks the name or asks for something else, or where only some of the part templates name the object: they
/// would not be equivalent.
TextTemplates read_text_templates(const std::string& path);

/// Whether a part's sentence names its object, so that parts of unlike objects are different targets.
bool parts_name_object(const TextTemplates& templates);

/// The templates with the names filled in.
std::vector<std::string> fill_templates(const std::vector<std::string>& templates, const std::string& name,
                                        const std::string& object = "");

}  // namespace uls
