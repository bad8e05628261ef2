// A study file of any bytes: refused with a code of its own, or a study that its canonical text gives again.
#include "base/error.h"
#include "study/study_file.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace cohortium;
  try {
    const study::Study study = study::parse_study({reinterpret_cast<const char*>(bytes), size}, "study.json");
    COHORTIUM_CHECK(study::parse_study(study.canonical, "study.json").hash == study.hash);
  } catch (const Failure& failure) {
    const std::string area = failure.error().code.substr(0, failure.error().code.find('.'));
    COHORTIUM_CHECK(area == "study" || area == "data" || area == "cohort" || area == "harmonise" || area == "codec");
  }
  return 0;
}
