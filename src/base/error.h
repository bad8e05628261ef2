// Errors as values: what went wrong, where, by whose rule, and what to do about it.
//
// Code that can meet a fault from outside (a peer, a file, a user) throws Failure, which carries an Error; the
// boundaries (a command, a request handler, a protocol run) turn it back into a value with attempt(). Our own faults
// are different: COHORTIUM_CHECK stops the program, in release builds too. See docs/decisions/0001-errors.md.
//
// A code is stable, lower-case, "area.what_went_wrong", and listed in docs/errors.md (a test compares). No field may
// hold a secret or a record's value that its reader is not entitled to.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace cohortium {

struct Error {
  std::string code;         // "data.value_out_of_range"
  std::string message;      // one sentence: what is wrong
  std::string where = {};   // JSON path, file:line:column, or the peer's name
  std::string rule = {};    // whose rule it breaks, where there is one: "minimum cell size 11 of the study"
  std::string remedy = {};  // what the reader can do

  // "data.value_out_of_range: … (at lung.csv:17:4)", then the rule and the remedy on lines of their own.
  std::string text() const;
};

class Failure : public std::exception {
 public:
  explicit Failure(Error error) : error_(std::move(error)), text_(error_.text()) {}
  const Error& error() const { return error_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  Error error_;
  std::string text_;
};

// A value or an Error.
template <class T>
class Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor): a value is a result
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor): an error is a result
  bool ok() const { return state_.index() == 0; }
  const T& value() const& {
    if (!ok()) throw Failure(error());
    return std::get<0>(state_);
  }
  T&& value() && {
    if (!ok()) throw Failure(error());
    return std::get<0>(std::move(state_));
  }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// Runs `body` and returns its value, or the Error it failed with. Standard-library exceptions become
// "internal.unexpected".
Error error_from_current_exception();
template <class Body>
auto attempt(Body&& body) -> Result<std::invoke_result_t<Body>> {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    return error_from_current_exception();
  }
}

// Prints the broken invariant and stops the program.
[[noreturn]] void stop_on_broken_invariant(const char* condition, const char* file, int line);

#define COHORTIUM_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::cohortium::stop_on_broken_invariant(#condition, __FILE__, __LINE__))

}  // namespace cohortium
