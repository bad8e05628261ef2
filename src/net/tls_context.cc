#include "net/tls_context.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace cohortium::net {
namespace {

void load_identity(SSL_CTX* context, const TlsIdentity& identity) {
  const CertificatePointer certificate = parse_certificate(identity.certificate);
  if (SSL_CTX_use_certificate(context, certificate.get()) == 1 &&
      SSL_CTX_use_PrivateKey(context, identity.key.state().key.get()) == 1)
    return;
  throw Failure({.code = "net.bad_identity",
                 .message = "the certificate and the key do not belong together: " + openssl_reason(),
                 .remedy = "check the paths in the node's configuration, or create a new identity"});
}

// Takes the place of OpenSSL's chain verification. Possession of the key is proved later in the handshake, by
// CertificateVerify; without it there is no connection.
int check_peer(X509_STORE_CTX* store, void* argument) {
  const auto& peers = static_cast<const TlsContext*>(argument)->peers;
  auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& check = *static_cast<PeerCheck*>(SSL_get_app_data(ssl));
  const X509* const certificate = X509_STORE_CTX_get0_cert(store);
  const std::string fingerprint = certificate != nullptr ? fingerprint_of(*certificate) : "";
  const auto found =
      std::find_if(peers.begin(), peers.end(), [&](const auto& peer) { return peer.second == fingerprint; });
  if (found == peers.end()) {
    check.refusal = "it shows a key that is not in the consortium file (fingerprint " + fingerprint + ")";
  } else if (!check.expected.empty() && found->first != check.expected) {
    check.refusal = "it is " + found->first + ", not " + check.expected;
  } else {
    check.name = found->first;
    return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  for (const std::string_view ours : {channel_protocol, http_protocol}) {
    for (unsigned at = 0; at < offered_size && at + offered[at] < offered_size; at += 1u + offered[at]) {
      if (ours == std::string_view(reinterpret_cast<const char*>(offered + at + 1), offered[at])) {
        *chosen = offered + at + 1;
        *chosen_size = offered[at];
        return SSL_TLSEXT_ERR_OK;
      }
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void configure(SSL_CTX* context) {
  COHORTIUM_CHECK(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1);
  COHORTIUM_CHECK(SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1);
  COHORTIUM_CHECK(SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384") == 1);
  COHORTIUM_CHECK(SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
  COHORTIUM_CHECK(SSL_CTX_set_num_tickets(context, 0) == 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context, 16384);
}

}  // namespace

std::shared_ptr<const TlsContext> make_tls_context(Side side, const TlsIdentity& identity, PinnedPeers peers) {
  auto result = std::make_shared<TlsContext>();
  result->context.reset(SSL_CTX_new(side == Side::kServer ? TLS_server_method() : TLS_client_method()));
  result->peers = std::move(peers);
  SSL_CTX* const context = result->context.get();
  COHORTIUM_CHECK(context != nullptr);
  configure(context);
  load_identity(context, identity);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, check_peer, result.get());
  if (side == Side::kServer) SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  return result;
}

SslPointer make_ssl(const TlsContext& context, PeerCheck& check) {
  SslPointer ssl(SSL_new(context.context.get()));
  COHORTIUM_CHECK(ssl != nullptr);
  SSL_set_app_data(ssl.get(), &check);
  return ssl;
}

bool is_refusal_of_our_certificate(int reason) {
  switch (reason) {
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

}  // namespace cohortium::net
