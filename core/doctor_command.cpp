// SPDX-License-Identifier: Apache-2.0
#include "core/doctor_command.h"

#include <sched.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "core/base/parallel.h"
#include "core/base/processor.h"
#include "core/base/strings.h"
#include "core/cli/build_facts.h"
#include "core/config/settings.h"
#include "core/device/cuda_info.h"
#include "core/json/json.h"
#include "core/memory/host_memory.h"

namespace uls {
namespace {

std::string memory_text() {
  const HostMemory memory = host_memory();
  std::string text =
      fmt::format("{}, {} available", format_bytes(memory.total), format_bytes(memory.available));
  if (memory.limit > 0) text += ", limited to " + format_bytes(memory.limit);
  return text;
}

std::string processor_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof(set), &set) == 0 ? std::to_string(CPU_COUNT(&set)) : "unknown";
}

void add_machine(std::vector<DoctorRow>& rows) {
  const Processor cpu = processor();
  utsname system{};
  uname(&system);
  rows.push_back(
      {"machine", "system", fmt::format("{} {}, {}", system.sysname, system.release, system.machine)});
  rows.push_back({"machine", "processor", cpu.model});
  rows.push_back({"machine", "cores", processor_count()});
  rows.push_back({"machine", "vectors", cpu.vectors});
  rows.push_back({"machine", "memory", memory_text()});
  rows.push_back({"machine", "threads", fmt::format("{} ({})", num_threads(), threading_backend())});
}

void add_devices(std::vector<DoctorRow>& rows) {
  const CudaInfo info = cuda_info();
  const auto version = [](int number) { return fmt::format("{}.{}", number / 1000, number % 1000 / 10); };
  if (info.built) {
    rows.push_back({"devices", "CUDA runtime", version(info.runtime_version)});
    rows.push_back({"devices", "CUDA driver", info.driver_version ? version(info.driver_version) : "none"});
  }
  for (std::size_t i = 0; i < info.devices.size(); ++i) {
    const auto& device = info.devices[i];
    rows.push_back(
        {"devices", fmt::format("cuda:{}", i),
         fmt::format("{}, {}, compute capability {}.{}, {} multiprocessors", device.name,
                     format_bytes(device.memory_bytes), device.major, device.minor, device.processors)});
  }
  if (info.devices.empty()) rows.push_back({"devices", "cuda", "none"});
  if (!info.problem.empty()) rows.push_back({"missing", "CUDA", info.problem});
}

void add_environment(std::vector<DoctorRow>& rows) {
  for (const auto& field : settings_table().fields()) {
    const char* value = std::getenv(field.variable.c_str());
    const std::string standard = settings_table().default_text(field);
    rows.push_back(
        {"environment", field.variable,
         fmt::format("{} (default {}): {}", value && *value ? value : "unset", standard, field.meaning)});
  }
  for (const auto& line : unknown_variables()) {
    const auto colon = line.find(": ");
    rows.push_back({"environment", line.substr(0, colon), line.substr(colon + 2)});
  }
}

// The rows by section: in the order in which sections first appear, "missing" last.
std::vector<std::pair<std::string, std::vector<DoctorRow>>> by_section(const std::vector<DoctorRow>& rows) {
  std::vector<std::pair<std::string, std::vector<DoctorRow>>> sections;
  for (const auto& row : rows) {
    auto found = std::ranges::find(sections, row.section, [](const auto& section) { return section.first; });
    if (found == sections.end()) found = sections.insert(found, {row.section, {}});
    found->second.push_back(row);
  }
  std::stable_partition(sections.begin(), sections.end(),
                        [](const auto& section) { return section.first != "missing"; });
  return sections;
}

void report(const std::vector<DoctorRow>& rows, const std::string& json_path) {
  Json json = Json::object({{"version", build_facts().version}});
  std::string text = fmt::format("unilseg {}\n", build_facts().version);
  for (const auto& [section, members] : by_section(rows)) {
    std::size_t width = 0;
    for (const auto& row : members) width = std::max(width, row.name.size());
    Json object = Json::object();
    text += fmt::format("\n{}\n", section);
    for (const auto& row : members) {
      text += fmt::format("  {:{}}  {}\n", row.name, width, row.value);
      object.set(row.name, row.value);
    }
    json.set(section, std::move(object));
  }
  print_text(text);
  if (!json_path.empty()) write_json_file(json_path, json);
}

}  // namespace

std::vector<DoctorRow> doctor_rows() {
  const auto& facts = build_facts();
  const auto word = [](bool on) { return on ? "on" : "off"; };
  std::vector<DoctorRow> rows{
      {"build", "compiler", facts.compiler},       {"build", "-march", facts.arch},
      {"build", "sanitizer", facts.sanitizer},     {"build", "ULS_CUDA", word(facts.cuda)},
      {"build", "ULS_ONEDNN", word(facts.onednn)}, {"build", "ULS_IO", word(facts.io)}};
  add_machine(rows);
  add_devices(rows);
  add_environment(rows);
  if (!facts.onednn)
    rows.push_back({"missing", "oneDNN",
                    "CPU products take the plain code: configure with -DULS_ONEDNN=ON (libdnnl-dev)"});
  if (!facts.io) {
    rows.push_back(
        {"missing", "YAML", "configs are read as JSON only: configure with -DULS_IO=ON (libyaml-cpp-dev)"});
    rows.push_back({"missing", "zlib",
                    "no compressed entries of PyTorch's archives: configure with -DULS_IO=ON (zlib1g-dev)"});
  }
  return rows;
}

Command doctor_command(std::function<std::vector<DoctorRow>()> extra) {
  return {"doctor", "version, build, machine, devices, environment variables, what is missing",
          [extra = std::move(extra)](Options& options) {
            auto json_path = std::make_shared<std::string>();
            options.option("json", *json_path, "FILE", "writes the same as JSON");
            return [json_path, extra] {
              auto rows = doctor_rows();
              if (extra) std::ranges::copy(extra(), std::back_inserter(rows));
              report(rows, *json_path);
            };
          }};
}

}  // namespace uls
