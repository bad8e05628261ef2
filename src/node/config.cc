#include "node/config.h"

#include <toml++/toml.h>

#include <charconv>
#include <set>

#include "base/error.h"
#include "base/file.h"

namespace cohortium::node {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const toml::source_region& region,
                         const std::string& message) {
  throw Failure(
      {.code = "node.bad_config",
       .message = message,
       .where = path.string() + ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column),
       .remedy = "see the example in docs/operating.md"});
}

toml::table parse(const std::filesystem::path& path) {
  try {
    return toml::parse(read_file(path, 1 << 20), path.string());
  } catch (const toml::parse_error& error) {
    refuse(path, error.source(), std::string(error.description()));
  }
}

}  // namespace

Endpoint parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  Endpoint endpoint;
  if (colon != std::string::npos && colon > 0) {
    endpoint.host = text.substr(0, colon);
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, endpoint.port);
    if (error == std::errc{} && stop == end) return endpoint;
  }
  throw Failure({.code = "node.bad_endpoint",
                 .message = "\"" + text + "\" is not host:port",
                 .remedy = "write for example 0.0.0.0:7443"});
}

NodeConfig read_config(const std::filesystem::path& path) {
  const toml::table file = parse(path);
  static const std::set<std::string_view> known = {"name",   "consortium", "certificate", "key",
                                                   "listen", "state",      "data"};
  for (const auto& [key, value] : file) {
    if (!known.contains(key.str()))
      refuse(path, value.source(), "there is no setting \"" + std::string(key.str()) + "\"");
    if (!value.is_string()) refuse(path, value.source(), "\"" + std::string(key.str()) + "\" is not a text");
  }
  auto text = [&](const char* key) -> std::string {
    if (const auto value = file[key].value<std::string>()) return *value;
    refuse(path, file.source(), std::string("the setting \"") + key + "\" is missing");
  };
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  NodeConfig config;
  config.name = text("name");
  config.consortium = folder / text("consortium");
  config.certificate = folder / text("certificate");
  config.key = folder / text("key");
  config.state = folder / text("state");
  if (file.contains("data")) config.data = folder / text("data");
  const Endpoint listen = parse_endpoint(text("listen"));
  config.listen_address = listen.host;
  config.listen_port = listen.port;
  return config;
}

}  // namespace cohortium::node
