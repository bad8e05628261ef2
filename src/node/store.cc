#include "node/store.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"

namespace cohortium::node {
namespace {

constexpr std::size_t largest_result = std::size_t{256} << 20;

}  // namespace

void check_hash(const std::string& hash) {
  const bool good = hash.size() == 64 && std::all_of(hash.begin(), hash.end(), [](char c) {
                      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                    });
  if (!good) {
    throw Failure({.code = "node.unknown_study",
                   .message = "a study is named by its SHA-256, 64 hexadecimal digits",
                   .remedy = "use the hash that `cohortium study submit` printed"});
  }
}

StudyStore::StudyStore(std::filesystem::path state) : studies_(std::move(state) / "studies") {
  std::filesystem::create_directories(studies_);
}

std::filesystem::path StudyStore::folder(const std::string& hash) const {
  check_hash(hash);
  return studies_ / hash;
}

void StudyStore::save(const study::Study& study) {
  if (contains(study.hash)) return;
  std::filesystem::create_directories(folder(study.hash));
  write_file(folder(study.hash) / "study.json", study.canonical);
}

bool StudyStore::contains(const std::string& hash) const {
  return std::filesystem::exists(folder(hash) / "study.json");
}

study::Study StudyStore::find(const std::string& hash) const {
  if (!contains(hash)) {
    throw Failure({.code = "node.unknown_study",
                   .message = "no such study here",
                   .where = hash,
                   .remedy = "submit it first, or check the hash"});
  }
  const std::filesystem::path path = folder(hash) / "study.json";
  study::Study study = study::read_study(path);
  if (study.hash != hash) {
    throw Failure({.code = "node.altered_study",
                   .message = "the stored study no longer has its hash",
                   .where = path.string(),
                   .remedy = "submit the study again; find out who changed the file"});
  }
  return study;
}

std::vector<std::string> StudyStore::hashes() const {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(studies_)) {
    const std::string name = entry.path().filename().string();
    if (name.size() == 64 && contains(name)) all.push_back(name);
  }
  std::sort(all.begin(), all.end());
  return all;
}

void StudyStore::approve(const std::string& hash, const study::Approval& approval) {
  const nlohmann::json json = {{"site", approval.site}, {"by", approval.by}, {"time", approval.time}};
  write_file(folder(hash) / "approval.json", json.dump());
}

std::optional<study::Approval> StudyStore::approval(const std::string& hash) const {
  const std::filesystem::path path = folder(hash) / "approval.json";
  if (!std::filesystem::exists(path)) return std::nullopt;
  const nlohmann::json json = nlohmann::json::parse(read_file(path));
  return study::Approval{json.at("site"), json.at("by"), json.at("time")};
}

void StudyStore::save_result(const std::string& hash, const std::string& result_json) {
  write_file(folder(hash) / "result.json", result_json);
}

std::optional<std::string> StudyStore::result(const std::string& hash) const {
  const std::filesystem::path path = folder(hash) / "result.json";
  if (!std::filesystem::exists(path)) return std::nullopt;
  return read_file(path, largest_result);
}

}  // namespace cohortium::node
