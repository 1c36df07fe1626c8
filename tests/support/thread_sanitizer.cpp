// SPDX-License-Identifier: Apache-2.0
// What ThreadSanitizer is told to pass over; other builds never call this.

/// GDAL, which Debian's OpenCV brings along, registers its drivers once with two mutexes in both orders, on
/// whichever thread first decodes an image.
extern "C" const char* __tsan_default_suppressions() { return "deadlock:libgdal.so\n"; }
