// One run with one cheat, and what came of it.
#pragma once

#include <map>
#include <string>

#include "deviations.h"
#include "judge.h"
#include "programs.h"

namespace cohortium::adversary {

struct Attack {
  PartyId cheat = 0;
  Deviation deviation = Deviation::kFlip;
  std::uint64_t message = 0;  // of those the cheat sends; of kFalsify, the kernel whose result it falsifies
  unsigned seed = 0;
};

enum class Verdict {
  kDetected,  // an honest party ended the run, naming the cheat among those to suspect; whatever anyone opened is right
  kHarmless,  // the run ended well, and everything is right
  kCorrupted,  // something is wrong, and no honest party knows of it, or went on to open something before it knew
  kMisled,     // the run ended, but the first to end it names only honest parties
};
std::string_view name_of(Verdict verdict);

struct Outcome {
  Verdict verdict = Verdict::kHarmless;
  std::string details;         // the error of the first honest party, or what is wrong
  std::uint64_t messages = 0;  // that the cheat sent
  std::size_t kernels = 0;     // that it called
};

// Fails as the run fails where there is nobody to blame it on (`attack` empty: all are honest).
Outcome run_attack(const std::string& protocol, const conformance::Program& program, std::size_t n,
                   const Attack* attack);

}  // namespace cohortium::adversary
