// How fast an audit log takes entries and is verified: audit_bench FOLDER [ENTRIES]
//
// In FOLDER, on whose disk the syncs are: ENTRIES (a million) by many threads, which share syncs, then 1,000 one by one,
// then the verification of all of it, then proofs. Checks that everything is there before it prints, as JSON.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "base/error.h"
#include "governance/audit_files.h"
#include "governance/audit_log.h"
#include "net/certificate.h"

namespace {

using namespace cohortium;
using governance::AuditLog;

constexpr std::size_t threads = 256;  // as many as a node serves connections
constexpr std::uint64_t alone = 1000, proofs = 1000;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void append(AuditLog& log, std::uint64_t count) {
  const nlohmann::json detail = {{"run", std::string(32, 'a')}, {"released_sha256", std::string(64, 'b')}};
  for (std::uint64_t i = 0; i < count; ++i) log.append("run.completed", std::string(64, 'c'), detail);
}

nlohmann::json measure(const std::filesystem::path& folder, std::uint64_t entries) {
  const net::PrivateKey key = net::PrivateKey::generate();
  const std::string fingerprint = net::public_key_fingerprint(key.public_key());
  const governance::Signer signer = [&](std::string_view domain, const nlohmann::json& value) {
    return governance::sign(key, "north", domain, value);
  };
  const governance::SignatureCheck check = [&](const auto& signature, auto domain, const auto& value) {
    governance::verify(signature, fingerprint, domain, value);
  };
  nlohmann::json figures = {{"entries", entries + alone}, {"threads", threads}};
  {
    AuditLog log(folder, "north", signer, check);
    auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> appending;
    for (std::size_t i = 0; i < threads; ++i)
      appending.emplace_back([&, i] { append(log, entries / threads + (i < entries % threads ? 1 : 0)); });
    for (std::thread& each : appending) each.join();
    figures["append_together_per_second"] = static_cast<double>(entries) / seconds_since(start);
    start = std::chrono::steady_clock::now();
    append(log, alone);
    figures["append_alone_per_second"] = static_cast<double>(alone) / seconds_since(start);
    COHORTIUM_CHECK(log.head().size == entries + alone);
  }
  auto start = std::chrono::steady_clock::now();
  const governance::AuditScan scan = governance::scan_audit_log(folder, check);
  figures["verify_per_second"] = static_cast<double>(scan.head.size) / seconds_since(start);
  COHORTIUM_CHECK(scan.head.size == entries + alone && scan.hashes_fit && scan.unsealed.empty());
  figures["bytes_per_entry"] = static_cast<double>(scan.bytes) / static_cast<double>(scan.head.size);
  start = std::chrono::steady_clock::now();
  governance::HashFile hashes(governance::audit_paths(folder).hashes);
  const auto stored = [&](std::uint64_t position) { return hashes.at(position).value(); };
  for (std::uint64_t i = 0; i < proofs; ++i) {
    const std::uint64_t number = 1 + i * (scan.head.size - 1) / proofs;
    const std::string line = governance::entry_text(governance::audit_paths(folder).entries, number, scan.bytes);
    const auto path = governance::inclusion_proof(number - 1, scan.head.size, stored);
    COHORTIUM_CHECK(
        governance::proves_inclusion(path, governance::leaf_hash(line), number - 1, scan.head.size, scan.head.root));
  }
  figures["prove_and_check_per_second"] = static_cast<double>(proofs) / seconds_since(start);
  return figures;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: audit_bench FOLDER [ENTRIES]\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = std::filesystem::path(argv[1]) / "audit-bench";
  std::filesystem::remove_all(folder);
  const auto measured =
      attempt([&] { return measure(folder, argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000); });
  std::filesystem::remove_all(folder);
  if (!measured.ok()) {
    std::fprintf(stderr, "%s\n", measured.error().text().c_str());
    return 1;
  }
  std::printf("%s\n", measured.value().dump(2).c_str());
  return 0;
}
