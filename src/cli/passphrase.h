// Passphrases of keys: from a credential file or a pipe, or typed at the terminal; never from the command line or the
// environment, where others can read them.
#pragma once

#include <filesystem>
#include <string>

#include "governance/identity.h"

namespace cohortium::cli {

// Of an existing key. Without a credential it is asked for; key.no_passphrase where nobody can be asked.
net::Passphrase passphrase_of(const std::filesystem::path& key, const std::filesystem::path& credential);

// Where a key gets a passphrase: from one of two files, or typed twice.
struct NewPassphrase {
  std::filesystem::path credential;      // that exists
  std::filesystem::path new_credential;  // to be made
};
// Fails with key.no_passphrase, also when the two that were typed differ.
net::Passphrase new_passphrase_for(const std::filesystem::path& key, const NewPassphrase& source);

// The identity FOLDER/NAME, opened.
governance::Identity open_identity(const std::filesystem::path& path, const std::filesystem::path& credential);

}  // namespace cohortium::cli
