// How this node speaks TLS: versions, ciphers, its own certificate, and the check that a peer's key is pinned.
// For .cc files of this folder only.
#pragma once

#include <memory>
#include <string>

#include "net/openssl.h"
#include "net/tls.h"

namespace cohortium::net {

enum class Side { kServer, kClient };

struct TlsContext {
  ContextPointer context;
  PinnedPeers peers;
};

// Fails with net.bad_identity.
std::shared_ptr<const TlsContext> make_tls_context(Side side, const TlsIdentity& identity, PinnedPeers peers);

// One connection's question and answer to the certificate check; lives as long as its SSL object.
struct PeerCheck {
  std::string expected;  // empty: any pinned peer
  std::string name;      // who it is, once checked
  std::string refusal;   // why it was refused
};
SslPointer make_ssl(const TlsContext& context, PeerCheck& check);

// Whether OpenSSL's reason is one of the alerts by which the peer says: I do not know your key.
bool is_refusal_of_our_certificate(int reason);

}  // namespace cohortium::net
