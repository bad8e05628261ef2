// Small programs that between them use every kernel and every algorithm, for tests that treat protocols as a whole.
#pragma once

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "mpc/engine.h"

namespace cohortium::conformance {

// The name of a protocol as part of a test's name.
inline std::string test_name(std::string protocol) {
  std::replace(protocol.begin(), protocol.end(), '-', '_');
  return protocol;
}

struct Program {
  std::string name;
  // Runs on n elements whose values depend on the seed alone.
  std::function<void(mpc::Engine& engine, std::size_t n, unsigned seed)> run;
};

inline void PrintTo(const Program& program, std::ostream* out) { *out << program.name; }

const std::vector<Program>& kernel_programs();
const std::vector<Program>& algorithm_programs();
const std::vector<Program>& table_programs();     // table_programs.cc
const std::vector<Program>& numeric_programs();   // numeric_programs.cc
const std::vector<Program>& analysis_programs();  // analysis_programs.cc
std::vector<Program> all_programs();
// The kernels and the first algorithms, of which the others are made: for protocols that take their time.
std::vector<Program> building_programs();
void discrimination(mpc::Engine& engine, std::size_t n, unsigned seed);  // analysis_programs.cc, of the next
// Programs whose course, and so their cost, also depends on the order of shuffled rows; not among all_programs.
const std::vector<Program>& shuffled_programs();  // table_programs.cc

}  // namespace cohortium::conformance
