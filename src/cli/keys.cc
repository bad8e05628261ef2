// `cohortium keys`, `cohortium consortium` and `cohortium audit`.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "governance/audit_log.h"
#include "governance/consortium.h"
#include "governance/identity.h"

namespace cohortium::cli {
namespace {

using nlohmann::json;

void print(const Output& output, const json& machine, const std::string& people) {
  std::fputs(output.json ? (machine.dump(2) + "\n").c_str() : people.c_str(), stdout);
}

// "NAME=a,b,c" as NAME and its parts.
struct Assignment {
  std::string name;
  std::vector<std::string> parts;
};

Assignment parse_assignment(const std::string& text, const std::string& option, const std::string& form,
                            std::size_t least) {
  const std::size_t equals = text.find('=');
  Assignment assignment{.name = text.substr(0, equals), .parts = {}};
  if (equals != std::string::npos) {
    for (std::size_t from = equals + 1; from <= text.size();) {
      const std::size_t to = std::min(text.find(',', from), text.size());
      assignment.parts.push_back(text.substr(from, to - from));
      from = to + 1;
    }
  }
  if (assignment.parts.size() < least) {
    throw Failure({.code = "cli.bad_option",
                   .message = "\"" + text + "\" is not " + form,
                   .where = option,
                   .remedy = "see --help"});
  }
  return assignment;
}

governance::Member parse_member(const std::string& text) {
  const std::string form = "NAME=HOST:PORT,CERTIFICATE[,site][,compute]";
  const Assignment assignment = parse_assignment(text, "--member", form, 2);
  governance::Member member{.name = assignment.name,
                            .endpoint = assignment.parts[0],
                            .fingerprint = governance::fingerprint(assignment.parts[1])};
  for (std::size_t i = 2; i < assignment.parts.size(); ++i) {
    if (assignment.parts[i] == "site") {
      member.site = true;
    } else if (assignment.parts[i] == "compute") {
      member.compute = true;
    } else {
      throw Failure({.code = "cli.bad_option",
                     .message = "\"" + assignment.parts[i] + "\" is neither site nor compute",
                     .where = "--member",
                     .remedy = "write " + form});
    }
  }
  return member;
}

}  // namespace

void create_keys(const std::string& name, const std::filesystem::path& folder, const Output& output) {
  const governance::Identity identity = governance::create_identity(folder, name);
  print(output,
        {{"name", name},
         {"key", identity.files.key.string()},
         {"certificate", identity.files.certificate.string()},
         {"fingerprint", identity.fingerprint}},
        fmt::format("key          {} (keep it; give it to nobody)\ncertificate  {}\nfingerprint  {}\n",
                    identity.files.key.string(), identity.files.certificate.string(), identity.fingerprint));
}

void create_consortium(const ConsortiumOptions& options, const Output& output) {
  governance::Consortium consortium;
  consortium.name = options.name;
  consortium.minimum_cell = options.minimum_cell;
  consortium.exact_curves = options.exact_curves;
  consortium.network = options.network;
  for (const std::string& text : options.members) consortium.members.push_back(parse_member(text));
  for (const std::string& text : options.analysts) {
    const Assignment person = parse_assignment(text, "--analyst", "NAME=CERTIFICATE", 1);
    consortium.people.push_back({.name = person.name,
                                 .fingerprint = governance::fingerprint(person.parts[0]),
                                 .role = governance::Role::kAnalyst,
                                 .member = ""});
  }
  for (const std::string& text : options.operators) {
    const Assignment person = parse_assignment(text, "--operator", "NAME=CERTIFICATE,MEMBER", 2);
    consortium.people.push_back({.name = person.name,
                                 .fingerprint = governance::fingerprint(person.parts[0]),
                                 .role = governance::Role::kOperator,
                                 .member = person.parts[1]});
  }
  consortium.coordinator = options.coordinator.empty() && !consortium.members.empty() ? consortium.members.front().name
                                                                                      : options.coordinator;
  governance::write_consortium(options.out, consortium);
  const std::string digest = governance::read_consortium(options.out).digest;
  print(output, {{"consortium", options.out.string()}, {"digest", digest}},
        fmt::format("{} written; every member uses this very file, with digest\n{}\n", options.out.string(), digest));
}

void verify_audit_log(const std::filesystem::path& log, const Output& output) {
  const governance::AuditHead head = governance::AuditLog::verify(log);
  print(output, {{"entries", head.sequence}, {"head", head.hash}},
        fmt::format("{} entries, unbroken; head {}\n", head.sequence, head.hash));
}

}  // namespace cohortium::cli
