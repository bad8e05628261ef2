// How much anybody may ask of a node: [limits] in node.toml (docs/operating.md).
#pragma once

#include <cstddef>

namespace cohortium::node {

struct Limits {
  std::size_t connections = 256;            // at once, of everybody; at most half of them still to prove who they are
  std::size_t connections_per_caller = 64;  // at once
  std::size_t requests_per_minute = 600;    // of one person; a member's node may make ten times as many
  std::size_t changes_per_minute = 120;     // of these, requests that change state
  std::size_t body_mebibytes = 16;          // of a request, where its route allows as many (routes.cc)
  std::size_t request_seconds = 10;         // for a request to come, an answer to be taken; and one per 64 KiB
};

}  // namespace cohortium::node
