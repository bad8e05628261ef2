// Engines are OpenSSL 3's way to tokens on the systems this runs on; the successor, a provider, is not packaged there.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "net/token_key.h"

#include <openssl/engine.h>

#include <mutex>

#include "base/error.h"
#include "net/openssl.h"

namespace cohortium::net {
namespace {

constexpr std::string_view scheme = "pkcs11:", module_attribute = "module-path=";

// Loaded at the first key, with that key's module; never let go, for OpenSSL ends before the last of our objects.
ENGINE* engine_with(const std::string& module) {
  static std::mutex mutex;
  static ENGINE* engine = nullptr;
  const std::lock_guard lock(mutex);
  if (engine != nullptr) return engine;
  ENGINE* const found = ENGINE_by_id("pkcs11");
  const bool good = found != nullptr &&
                    (module.empty() || ENGINE_ctrl_cmd_string(found, "MODULE_PATH", module.c_str(), 0) == 1) &&
                    ENGINE_init(found) == 1;
  ENGINE_free(found);
  if (!good) {
    throw Failure({.code = "key.no_token_support",
                   .message = "the token cannot be reached: " + openssl_reason(),
                   .where = module,
                   .remedy = "install libengine-pkcs11-openssl, and check the module's path"});
  }
  engine = found;
  return engine;
}

// What stands behind module-path= in the query.
std::string module_of(const std::string& uri) {
  const std::size_t query = uri.find('?');
  if (query == std::string::npos) return "";
  const std::size_t at = uri.find(module_attribute, query);
  if (at == std::string::npos) return "";
  const std::size_t from = at + module_attribute.size();
  return uri.substr(from, uri.find('&', from) - from);
}

}  // namespace

bool is_token_uri(std::string_view text) { return text.starts_with(scheme); }

PrivateKey token_key(const std::string& uri, const Passphrase& pin) {
  ENGINE* const engine = engine_with(module_of(uri));
  Buffer<char> text(pin.begin(), pin.end());
  text.push_back('\0');
  if (ENGINE_ctrl_cmd_string(engine, "PIN", text.data(), 0) != 1) {
    throw Failure({.code = "key.wrong_passphrase",
                   .message = "the token does not take the PIN",
                   .remedy = "check it; tokens lock after a few wrong ones"});
  }
  KeyPointer key(ENGINE_load_private_key(engine, uri.substr(0, uri.find('?')).c_str(), nullptr, nullptr));
  if (key == nullptr) {
    throw Failure({.code = "key.unusable",
                   .message = "the token gives no such key, or not with this PIN: " + openssl_reason(),
                   .where = uri,
                   .remedy = "check token, object and PIN; tokens lock after a few wrong ones"});
  }
  return PrivateKey(std::make_shared<const PrivateKey::State>(std::move(key)));
}

}  // namespace cohortium::net
