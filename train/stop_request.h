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

/// Ends the process as SIGINT does where `signal` is that, so that the shell that runs a script ends it too.
/// Others end a run as they should: the command succeeds.
void end_by(int signal);

}  // namespace uls
