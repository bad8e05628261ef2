// How near a measurement comes to what the machine allows: the time that the scarcest resource alone would take.
//
// All parties share this machine. Resources and what a run spends of them:
//   stream        every byte sent by any party, at the speed of one loopback stream (which keeps both ends' cores busy)
//   rounds        every round waits for one message
//   link          on a network that is played: every byte of the party that sends most, over its two links
//   key stream    every byte sent is masked by two pseudo-random ones
//   multiply-add  where the workload counts them
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "bench/limits.h"
#include "bench/parties.h"
#include "net/shaped_channel.h"

namespace cohortium::bench {

struct Floor {
  std::string resource;
  double seconds = 0;
};

Floor floor_of(const Measurement& measured, const Limits& limits, const net::LinkShape& shape,
               const std::string& channel, int cores);

nlohmann::json to_json(const Limits& limits);

}  // namespace cohortium::bench
