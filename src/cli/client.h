// What the command line asks of nodes, with one person's key.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "governance/consortium.h"
#include "node/http.h"

namespace cohortium::cli {

class Client {
 public:
  // `identity` is the path of NAME.key and NAME.crt without their endings.
  Client(const std::filesystem::path& identity, governance::Consortium consortium);

  const governance::Consortium& consortium() const { return consortium_; }

  nlohmann::json status(const std::string& node) const;
  nlohmann::json submit(const std::string& study_text) const;
  nlohmann::json approve(const std::string& node, const std::string& hash) const;
  nlohmann::json run(const std::string& hash) const;
  nlohmann::json study(const std::string& hash, std::uint64_t version = 0) const;
  nlohmann::json studies() const;
  // The study file as submitted (canonical text).
  std::string file(const std::string& hash) const;
  nlohmann::json result(const std::string& hash) const;

  // Follows a run to its end, telling `progress` every new status. Throws the run's failure.
  void follow(const std::string& hash, const std::function<void(const nlohmann::json&)>& progress) const;

 private:
  nlohmann::json call(const std::string& node, const std::string& method, const std::string& target,
                      const std::string& body) const;
  governance::Consortium consortium_;
  node::HttpClient http_;
};

}  // namespace cohortium::cli
