// Included before everything else of Highway: what the kernels are not built for. They rely on vectors being values of
// a known size and on demotion that keeps the order within blocks of 16 bytes, which SVE and RVV do not promise.
#pragma once

#include <hwy/detect_compiler_arch.h>

#if HWY_ARCH_ARM
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#elif HWY_ARCH_RVV
#define HWY_DISABLED_TARGETS HWY_RVV
#endif

// False while a file is compiled for Highway's own scalar target: the twin does its work.
#define PIXMILL_HAVE_VECTORS (HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128)
