// Algorithms on tables as workloads.
#include "bench/workload.h"

namespace cohortium::bench {

std::vector<Workload> table_workloads() { return {}; }

}  // namespace cohortium::bench
