// One spelling for a JSON value, so that two programs that hash or sign it work on the same bytes.
//
// Members are sorted by their names' UTF-16 code units, there is no white space, strings are UTF-8 with the shortest
// escapes, numbers are IEEE 754 doubles as ECMAScript prints them: 1.0 is 1, 1e21 is 1e+21.
//
// Source  RFC 8785; ECMAScript 2019, section 7.1.12.1 (Number::toString)
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace cohortium::crypto {

// Fails with codec.not_canonical: a whole number beyond 2^53 that other programs would round; what is not UTF-8; more
// than 100 levels.
std::string canonical_json(const nlohmann::json& value);

std::string canonical_number(double value);  // finite

}  // namespace cohortium::crypto
