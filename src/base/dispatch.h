// One binary for every x86-64 and arm64 machine: a hot loop marked COHORTIUM_DISPATCHED is compiled for several
// instruction sets and the best one is bound when the program starts. arm64 needs no variants (its vector unit is part
// of the baseline). Sanitizer builds use the baseline: their run-time is not ready yet when the variants are bound.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__SANITIZE_ADDRESS__)
#define COHORTIUM_DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define COHORTIUM_DISPATCHED
#endif
