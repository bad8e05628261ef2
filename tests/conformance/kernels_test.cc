// Every kernel of every protocol gives the oracle's result, at every party, for random and edge inputs of all sizes.
#include <gtest/gtest.h>

#include <map>
#include <type_traits>

#include "inputs.h"
#include "mpc/protocols.h"
#include "mpc/simulate.h"
#include "programs.h"

namespace cohortium::conformance {
namespace {

using mpc::Engine;
using mpc::PartyId;
using mpc::Shared;
using mpc::SharedBits;

class Kernels : public testing::TestWithParam<const char*> {
 protected:
  // Runs body under the protocol and under the oracle; it returns what it opened, which all must agree on.
  template <class Body>
  void expect_as_oracle(Body body) {
    const auto expected = mpc::simulate("plaintext", body)[0];
    const auto actual = mpc::simulate(GetParam(), body);
    for (std::size_t party = 0; party < actual.size(); ++party) EXPECT_EQ(actual[party], expected) << "party " << party;
  }

  // The vector, shared by one party of the protocol.
  template <class W>
  static Shared<W> input(Engine& engine, const std::vector<W>& values, PartyId owner = 0) {
    owner %= engine.parties();
    const bool mine = engine.self() == owner;
    return engine.share(owner, mine ? std::span<const W>(values) : std::span<const W>(), values.size());
  }
  static SharedBits input_bits(Engine& engine, const std::vector<u64>& words, std::size_t count, PartyId owner = 0) {
    owner %= engine.parties();
    const bool mine = engine.self() == owner;
    return engine.share_bits(owner, mine ? std::span<const u64>(words) : std::span<const u64>(), count);
  }
};

template <class W>
void append(std::vector<W>& to, const std::vector<W>& values) {
  to.insert(to.end(), values.begin(), values.end());
}

TEST_P(Kernels, ShareOpenMultiplyDot) {
  const auto check = [&]<class W>(W) {
    for (std::size_t n : sizes) {
      expect_as_oracle([n](Engine& engine) {
        std::vector<W> opened;
        for (PartyId owner = 0; owner < 4; ++owner)
          append(opened, engine.open(input(engine, ring_elements<W>(n, 1), owner)));
        const auto a = input(engine, ring_elements<W>(n, 2), 1), b = input(engine, ring_elements<W>(n, 3), 2);
        append(opened, engine.open(engine.multiply(a, b)));
        append(opened, engine.open(engine.multiply(a, engine.constant(std::span<const W>(ring_elements<W>(n, 4))))));
        append(opened, engine.open(engine.multiply(engine.multiply(a, b), add(a, b))));
        if (n > 0) append(opened, engine.open(engine.dot(a, b, n)));
        if (n % 2 == 0) append(opened, engine.open(engine.dot(a, b, 2)));
        return opened;
      });
    }
  };
  check(u64{});
  check(u128{});
}

TEST_P(Kernels, MatrixProduct) {
  const auto check = [&]<class W>(W) {
    for (auto [rows, inner, columns] :
         {std::array<std::size_t, 3>{1, 1, 1}, {3, 5, 2}, {1, 100, 1}, {17, 1, 9}, {0, 3, 2}}) {
      expect_as_oracle([=](Engine& engine) {
        const auto a = input(engine, ring_elements<W>(rows * inner, 5));
        const auto b = input(engine, ring_elements<W>(inner * columns, 6));
        return engine.open(engine.matrix_product(a, b, rows, inner, columns));
      });
    }
  };
  check(u64{});
  check(u128{});
}

TEST_P(Kernels, BitVectors) {
  for (std::size_t n : sizes) {
    expect_as_oracle([n](Engine& engine) {
      std::vector<u64> opened;
      for (PartyId owner = 0; owner < 4; ++owner)
        append(opened, engine.open_bits(input_bits(engine, bit_words(n, 1), n, owner)));
      const auto a = input_bits(engine, bit_words(n, 2), n), b = input_bits(engine, bit_words(n, 3), n, 1);
      append(opened, engine.open_bits(engine.and_bits(a, b)));
      append(opened, engine.open_bits(exclusive_or(a, engine.not_bits(b))));
      append(opened, engine.open_bits(engine.and_bits(a, engine.constant_bits(bit_words(n, 4), n))));
      append(opened, engine.open(engine.ring<u64>().from_bit(engine.and_bits(a, b))));
      for (u128 value : engine.open(engine.ring<u128>().from_bit(engine.not_bits(a)))) {
        opened.push_back(static_cast<u64>(value));
        opened.push_back(static_cast<u64>(value >> 64));
      }
      return opened;
    });
  }
}

TEST_P(Kernels, ToBits) {
  const auto check = [&]<class W>(W) {
    for (std::size_t n : sizes) {
      expect_as_oracle([n](Engine& engine) {
        const auto a = input(engine, ring_elements<W>(n, 7));
        std::vector<u64> opened;
        for (int count : {1, 2, 3, 7, 32, 33, 63, mpc::bits_of<W>}) {
          for (const auto& plane : engine.to_bits(a, count)) append(opened, engine.open_bits(plane));
        }
        for (int position : {0, 1, 2, 5, 31, 32, 62, mpc::bits_of<W> - 1})
          append(opened, engine.open_bits(engine.bit(a, position)));
        return opened;
      });
    }
  };
  check(u64{});
  check(u128{});
}

TEST_P(Kernels, IsZero) {
  const auto check = [&]<class W>(W) {
    for (std::size_t n : sizes) {
      expect_as_oracle([n](Engine& engine) {
        std::vector<W> values = ring_elements<W>(n, 7);
        for (std::size_t i = 0; i < n; ++i) values[i] <<= i % mpc::bits_of<W>;
        const auto a = input(engine, values);
        std::vector<u64> opened;
        for (int count : {1, 2, 3, 5, 8, 31, 63, mpc::bits_of<W>})
          append(opened, engine.open_bits(engine.is_zero(a, count)));
        return opened;
      });
    }
  };
  check(u64{});
  check(u128{});
}

TEST_P(Kernels, FromBitsAndKeepWhere) {
  const auto check = [&]<class W>(W) {
    for (std::size_t n : sizes) {
      expect_as_oracle([n](Engine& engine) {
        const auto a = input(engine, ring_elements<W>(n, 7));
        std::vector<W> opened;
        for (int count : {1, 2, 31, 63, mpc::bits_of<W>}) {
          const auto planes = engine.to_bits(a, count);
          append(opened, engine.open(engine.ring<W>().from_bits(planes)));
        }
        append(opened, engine.open(engine.keep_where(input_bits(engine, bit_words(n, 3), n, 1), a)));
        return opened;
      });
    }
  };
  check(u64{});
  check(u128{});
}

// Forwards and back again gives the columns; forwards alone gives them in an order that all columns share.
TEST_P(Kernels, Permute) {
  for (std::size_t n : sizes) {
    const auto values = ring_elements<u64>(n, 11);
    const auto opened = mpc::simulate(GetParam(), [&](Engine& engine) {
      const auto a = input(engine, values, 1);
      const auto wide = input(engine, std::vector<u128>(values.begin(), values.end()), 2);
      const auto low = engine.bit(a, 0);
      const auto p = engine.random_permutation(n);
      const auto moved = engine.permute(p, a, mpc::Direction::kForwards);
      const auto moved_wide = engine.permute(p, wide, mpc::Direction::kForwards);
      const auto moved_low = engine.permute_bits(p, std::span(&low, 1), mpc::Direction::kForwards);
      std::vector<std::vector<u64>> result{
          engine.open(moved),
          engine.open(engine.permute(p, moved, mpc::Direction::kBackwards)),
          engine.open(mpc::narrow(moved_wide)),
          engine.open_bits(moved_low[0]),
          engine.open_bits(engine.permute_bits(p, moved_low, mpc::Direction::kBackwards)[0]),
          engine.open_bits(low)};
      return result;
    });
    for (const auto& at_party : opened) {
      EXPECT_EQ(at_party[1], values);
      EXPECT_EQ(at_party[2], at_party[0]);
      EXPECT_EQ(at_party[4], at_party[5]);
      for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(at_party[3][i / 64] >> (i % 64) & 1, at_party[0][i] & 1);
      EXPECT_TRUE(std::is_permutation(at_party[0].begin(), at_party[0].end(), values.begin()));
      if (n > 60) {
        EXPECT_NE(at_party[0], values);
      }
    }
  }
}

// All 6 orders of 3 elements come up alike: 3,000 draws give each 500 +- 100 (5 standard deviations).
TEST_P(Kernels, PermutationsAreUniform) {
  const auto opened = mpc::simulate(GetParam(), [](Engine& engine) {
    const std::vector<u64> values{1, 2, 4};
    std::vector<u64> result;
    for (int i = 0; i < 3000; ++i) {
      const auto p = engine.random_permutation(3);
      append(result,
             engine.open(engine.permute(p, engine.constant(std::span<const u64>(values)), mpc::Direction::kForwards)));
    }
    return result;
  });
  std::map<std::array<u64, 3>, int> seen;
  for (std::size_t i = 0; i < opened[0].size(); i += 3) ++seen[{opened[0][i], opened[0][i + 1], opened[0][i + 2]}];
  EXPECT_EQ(seen.size(), 6U);
  for (const auto& [order, count] : seen) EXPECT_NEAR(count, 500, 100);
}

TEST_P(Kernels, OpenToOnePartyOnly) {
  const auto values = ring_elements<u64>(65, 8);
  for (PartyId receiver = 0; receiver < mpc::parties_of(GetParam()); ++receiver) {
    const auto opened = mpc::simulate(GetParam(), [&](Engine& e) { return e.open_to(receiver, input(e, values, 1)); });
    for (PartyId party = 0; party < static_cast<int>(opened.size()); ++party) {
      EXPECT_EQ(opened[party].has_value(), party == receiver);
      if (opened[party]) {
        EXPECT_EQ(*opened[party], values);
      }
    }
  }
}

TEST_P(Kernels, LargeVectors) {
  const std::size_t n = 100001;
  expect_as_oracle([n](Engine& engine) {
    const auto a = input(engine, ring_elements<u64>(n, 9)), b = input(engine, ring_elements<u64>(n, 10));
    std::vector<u64> opened = engine.open(engine.multiply(a, b));
    append(opened, engine.open_bits(engine.bit(a, 63)));
    append(opened, engine.open(engine.ring<u64>().from_bit(engine.to_bits(b, 8)[7])));
    return opened;
  });
}

// The distance between the result and value / 2^f is at most 1: checked exactly, as |result * 2^f - value| <= 2^f.
template <class W>
void expect_within_one_unit(const char* protocol, const std::vector<W>& values, int f) {
  using Wide = std::conditional_t<sizeof(W) == 8, mpc::i128, long double>;
  using Signed = std::conditional_t<sizeof(W) == 8, std::int64_t, mpc::i128>;
  const auto opened = mpc::simulate(protocol, [&](Engine& engine) {
    const bool mine = engine.self() == 0;
    return engine.open(
        engine.truncate(engine.share(0, mine ? std::span<const W>(values) : std::span<const W>(), values.size()), f));
  });
  for (const auto& result : opened) {
    ASSERT_EQ(result, opened[0]);
    for (std::size_t i = 0; i < values.size(); ++i) {
      // Modulo 2^k the difference is exact: it is far below 2^(k-1).
      const W difference = static_cast<W>(result[i] << f) - values[i];
      const Signed signed_difference = static_cast<Signed>(difference), unit = Signed{1} << f;
      ASSERT_TRUE(signed_difference <= unit && signed_difference >= -unit) << "f = " << f << ", element " << i;
      // And the result itself is small: nothing wrapped.
      const Wide quotient = static_cast<Wide>(static_cast<Signed>(result[i]));
      ASSERT_LE(quotient, static_cast<Wide>(Signed{1} << (mpc::bits_of<W> - 2 - f)) + 1);
      ASSERT_GE(quotient, -static_cast<Wide>(Signed{1} << (mpc::bits_of<W> - 2 - f)) - 1);
    }
  }
}

TEST_P(Kernels, TruncationIsNeverOffByMoreThanOneUnit) {
  for (unsigned repetition = 0; repetition < 20; ++repetition) {
    for (int f : {1, 2, 13, 20, 31, 32, 40, 61, 62}) {
      expect_within_one_unit(GetParam(), signed_elements<u64>(2000, 62, repetition), f);
    }
    for (int f : {1, 20, 40, 63, 64, 65, 100, 126}) {
      expect_within_one_unit(GetParam(), signed_elements<u128>(500, 126, repetition), f);
    }
  }
  for (std::size_t n : sizes) expect_within_one_unit(GetParam(), signed_elements<u64>(n, 62, 99), 20);
}

TEST_P(Kernels, RandomElementsDiffer) {
  const auto opened = mpc::simulate(GetParam(), [](Engine& engine) {
    auto values = engine.open(engine.ring<u64>().random(100));
    append(values, engine.open_bits(engine.random_bits(6400)));
    return values;
  });
  auto values = opened[0];
  for (const auto& at_party : opened) EXPECT_EQ(at_party, values);
  std::sort(values.begin(), values.end());
  EXPECT_EQ(std::adjacent_find(values.begin(), values.end()), values.end());
}

INSTANTIATE_TEST_SUITE_P(Protocols, Kernels,
                         testing::Values("plaintext", "replicated3", "replicated3-malicious", "replicated4"),
                         [](const auto& instance) { return test_name(instance.param); });

}  // namespace
}  // namespace cohortium::conformance
