#include "node/store.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"

namespace cohortium::node {
namespace {

constexpr std::size_t largest_result = std::size_t{256} << 20;
constexpr std::size_t most_agreement_checks = 20;

std::optional<std::string> read_if_there(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  return read_file(path, largest_result);
}

// What a killed write_file (base/file.h) had begun: "….new4711".
void remove_unfinished(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> unfinished;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().extension().string().starts_with(".new")) unfinished.push_back(entry.path());
  for (const auto& path : unfinished) std::filesystem::remove(path);
}

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
  remove_unfinished(studies_);
}

std::filesystem::path StudyStore::folder(const std::string& hash) const {
  check_hash(hash);
  return studies_ / hash;
}

void StudyStore::save(const governance::Envelope& envelope) {
  std::filesystem::create_directories(folder(envelope.study.hash));
  write_file(folder(envelope.study.hash) / "envelope.json", governance::envelope_text(envelope));
}

bool StudyStore::contains(const std::string& hash) const {
  return std::filesystem::exists(folder(hash) / "envelope.json");
}

governance::Envelope StudyStore::find(const std::string& hash) const {
  if (!contains(hash)) {
    throw Failure({.code = "node.unknown_study",
                   .message = "no such study here",
                   .where = hash,
                   .remedy = "submit it first, or check the hash"});
  }
  const std::filesystem::path path = folder(hash) / "envelope.json";
  const auto envelope = attempt([&] { return governance::parse_envelope(read_file(path)); });
  if (!envelope.ok() || envelope.value().study.hash != hash) {
    throw Failure({.code = "node.altered_study",
                   .message = "the stored study no longer has its hash",
                   .where = path.string(),
                   .remedy = "submit the study again; find out who changed the file"});
  }
  return envelope.value();
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

bool StudyStore::has(const governance::Decision& decision) const {
  const std::vector<governance::Decision> all = decisions(decision.study);
  return std::any_of(all.begin(), all.end(), [&](const auto& known) { return known.says_the_same_as(decision); });
}

void StudyStore::refuse_repeated(const governance::Decision& decision) const {
  if (has(decision)) {
    throw Failure({.code = "decision.repeated",
                   .message = "this very approval or withdrawal has been given before",
                   .where = decision.study,
                   .rule = "a signed decision counts once",
                   .remedy = "decide anew with `cohortium study approve` or `withdraw`"});
  }
}

void StudyStore::decide(const governance::Decision& decision) {
  std::vector<governance::Decision> all = decisions(decision.study);
  all.push_back(decision);
  nlohmann::json list = nlohmann::json::array();
  for (const auto& each : all) list.push_back(governance::to_json(each));
  write_file(folder(decision.study) / "decisions.json", list.dump());
}

std::vector<governance::Decision> StudyStore::decisions(const std::string& hash) const {
  std::vector<governance::Decision> all;
  const std::filesystem::path path = folder(hash) / "decisions.json";
  if (!std::filesystem::exists(path)) return all;
  for (const auto& each : nlohmann::json::parse(read_file(path))) all.push_back(governance::decision_from_json(each));
  return all;
}

void StudyStore::count_agreement_check(const std::string& hash) {
  const std::filesystem::path path = folder(hash) / "agreement_checks";  // as many bytes as there were
  std::string checks = std::filesystem::exists(path) ? read_file(path, most_agreement_checks) : "";
  if (checks.size() >= most_agreement_checks) {
    throw Failure({.code = "node.too_many_checks",
                   .message = "whether the sites agree has been asked often enough for this study",
                   .where = hash,
                   .rule = "at most 20 times, runs included: every answer tells a site something about the others",
                   .remedy = "mend what disagrees first, then submit a new study"});
  }
  write_file(path, checks + "x");
}

void StudyStore::save_run(const std::string& hash, const nlohmann::json& run) {
  write_file(folder(hash) / "run.json", run.dump());
}

std::optional<nlohmann::json> StudyStore::run(const std::string& hash) const {
  const std::filesystem::path path = folder(hash) / "run.json";
  if (!std::filesystem::exists(path)) return std::nullopt;
  return nlohmann::json::parse(read_file(path));
}

void StudyStore::keep_finished(const std::string& hash, const std::string& result_json) {
  write_file(folder(hash) / "finished.json", result_json);
}

std::optional<std::string> StudyStore::finished(const std::string& hash) const {
  return read_if_there(folder(hash) / "finished.json");
}

// A rename that the disk forgets is done again at the next start.
void StudyStore::publish(const std::string& hash) {
  std::filesystem::rename(folder(hash) / "finished.json", folder(hash) / "result.json");
}

void StudyStore::discard_finished(const std::string& hash) { std::filesystem::remove(folder(hash) / "finished.json"); }

std::optional<std::string> StudyStore::result(const std::string& hash) const {
  return read_if_there(folder(hash) / "result.json");
}

}  // namespace cohortium::node
