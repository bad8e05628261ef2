// Where the connections of a run meet the run: a peer may connect a moment before this node has been told to start.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "net/tls.h"

namespace cohortium::node {

enum class Purpose : unsigned char {
  kParty = 0,  // two compute parties
  kShares = 1  // a site deals its shares to a compute party
};

class Rendezvous {
 public:
  // Reads the greeting of a connection that has just been accepted and keeps it for its run. A member may leave at most
  // 64 connections waiting; more are closed, and so is what nobody took in 40 minutes.
  void accept(std::unique_ptr<net::TlsStream> stream);
  // Waits for the connection of `peer`; fails with net.peer_absent when it has not come in time, or with the error the
  // run was cancelled with.
  std::unique_ptr<net::TlsStream> take(const std::string& run, Purpose purpose, const std::string& peer,
                                       std::chrono::milliseconds patience);
  // Ends all waiting of the run, here and on the connections it has handed over to a Breakable.
  void cancel(const std::string& run, const Error& reason);
  // The same by the run itself, which says by its own error what it ended for.
  void give_up(const std::string& run, const Error& reason);
  // Closes what the run had left. Returns what it was cancelled for, if it was.
  std::optional<Error> forget(const std::string& run);

  // Connections in use by a run, and what else cancelling it must end: while this lives, cancelling the run breaks them,
  // so that nobody goes on computing.
  class Breakable {
   public:
    // Fails with the error the run was cancelled with.
    Breakable(Rendezvous& rendezvous, std::string run, const std::vector<int>& sockets,
              std::function<void()> cancel = {});
    ~Breakable();
    Breakable(const Breakable&) = delete;
    Breakable& operator=(const Breakable&) = delete;

   private:
    friend class Rendezvous;
    Rendezvous& rendezvous_;
    const std::string run_;
    std::vector<net::Socket> sockets_;  // duplicates: valid however early the originals are closed
    const std::function<void()> cancel_;
  };

 private:
  using Key = std::tuple<std::string, Purpose, std::string>;
  std::mutex mutex_;
  std::condition_variable changed_;
  struct Waiting {
    std::unique_ptr<net::TlsStream> stream;
    std::chrono::steady_clock::time_point since;
  };
  std::map<Key, Waiting> waiting_;
  struct Ended {
    Error reason;
    bool cancelled;  // else given up
  };
  void end(const std::string& run, const Ended& ended);

  std::map<std::string, Ended> ended_;
  std::set<const Breakable*> breakable_;
};

// The greeting: 32 hexadecimal digits of the run, then the purpose.
void greet(net::TlsStream& stream, const std::string& run, Purpose purpose);

}  // namespace cohortium::node
