#include "governance/identity.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "net/certificate.h"

namespace cohortium::governance {

bool is_valid_name(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_allowed = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= 63 && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

net::TlsIdentity identity_files(const std::filesystem::path& folder, const std::string& name) {
  return {.certificate = folder / (name + ".crt"), .key = folder / (name + ".key")};
}

Identity create_identity(const std::filesystem::path& folder, const std::string& name) {
  if (!is_valid_name(name)) {
    throw Failure({.code = "identity.bad_name",
                   .message = "the name \"" + name + "\" cannot be used",
                   .remedy = "begin with a letter a-z, go on with a-z, 0-9, _ and -, at most 63 characters in all"});
  }
  const net::TlsIdentity files = identity_files(folder, name);
  for (const auto& path : {files.key, files.certificate}) {
    if (std::filesystem::exists(path)) {
      throw Failure({.code = "identity.exists",
                     .message = "there is an identity of this name already",
                     .where = path.string(),
                     .remedy = "use it, or choose another folder or name; nothing was changed"});
    }
  }
  std::error_code reported_by_write;
  std::filesystem::create_directories(folder, reported_by_write);
  const net::SelfSigned made = net::make_self_signed(name);
  write_file(files.key, {made.key_pem.data(), made.key_pem.size()}, FileAccess::kOwnerOnly);
  write_file(files.certificate, made.certificate_pem);
  return {.name = name, .files = files, .fingerprint = fingerprint(files.certificate)};
}

std::string fingerprint(const std::filesystem::path& certificate) { return net::certificate_fingerprint(certificate); }

}  // namespace cohortium::governance
