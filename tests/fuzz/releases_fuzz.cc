// The list of earlier releases in any bytes: refused, or read as what it says once it is written anew.
#include "base/error.h"
#include "node/release_list.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace cohortium;
  try {
    const auto releases = node::read_release_list(std::as_bytes(std::span(bytes, size)), "peer");
    const std::string text = node::release_list(releases);
    COHORTIUM_CHECK(text == node::release_list(node::read_release_list(std::as_bytes(std::span(text)), "peer")));
  } catch (const Failure& failure) {
    COHORTIUM_CHECK(failure.error().code == "node.bad_releases" && failure.error().where == "peer");
  }
  return 0;
}
