// Whose signatures an auditor accepts: those of every key that a version of the consortium file has pinned, today's and
// earlier ones. A log outlives keys: what was signed before a key was replaced, expired or was revoked stays evidence.
#pragma once

#include <filesystem>

#include "governance/consortium.h"
#include "governance/tree_head.h"

namespace cohortium::governance {

// By FILE and FILE.signatures. Reading fails with consortium.*, file.*; checking with consortium.unknown_key, signature.*.
SignatureCheck signature_check(const std::filesystem::path& consortium_file);

// The version with this digest. Fails with consortium.unknown_version.
Consortium consortium_version(const std::filesystem::path& consortium_file, const std::string& digest);

}  // namespace cohortium::governance
