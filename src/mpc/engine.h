// One party's view of one protocol run. Everything above this floor is written once against this interface and runs on
// every protocol: `plaintext` (the oracle), `replicated3`, and the cost forecast, which computes nothing and adds up
// what the kernels declare.
//
// Calls work on whole vectors and all parties make the same calls in the same order with the same public shapes:
// control flow, message counts and sizes depend on shapes and on opened values only, never on secrets.
//
// Faults of a peer end the run: they surface as Failure with the peer's name (net.*, mpc.*).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "mpc/permutation.h"
#include "mpc/shared.h"

namespace cohortium::mpc {

using PartyId = int;  // 0 .. parties-1

// What a run has sent. `rounds` counts messages that had to wait for one another; bytes are payload, by this party.
struct Cost {
  std::uint64_t rounds = 0;
  std::uint64_t bytes_sent = 0;
  Cost& operator+=(const Cost& other) {
    rounds += other.rounds;
    bytes_sent += other.bytes_sent;
    return *this;
  }
  bool operator==(const Cost&) const = default;
};

// What the wire between two parties is like. The default stands for one machine or one room: where messages take less
// than two milliseconds, all links are taken to be alike.
struct Link {
  double latency_seconds = 1e-4;  // one way
  double bytes_per_second = 1e9;
  bool operator==(const Link&) const = default;
};

// Names a ring where the arguments do not.
template <RingWord W>
struct Ring {};

// The operations that exist for both rings. Sizes of two operands must agree (COHORTIUM_CHECK).
template <RingWord W>
class RingEngine {
 public:
  virtual ~RingEngine() = default;

  // A public vector, as if it were shared. No communication.
  virtual Shared<W> constant(std::span<const W> values) = 0;
  // Shares `count` elements known to `owner` alone; the others pass an empty span.
  virtual Shared<W> share(PartyId owner, std::span<const W> values, std::size_t count) = 0;
  // Opens to every party.
  virtual std::vector<W> open(const Shared<W>& a) = 0;
  // Opens to one party: the value there, nothing elsewhere.
  virtual std::optional<std::vector<W>> open_to(PartyId receiver, const Shared<W>& a) = 0;

  virtual Shared<W> multiply(const Shared<W>& a, const Shared<W>& b) = 0;  // elementwise, wraps
  // Sums of products over consecutive blocks of `length`: size / length results at the price of one product each.
  virtual Shared<W> dot(const Shared<W>& a, const Shared<W>& b, std::size_t length) = 0;
  // Row-major (rows x inner) times (inner x columns).
  virtual Shared<W> matrix_product(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                   std::size_t columns) = 0;
  // value / 2^bits, off by at most one unit in the last place, always, for |value| < 2^(k-2). 1 <= bits <= k-2.
  // The error's sign may depend on the shares, so the last digit of a truncated value is not a function of the value
  // alone.
  virtual Shared<W> truncate(const Shared<W>& a, int bits) = 0;
  // The three products above, each result truncated by `bits`, to the same bound: cheaper than one after the other. The
  // exact products lie below 2^(k-2) in absolute value.
  virtual Shared<W> multiply_truncate(const Shared<W>& a, const Shared<W>& b, int bits) = 0;
  virtual Shared<W> dot_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t length, int bits) = 0;
  virtual Shared<W> matrix_product_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                            std::size_t columns, int bits) = 0;

  // The `count` low bits of value mod 2^count, lowest first: plane j holds bit j of every element.
  virtual std::vector<SharedBits> to_bits(const Shared<W>& a, int count) = 0;
  // Bit `position` alone (the carry tree only): cheaper than to_bits.
  virtual SharedBits bit(const Shared<W>& a, int position) = 0;
  // Whether value is 0 mod 2^count. Cheaper than to_bits: no carries.
  virtual SharedBits is_zero(const Shared<W>& a, int count) = 0;
  // Each bit as the element 0 or 1.
  Shared<W> from_bit(const SharedBits& bits) { return from_bit(bits, Ring<W>{}); }
  // The element whose bit j is planes[j]: the inverse of to_bits. 1 to k planes of equal size; absent ones are zero.
  Shared<W> from_bits(std::span<const SharedBits> planes) { return from_bits(planes, Ring<W>{}); }
  // bit ? a : 0, element by element; cheaper than from_bit and multiply.
  virtual Shared<W> keep_where(const SharedBits& bit, const Shared<W>& a) = 0;

  // Moves whole columns: `columns` holds columns of p.size elements, one after the other. All columns move alike.
  virtual Shared<W> permute(const SecretPermutation& p, const Shared<W>& columns, Direction direction) = 0;

  // Elements uniform in the ring, known to nobody.
  Shared<W> random(std::size_t count) { return random(count, Ring<W>{}); }

 protected:
  // What a protocol overrides: the tag keeps the two rings' functions apart, which differ in their result only.
  virtual Shared<W> from_bit(const SharedBits& bits, Ring<W>) = 0;
  virtual Shared<W> from_bits(std::span<const SharedBits> planes, Ring<W>) = 0;
  virtual Shared<W> random(std::size_t count, Ring<W>) = 0;
};

class Engine : public RingEngine<u64>, public RingEngine<u128> {
 public:
  virtual std::string_view protocol() const = 0;
  virtual PartyId self() const = 0;
  virtual int parties() const = 0;

  using RingEngine<u64>::constant, RingEngine<u128>::constant;
  using RingEngine<u64>::share, RingEngine<u128>::share;
  using RingEngine<u64>::open, RingEngine<u128>::open;
  using RingEngine<u64>::open_to, RingEngine<u128>::open_to;
  using RingEngine<u64>::multiply, RingEngine<u128>::multiply;
  using RingEngine<u64>::dot, RingEngine<u128>::dot;
  using RingEngine<u64>::matrix_product, RingEngine<u128>::matrix_product;
  using RingEngine<u64>::truncate, RingEngine<u128>::truncate;
  using RingEngine<u64>::multiply_truncate, RingEngine<u128>::multiply_truncate;
  using RingEngine<u64>::dot_truncate, RingEngine<u128>::dot_truncate;
  using RingEngine<u64>::matrix_product_truncate, RingEngine<u128>::matrix_product_truncate;
  using RingEngine<u64>::keep_where, RingEngine<u128>::keep_where;
  using RingEngine<u64>::permute, RingEngine<u128>::permute;
  using RingEngine<u64>::to_bits, RingEngine<u128>::to_bits;
  using RingEngine<u64>::bit, RingEngine<u128>::bit;
  using RingEngine<u64>::is_zero, RingEngine<u128>::is_zero;

  // engine.ring<u64>().from_bit(b): names the ring where the arguments do not.
  template <RingWord W>
  RingEngine<W>& ring() {
    return *this;
  }

  // Bit vectors.
  virtual SharedBits constant_bits(std::span<const u64> words, std::size_t count) = 0;
  virtual SharedBits share_bits(PartyId owner, std::span<const u64> words, std::size_t count) = 0;
  virtual std::vector<u64> open_bits(const SharedBits& a) = 0;  // bits behind the last element are zero
  // The same for bits whose joint distribution is public, whatever the inputs (the order of shuffled elements, say): the
  // cost forecast draws them at random, where it takes bits opened by open_bits to be ones.
  virtual std::vector<u64> open_coins(const SharedBits& a) = 0;
  virtual SharedBits and_bits(const SharedBits& a, const SharedBits& b) = 0;
  virtual SharedBits not_bits(const SharedBits& a) = 0;  // local
  virtual SharedBits random_bits(std::size_t count) = 0;

  // A uniformly random permutation of `size` < 2^32 elements that no coalition the protocol tolerates knows. Local.
  virtual SecretPermutation random_permutation(std::size_t size) = 0;
  // Columns of p.size bits each.
  virtual std::vector<SharedBits> permute_bits(const SecretPermutation& p, std::span<const SharedBits> columns,
                                               Direction direction) = 0;

  // A vector whose parts were dealt by someone outside the computation (a contributing site): `part` is this party's
  // part as made by `deal` (mpc/dealing.h). Fails with mpc.bad_share_bundle when its length does not fit.
  virtual Shared<u128> adopt(std::span<const std::byte> part, std::size_t count) = 0;

  virtual Cost cost() const = 0;  // so far
  // The worst link between any two parties, as all of them agreed when the session started: public, equal at all
  // parties, and what protocols and algorithms go by where they trade rounds for bytes.
  virtual Link link() const = 0;
};

}  // namespace cohortium::mpc
