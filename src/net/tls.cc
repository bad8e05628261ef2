#include "net/tls.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/error.h"
#include "net/byte_queue.h"
#include "net/faults.h"
#include "net/tls_context.h"

namespace cohortium::net {

using std::chrono::milliseconds;

// OpenSSL reads from `incoming` and writes to `outgoing`, through the two functions below it (a BIO of our own). A write
// therefore always succeeds and is complete; what the socket does not take at once waits as ciphertext. `incoming` takes
// many records from the socket at once. OpenSSL could do that itself, but it moves all it has read ahead for each record.
struct TlsStream::State {
  std::shared_ptr<const TlsContext> context;
  Socket socket;
  std::string address, protocol;
  PeerCheck check;
  SslPointer ssl;
  ByteQueue outgoing;
  Bytes incoming;
  std::size_t incoming_begin = 0, incoming_end = 0;  // what OpenSSL has not taken yet
  bool broken = false;                               // the socket takes nothing any more
  int read_error = 0;                                // of the socket
  std::uint64_t sent_under_this_key = 0;

  const std::string& where() const { return check.name.empty() ? address : check.name; }
  bool flush();
  [[noreturn]] void fail(int ssl_result);
};

namespace {

// OpenSSL wants an empty queue before every call; looking is cheaper than clearing.
void forget_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

// Enough ciphertext for one system call to be worth it.
constexpr std::size_t send_threshold = std::size_t{128} << 10;
constexpr std::size_t receive_size = std::size_t{256} << 10;

// Far below the 2^24.5 records that RFC 8446, section 5.5, allows under one AES-GCM key.
constexpr std::uint64_t bytes_per_key = std::uint64_t{1} << 36;

int write_to_queue(BIO* bio, const char* data, int size) {
  auto& state = *static_cast<TlsStream::State*>(BIO_get_data(bio));
  if (state.broken) return -1;
  state.outgoing.append(std::as_bytes(std::span(data, static_cast<std::size_t>(size))));
  if (state.outgoing.size() >= send_threshold) state.flush();
  return size;
}

// What recv() returned.
ssize_t refill(TlsStream::State& state) {
  if (state.incoming.empty()) state.incoming.resize(receive_size);
  while (true) {
    const ssize_t count = ::recv(state.socket.descriptor(), state.incoming.data(), state.incoming.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    state.incoming_begin = 0;
    state.incoming_end = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    return count;
  }
}

int read_from_socket(BIO* bio, char* data, int size) {
  auto& state = *static_cast<TlsStream::State*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (state.incoming_begin == state.incoming_end) {
    const ssize_t count = refill(state);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      BIO_set_retry_read(bio);
    } else if (count < 0) {
      state.read_error = errno;
    }
    if (count <= 0) return static_cast<int>(count);
  }
  const std::size_t count = std::min(static_cast<std::size_t>(size), state.incoming_end - state.incoming_begin);
  std::memcpy(data, state.incoming.data() + state.incoming_begin, count);
  state.incoming_begin += count;
  return static_cast<int>(count);
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO* make_bio(TlsStream::State& state) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cohortium socket");
    COHORTIUM_CHECK(made != nullptr);
    BIO_meth_set_write(made, write_to_queue);
    BIO_meth_set_read(made, read_from_socket);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  BIO* const bio = BIO_new(method);
  COHORTIUM_CHECK(bio != nullptr);
  BIO_set_data(bio, &state);
  BIO_set_init(bio, 1);
  return bio;
}

std::unique_ptr<TlsStream> make_stream(Side side, std::shared_ptr<const TlsContext> context, Socket socket,
                                       std::string expected_peer) {
  auto state = std::make_unique<TlsStream::State>();
  state->context = std::move(context);
  state->socket = std::move(socket);
  state->address = remote_address(state->socket);
  state->check.expected = std::move(expected_peer);
  state->ssl = make_ssl(*state->context, state->check);
  BIO* const bio = make_bio(*state);
  SSL_set_bio(state->ssl.get(), bio, bio);
  if (side == Side::kServer) {
    SSL_set_accept_state(state->ssl.get());
  } else {
    SSL_set_connect_state(state->ssl.get());
  }
  return std::make_unique<TlsStream>(std::move(state));
}

}  // namespace

bool TlsStream::State::flush() {
  bool moved = false;
  while (!outgoing.empty() && !broken) {
    const auto front = outgoing.front();
    const ssize_t count = ::send(socket.descriptor(), front.data(), front.size(), MSG_NOSIGNAL);
    if (count > 0) {
      outgoing.consume(static_cast<std::size_t>(count));
      moved = true;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      break;
    } else if (errno != EINTR) {
      broken = true;
    }
  }
  return moved;
}

void TlsStream::State::fail(int ssl_result) {
  const int error = SSL_get_error(ssl.get(), ssl_result);
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  const std::string text = error == SSL_ERROR_SSL ? openssl_reason() : "";
  flush();  // the alert that tells the peer why
  if (!check.refusal.empty()) throw Failure(wrong_certificate(address, "the peer is refused: " + check.refusal));
  if (error == SSL_ERROR_SSL && reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
    throw Failure(wrong_certificate(address, "the peer shows no certificate"));
  }
  if (error == SSL_ERROR_SSL && is_refusal_of_our_certificate(reason)) {
    throw Failure(wrong_certificate(where(), "the peer refused this node's certificate"));
  }
  if (!SSL_is_init_finished(ssl.get())) {
    throw Failure(tls_failed(where(), "the TLS handshake failed: " + (text.empty() ? "connection closed" : text)));
  }
  if (error == SSL_ERROR_SSL && reason != SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    throw Failure(tls_failed(where(), "the TLS connection failed: " + text));
  }
  const bool host_is_gone = read_error == ETIMEDOUT || read_error == EHOSTUNREACH;
  throw Failure(host_is_gone ? peer_silent(where(), host_patience) : peer_closed(where()));
}

TlsStream::TlsStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsStream::~TlsStream() = default;

const std::string& TlsStream::peer() const { return state_->check.name; }
const std::string& TlsStream::address() const { return state_->address; }
const std::string& TlsStream::protocol() const { return state_->protocol; }
const Socket& TlsStream::socket() const { return state_->socket; }
bool TlsStream::output_is_pending() const { return !state_->outgoing.empty(); }

void TlsStream::handshake(Deadline deadline) {
  SSL* const ssl = state_->ssl.get();
  while (true) {
    forget_errors();
    const int result = SSL_do_handshake(ssl);
    flush();
    if (result == 1 && !output_is_pending()) break;
    if (result != 1 && SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ) state_->fail(result);
    const short events = static_cast<short>((result == 1 ? 0 : POLLIN) | (output_is_pending() ? POLLOUT : 0));
    if (!wait_for(state_->socket, events, deadline)) {
      throw Failure(tls_failed(state_->where(), "the TLS handshake took too long"));
    }
  }
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &size);
  state_->protocol.assign(reinterpret_cast<const char*>(protocol), size);
  if (state_->protocol.empty()) {
    throw Failure(tls_failed(state_->where(), "the peer did not say by ALPN which protocol it speaks"));
  }
}

TlsStream::Read TlsStream::try_read(std::span<std::byte> out) {
  SSL* const ssl = state_->ssl.get();
  std::size_t count = 0;
  forget_errors();
  const int result = SSL_read_ex(ssl, out.data(), out.size(), &count);
  if (result == 1) return {Arrival::kData, count};
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
      return {Arrival::kNothingYet};
    case SSL_ERROR_ZERO_RETURN:
      return {Arrival::kGoodbye};
    default:
      state_->fail(result);
  }
}

bool TlsStream::flush() {
  const bool moved = state_->flush();
  if (state_->broken) {
    // If the peer said why it left, its alert tells more than our failing to write.
    std::byte discarded[16384];
    while (try_read(discarded).arrival == Arrival::kData) continue;
    throw Failure(peer_closed(state_->where()));
  }
  return moved;
}

void TlsStream::write(std::span<const std::byte> bytes, bool more_follows) {
  if (bytes.empty()) return;
  SSL* const ssl = state_->ssl.get();
  state_->sent_under_this_key += bytes.size();
  if (state_->sent_under_this_key > bytes_per_key) {
    COHORTIUM_CHECK(SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
    state_->sent_under_this_key = bytes.size();
  }
  forget_errors();
  std::size_t written = 0;
  const int result = SSL_write_ex(ssl, bytes.data(), bytes.size(), &written);
  if (!more_follows || result != 1) flush();
  if (result != 1) state_->fail(result);
}

void TlsStream::wait(short events, Deadline deadline, milliseconds timeout) {
  const short all = static_cast<short>(events | (output_is_pending() ? POLLOUT : 0));
  if (!wait_for(state_->socket, all, deadline)) throw Failure(peer_silent(state_->where(), timeout));
  flush();
}

std::size_t TlsStream::read_some(std::span<std::byte> out, milliseconds timeout) {
  const Deadline deadline = after(timeout);
  while (true) {
    const Read read = try_read(out);
    if (read.arrival != Arrival::kNothingYet) return read.count;
    wait(POLLIN, deadline, timeout);
  }
}

void TlsStream::write_all(std::span<const std::byte> bytes, milliseconds timeout) {
  constexpr std::size_t portion = std::size_t{1} << 20;  // bounds what is queued
  while (!bytes.empty()) {
    write(bytes.first(std::min(portion, bytes.size())));
    bytes = bytes.subspan(std::min(portion, bytes.size()));
    while (output_is_pending()) wait(0, after(timeout), timeout);
  }
}

void TlsStream::close(milliseconds timeout) {
  while (output_is_pending()) wait(0, after(timeout), timeout);
  // From here on a broken connection is no fault: the peer may have said its own goodbye and left.
  forget_errors();
  SSL_shutdown(state_->ssl.get());
  const Deadline deadline = after(timeout);
  while (!state_->flush() && output_is_pending() && !state_->broken) {
    if (!wait_for(state_->socket, POLLOUT, deadline)) throw Failure(peer_silent(state_->where(), timeout));
  }
  ::shutdown(state_->socket.descriptor(), SHUT_WR);
  // Closing a socket that holds unread data resets the connection, and a reset destroys what is still on its way to the
  // peer: so read on until everything is confirmed, of which no event tells.
  std::byte discarded[16384];
  while (!all_confirmed(state_->socket)) {
    if (std::chrono::steady_clock::now() >= deadline) throw Failure(peer_silent(state_->where(), timeout));
    if (::recv(state_->socket.descriptor(), discarded, sizeof discarded, 0) <= 0) {
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
}

struct TlsListener::State {
  std::shared_ptr<const TlsContext> context;
  Socket socket;
};

TlsListener::TlsListener(const std::string& address, std::uint16_t port, const TlsIdentity& identity, PinnedPeers peers)
    : state_(std::make_unique<State>()) {
  state_->context = make_tls_context(Side::kServer, identity, std::move(peers));
  state_->socket = listen_on(address, port);
}
TlsListener::~TlsListener() = default;

std::uint16_t TlsListener::port() const { return port_of(state_->socket); }

std::unique_ptr<TlsStream> TlsListener::accept(milliseconds timeout) {
  Socket socket = accept_from(state_->socket, timeout);
  if (!socket.open()) return nullptr;
  return make_stream(Side::kServer, state_->context, std::move(socket), "");
}

std::unique_ptr<TlsStream> connect_tls(const std::string& host, std::uint16_t port, const TlsIdentity& identity,
                                       PinnedPeers peers, const std::string& expected_peer, const std::string& protocol,
                                       Deadline deadline) {
  auto context = make_tls_context(Side::kClient, identity, std::move(peers));
  const std::string offer = static_cast<char>(protocol.size()) + protocol;
  COHORTIUM_CHECK(SSL_CTX_set_alpn_protos(context->context.get(), reinterpret_cast<const unsigned char*>(offer.data()),
                                          static_cast<unsigned>(offer.size())) == 0);
  auto stream = make_stream(Side::kClient, std::move(context), connect_to(host, port, deadline), expected_peer);
  stream->handshake(deadline);
  if (stream->protocol() != protocol) throw Failure(tls_failed(expected_peer, "the peer chose another protocol"));
  return stream;
}

}  // namespace cohortium::net
