#include "node/release_list.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"

namespace cohortium::node {
namespace {

using governance::Release;
using nlohmann::json;

constexpr std::uint64_t most_minimum = std::uint64_t{1} << 30, most_families = 4096, most_groups = 4096;

bool is_hexadecimal(const json& value, std::size_t length) {
  if (!value.is_string()) return false;
  const std::string& text = value.get_ref<const std::string&>();
  return text.size() == length && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_count(const json& value, std::uint64_t most) {
  return value.is_number_unsigned() && value >= 1u && value <= most;
}

bool is_release(const json& each) {
  if (!each.is_object() || !is_hexadecimal(each.value("run", json()), 32) ||
      !is_hexadecimal(each.value("study", json()), 64) || !each.value("time", json()).is_string() ||
      !is_timestamp(each["time"].get_ref<const std::string&>()) ||
      !is_count(each.value("minimum", json()), most_minimum))
    return false;
  const json families = each.value("families", json());
  return families.is_array() && !families.empty() && families.size() <= most_families && families.front() == 1u &&
         std::all_of(families.begin(), families.end(),
                     [](const json& groups) { return is_count(groups, most_groups); });
}

}  // namespace

std::string release_list(const std::vector<Release>& releases) {
  json list = json::array();
  for (const Release& release : releases)
    list.push_back({{"run", release.run},
                    {"study", release.study},
                    {"time", release.time},
                    {"minimum", release.shape.minimum},
                    {"families", release.shape.families}});
  return list.dump();
}

void refuse_release_list(const std::string& peer) {
  throw Failure({.code = "node.bad_releases",
                 .message = "this is no list of earlier releases as this program writes it",
                 .where = peer,
                 .remedy = "let all nodes run the same version of this program"});
}

std::vector<Release> read_release_list(std::span<const std::byte> message, const std::string& peer) {
  const auto* text = reinterpret_cast<const char*>(message.data());
  const json list = json::parse(text, text + message.size(), nullptr, false);
  if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_release)) refuse_release_list(peer);
  std::vector<Release> releases;
  for (const json& each : list)
    releases.push_back({.run = each["run"],
                        .study = each["study"],
                        .time = each["time"],
                        .shape = {.minimum = each["minimum"], .families = each["families"]}});
  return releases;
}

}  // namespace cohortium::node
