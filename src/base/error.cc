#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace cohortium {

std::string Error::text() const {
  std::string text = code + ": " + message;
  if (!where.empty()) text += " (at " + where + ")";
  if (!rule.empty()) text += "\n  rule: " + rule;
  if (!remedy.empty()) text += "\n  what to do: " + remedy;
  return text;
}

Error error_from_current_exception() {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure.error();
  } catch (const std::bad_alloc&) {
    return {.code = "internal.out_of_memory", .message = "not enough memory", .remedy = "give the node more memory"};
  } catch (const std::exception& exception) {
    return {.code = "internal.unexpected", .message = exception.what(), .remedy = "please report this"};
  }
}

void stop_on_broken_invariant(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "internal.broken_invariant: %s (at %s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace cohortium
