// A key's successor, announced by the key itself: what members look at before they sign a consortium file with the new
// one.
//
//   {"statement": {"name", "new", "old"}, "by_old": {...}, "by_new": {...}}
//
// `old` and `new` are fingerprints. Both keys sign, in the domain "rotation": the old one says who follows it, the new
// one that it exists and is in the same hands.
#pragma once

#include <string>

#include "governance/consortium.h"
#include "governance/identity.h"

namespace cohortium::governance {

std::string rotation_text(const std::string& name, const Identity& old_identity, const Identity& new_identity);

// The consortium with the new key in place of the old one, which is revoked. Fails with rotation.malformed,
// rotation.other_key (the old key is not the pinned one) or signature.*.
Consortium with_rotation(Consortium consortium, const std::string& rotation_text);

}  // namespace cohortium::governance
