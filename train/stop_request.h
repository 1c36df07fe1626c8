// SPDX-License-Identifier: Apache-2.0
// SIGTERM, SIGINT and SIGUSR1, as schedulers and people send them: the run saves after its step and ends. A
// second SIGINT ends the process at once.
#pragma once

namespace uls {

/// While one lives, the signals only leave a note. At most one at a time.
class StopRequest {
 public:
  StopRequest();
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;

  /// The signal's number, or 0.
  int signal() const;
};

}  // namespace uls
