// SPDX-License-Identifier: Apache-2.0
#include "train/stop_request.h"

#include <csignal>

namespace uls {
namespace {

constexpr int kSignals[] = {SIGTERM, SIGINT, SIGUSR1};

volatile std::sig_atomic_t noted = 0;

void note(int signal) {
  if (noted && signal == SIGINT) {
    std::signal(SIGINT, SIG_DFL);
    std::raise(SIGINT);
  }
  noted = signal;
}

}  // namespace

StopRequest::StopRequest() {
  noted = 0;
  for (const int signal : kSignals) std::signal(signal, note);
}

StopRequest::~StopRequest() {
  for (const int signal : kSignals) std::signal(signal, SIG_DFL);
}

int StopRequest::signal() const { return noted; }

void end_by(int signal) {
  if (signal != SIGINT) return;
  std::signal(SIGINT, SIG_DFL);
  std::raise(SIGINT);
}

}  // namespace uls
