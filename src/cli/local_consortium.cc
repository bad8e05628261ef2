#include "cli/local_consortium.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/file.h"
#include "cli/interrupt.h"
#include "governance/consortium_history.h"
#include "node/http.h"

namespace cohortium::cli {
namespace {

constexpr std::chrono::seconds start_patience{20};
constexpr std::chrono::seconds stop_patience{1};  // nothing that these nodes hold is kept

// Ports that nobody uses at the moment: all are held open until the last one is known.
std::vector<std::uint16_t> free_ports(std::size_t count) {
  std::vector<std::uint16_t> ports;
  std::vector<int> held;
  while (ports.size() < count) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (socket < 0 || ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw Failure(
          {.code = "cli.no_free_port", .message = "no free port on loopback", .remedy = "close some connections"});
    }
    held.push_back(socket);
    ports.push_back(ntohs(address.sin_port));
  }
  for (int socket : held) ::close(socket);
  return ports;
}

std::filesystem::path new_private_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "cohortium-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw Failure({.code = "file.unwritable",
                   .message = "cannot make a temporary folder",
                   .where = pattern,
                   .remedy = "check TMPDIR and the free space"});
  }
  return pattern;
}

// An inherited pipe that holds the passphrase of the node's key; nobody else can read it.
int pipe_with(const net::Passphrase& passphrase) {
  int ends[2];
  COHORTIUM_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
  COHORTIUM_CHECK(::write(ends[1], passphrase.data(), passphrase.size()) == static_cast<ssize_t>(passphrase.size()));
  ::close(ends[1]);
  return ends[0];
}

pid_t start_node(const std::filesystem::path& config, const std::filesystem::path& log,
                 const net::Passphrase& passphrase) {
  const pid_t parent = ::getpid();
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string(), path = config.string();
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int credential = pipe_with(passphrase);
  const pid_t child = ::fork();
  if (child != 0) {
    ::close(out);
    ::close(credential);
    return child;
  }
  // Whatever becomes of this command, its nodes end with it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::setpgid(0, 0);  // Ctrl-C reaches the command alone, which then stops the nodes in order
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::dup2(credential, STDIN_FILENO);
  ::execl(program.c_str(), program.c_str(), "node", "--config", path.c_str(), static_cast<char*>(nullptr));
  ::_exit(127);
}

}  // namespace

LocalConsortium::LocalConsortium(const std::map<std::string, std::filesystem::path>& sites, std::size_t compute_parties)
    : folder_(new_private_folder()), sites_(sites), compute_parties_(compute_parties) {
  try {
    make_identities();
    start_nodes();
  } catch (...) {
    stop_nodes();
    throw;
  }
}

LocalConsortium::~LocalConsortium() { stop_nodes(); }

void LocalConsortium::make_identities() {
  consortium_.name = "local";
  consortium_.minimum_cell = 1;  // whoever runs this sees all records anyway
  consortium_.exact_curves = true;
  consortium_.network = "loopback";
  std::vector<std::string> names;
  for (const auto& [name, records] : sites_) names.push_back(name);
  for (int i = 1; names.size() < compute_parties_; ++i) names.push_back("compute-" + std::to_string(i));
  std::vector<governance::Identity> identities;
  const std::vector<std::uint16_t> ports = free_ports(names.size());
  consortium_.coordinator = names.front();
  for (std::size_t i = 0; i < names.size(); ++i) {
    identities.push_back(governance::create_identity(folder_, names[i], passphrase_));
    consortium_.members.push_back({.name = names[i],
                                   .endpoint = "127.0.0.1:" + std::to_string(ports[i]),
                                   .fingerprint = identities.back().fingerprint,
                                   .site = sites_.contains(names[i]),
                                   .compute = i < compute_parties_});
    std::string config = "name = \"" + names[i] + "\"\nconsortium = \"consortium.toml\"\ncertificate = \"" + names[i] +
                         ".crt\"\nkey = \"" + names[i] +
                         ".key\"\ncredential = \"/dev/stdin\"\nlisten = \"127.0.0.1:" + std::to_string(ports[i]) +
                         "\"\nstate = \"state-" + names[i] + "\"\n";
    if (sites_.contains(names[i])) {
      const std::string records = std::filesystem::absolute(sites_[names[i]]).string();
      config += "data = " + nlohmann::json(records).dump() + "\n";
      const std::string person_name = "approver-" + names[i];
      const auto person = governance::create_identity(folder_, person_name, passphrase_);
      consortium_.people.push_back({.name = person_name,
                                    .fingerprint = person.fingerprint,
                                    .role = governance::Role::kApprover,
                                    .member = names[i]});
    }
    write_file(folder_ / (names[i] + ".toml"), config);
  }
  const auto analyst = governance::create_identity(folder_, "local-analyst", passphrase_);
  consortium_.people.push_back(
      {.name = "local-analyst", .fingerprint = analyst.fingerprint, .role = governance::Role::kAnalyst, .member = ""});
  governance::ConsortiumHistory history(governance::consortium_text(consortium_));
  for (const governance::Identity& identity : identities) history.sign(identity);
  history.write(folder_ / "consortium.toml");
  consortium_ = history.in_force();
  analyst_ = std::make_unique<Client>(analyst, consortium_);
}

void LocalConsortium::start_nodes() {
  for (const auto& member : consortium_.members) {
    processes_[member.name] =
        start_node(folder_ / (member.name + ".toml"), folder_ / (member.name + ".log"), passphrase_);
  }
  const auto deadline = std::chrono::steady_clock::now() + start_patience;
  for (const auto& member : consortium_.members) {
    for (;;) {
      const auto answer = attempt([&] { return analyst_->status(member.name); });
      if (answer.ok()) break;
      check_nodes();
      if (interrupted() || std::chrono::steady_clock::now() > deadline) throw Failure(answer.error());
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
}

void LocalConsortium::check_nodes() const {
  for (const auto& [name, process] : processes_) {
    int status = 0;
    if (::waitpid(process, &status, WNOHANG) != process) continue;
    const auto log = attempt([&, node = name] { return read_file(folder_ / (node + ".log")); });
    throw Failure({.code = "cli.node_failed",
                   .message = "the node of " + name + " has ended:\n" + (log.ok() ? log.value() : ""),
                   .where = name,
                   .remedy = "mend what it complains about and run again"});
  }
}

void LocalConsortium::stop_nodes() {
  for (const auto& [name, process] : processes_) ::kill(process, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + stop_patience;
  for (const auto& [name, process] : processes_) {
    while (::waitpid(process, nullptr, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > deadline) ::kill(process, SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  processes_.clear();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Client LocalConsortium::approver_of(const std::string& site) const {
  return {governance::load_identity(governance::identity_files(folder_ / ("approver-" + site)), passphrase_),
          consortium_};
}

std::string LocalConsortium::site_error(const std::string& site) const {
  const auto text = attempt([&] { return read_file(folder_ / ("state-" + site) / "last_error.json"); });
  if (!text.ok()) return "";
  const auto json = nlohmann::json::parse(text.value(), nullptr, false);
  return json.contains("error") ? node::error_from_json(json["error"]).text() : "";
}

}  // namespace cohortium::cli
