// The faults of a peer, as errors: one wording and one code whatever the channel. `where` is the peer's name, or its
// address as long as it has not proved a name.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/error.h"

namespace cohortium::net {

Error peer_closed(const std::string& peer);
Error peer_silent(const std::string& peer, std::chrono::milliseconds patience);
Error bad_frame(const std::string& peer, const std::string& what);
Error unexpected_length(const std::string& peer, std::size_t expected, std::size_t actual);
Error longer_than(const std::string& peer, std::size_t limit, std::size_t actual);
Error wrong_certificate(const std::string& where, const std::string& message);
Error tls_failed(const std::string& where, const std::string& message);

}  // namespace cohortium::net
