// Logs of made-up nodes in a folder of their own, for tests.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "crypto/random_generator.h"
#include "governance/audit_log.h"
#include "net/certificate.h"

namespace cohortium::governance {

class AuditFixture : public testing::Test {
 protected:
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("cohortium_audit_test_" + std::to_string(::getpid()));

  AuditFixture() { std::filesystem::create_directories(folder); }
  ~AuditFixture() override { std::filesystem::remove_all(folder); }

  Signer signer(const std::string& node) const {
    return [this, node](std::string_view domain, const nlohmann::json& value) {
      return sign(keys_.at(node), node, domain, value);
    };
  }
  SignatureCheck check() const {
    return [this](const Signature& signature, std::string_view domain, const nlohmann::json& value) {
      if (!keys_.contains(signature.by)) throw Failure({.code = "signature.stranger", .message = "no such node"});
      verify(signature, net::public_key_fingerprint(keys_.at(signature.by).public_key()), domain, value);
    };
  }
  // The log folder/NODE, signed by that node or another.
  std::unique_ptr<AuditLog> open(const std::string& node, const std::string& by = "") const {
    return std::make_unique<AuditLog>(folder / node, node, signer(by.empty() ? node : by), check());
  }
  void write_entries(const std::string& node, int count, const std::string& by = "") const {
    const auto log = open(node, by);
    for (int i = 0; i < count; ++i)
      log->append("study.submitted", "abc", {{"number", i}, {"random", to_hex(bytes_of(crypto::random_seed()))}});
  }
  static std::vector<std::string> lines(const std::filesystem::path& path) {
    std::vector<std::string> result;
    std::istringstream in(read_file(path));
    for (std::string line; std::getline(in, line);) result.push_back(line);
    return result;
  }
  static void write_lines(const std::filesystem::path& path, const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& line : all) text += line + "\n";
    write_file(path, text);
  }

 private:
  const std::map<std::string, net::PrivateKey> keys_ = {{"north", net::PrivateKey::generate()},
                                                        {"south", net::PrivateKey::generate()},
                                                        {"west", net::PrivateKey::generate()}};
};

}  // namespace cohortium::governance
