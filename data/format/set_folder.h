// SPDX-License-Identifier: Apache-2.0
// The folder that a set is written into, whichever form it has.
#pragma once

#include <string>

#include "data/format/manifest.h"

namespace uls {

/// Creates the folder and its parents where they are missing; returns the path. Raises Error where it cannot.
std::string create_folder(const std::string& path);

/// Keeps a second process from writing into the same folder: that one gets an Error.
class FolderLock {
 public:
  explicit FolderLock(const std::string& path);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  /// The names in the folder reach the disk. Raises Error where the disk refuses.
  void flush() const;
  /// Everything on its file system does. Raises Error where the disk refuses.
  void flush_files() const;

 private:
  int folder_;
};

/// Removes what a killed AtomicFile left in the folder and below.
void remove_leftovers(const std::string& path);
/// The same of one file: all that may go from a folder that is not known to be a set's.
void remove_leftovers_of(const std::string& file);

/// As it is before the set is complete.
Manifest without_counts(Manifest manifest);

}  // namespace uls
