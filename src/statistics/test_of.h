// What analyses have in common that stand on one released body of numbers ("source"): a table of counts, moments or ranks
// per group. Sources say what is shared and revealed; the analysis adds its words, and what follows after the release.
// For statistics/*.cc only.
#pragma once

#include <string>
#include <vector>

#include "statistics/entries.h"

namespace cohortium::statistics {

// `Source` is made of an EntryContext and has declare(rule), local(table), secure(engine, inputs) and, where rows are
// shared, rows(table).
template <class Source>
class TestOf : public Analysis {
 public:
  Declaration declare() const final {
    Declaration declaration = source_.declare(rule_);
    declaration.computes = computes();
    return declaration;
  }
  std::vector<mpc::u128> local(const data::Table& table) const final { return source_.local(table); }
  std::vector<mpc::u128> rows(const data::Table& table) const final {
    if constexpr (requires { source_.rows(table); }) {
      return source_.rows(table);
    } else {
      return Analysis::rows(table);
    }
  }
  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const final {
    return source_.secure(engine, inputs);
  }

 protected:
  explicit TestOf(const EntryContext& context) : source_(context), rule_(context.rule) {}
  // "the t-test of glucose by type"
  virtual std::string computes() const = 0;
  const Source& source() const { return source_; }

 private:
  Source source_;
  mpc::ReleaseRule rule_;
};

}  // namespace cohortium::statistics
