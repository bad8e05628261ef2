// Text from outside must be UTF-8 (RFC 3629: no surrogates, no overlong forms).
#pragma once

#include <cstddef>
#include <string_view>

namespace cohortium::data {

// Position of the first byte that is not UTF-8, or the text's size.
std::size_t first_bad_byte(std::string_view text);

}  // namespace cohortium::data
