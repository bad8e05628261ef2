// One party of a benchmark: connects, then does what it is told until the other side of its control line closes.
#pragma once

#include "bench/control.h"
#include "bench/parties.h"

namespace cohortium::bench {

// Failures are told to the other side and end the party.
//
//   party                                          starter
//   {"port": 40001}                            ->
//                                              <-  {"ports": [40001, 40002, 40003]}    (transports with ports)
//   {"connected": true}                        ->
//                                              <-  {"workload": 3, "elements": 1000, "repeats": 3}
//   {"ready": true}, once per run              ->
//                                              <-  {"go": true}, once all are ready
//   {"measured": {…}}                          ->
//   {"error": {code, message, where, remedy}}  ->
void run_party(mpc::PartyId self, const PartySettings& settings, const Transport& transport,
               const std::vector<Workload>& workloads, Control control);

}  // namespace cohortium::bench
