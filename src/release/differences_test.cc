// Differences between releases: against a search over all unions of groups that are shown, on random people.
#include "release/differences.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "mpc/simulate.h"

namespace cohortium::release {
namespace {

using mpc::u64;

// Which group of each family each person is in; none: size_t(-1).
using Memberships = std::vector<std::vector<std::size_t>>;
constexpr auto none = static_cast<std::size_t>(-1);

struct People {
  DifferenceShape shape;
  std::vector<Memberships> releases;  // of now, then the earlier ones
  std::size_t count = 0;

  const ReleaseShape& shape_of(std::size_t release) const {
    return release == 0 ? shape.now : shape.earlier[release - 1];
  }
  std::size_t size(std::size_t release, std::size_t family, std::size_t group) const {
    return static_cast<std::size_t>(
        std::count(releases[release][family].begin(), releases[release][family].end(), group));
  }
  bool in(std::size_t release, std::size_t person) const { return releases[release][0][person] == 0; }
};

People random_people(std::mt19937& random, std::size_t earlier) {
  People people;
  people.count = 12 + random() % 30;
  for (std::size_t r = 0; r <= earlier; ++r) {
    ReleaseShape shape{.minimum = 2 + random() % 4, .families = {1}};
    for (std::size_t more = random() % 3; more > 0; --more) shape.families.push_back(1 + random() % 4);
    // Often nearly the same people as another release has, in groups that are nearly the same.
    const bool alike = r > 0 && random() % 4 != 0;
    if (alike) shape.families = people.shape_of(0).families;
    Memberships memberships;
    for (std::size_t f = 0; f < shape.families.size(); ++f) {
      std::vector<std::size_t> family(people.count, none);
      for (std::size_t i = 0; i < people.count; ++i) {
        if (alike && random() % 24 != 0) {
          family[i] = people.releases[0][f][i];
        } else {
          const std::size_t drawn = random() % (shape.families[f] + 1);
          family[i] = drawn == shape.families[f] ? none : drawn;
        }
        if (f > 0 && memberships[0][i] == none) family[i] = none;
      }
      memberships.push_back(family);
    }
    if (r == 0)
      people.shape.now = shape;
    else
      people.shape.earlier.push_back(shape);
    people.releases.push_back(memberships);
  }
  people.shape.in_threes = random() % (earlier + 1);
  return people;
}

std::vector<u64> counts_of(const People& people) {
  std::vector<u64> counts;
  for (std::size_t r = 0; r < people.releases.size(); ++r)
    for (std::size_t f = 0; f < people.shape_of(r).families.size(); ++f)
      for (std::size_t g = 0; g < people.shape_of(r).families[f]; ++g) counts.push_back(people.size(r, f, g));
  for (std::size_t e = 1; e < people.releases.size(); ++e)
    for (std::size_t f = 0; f < people.shape.now.families.size(); ++f)
      for (std::size_t h = 0; h < people.shape_of(e).families.size(); ++h)
        for (std::size_t a = 0; a < people.shape.now.families[f]; ++a)
          for (std::size_t b = 0; b < people.shape_of(e).families[h]; ++b) {
            u64 both = 0;
            for (std::size_t i = 0; i < people.count; ++i)
              both += people.releases[0][f][i] == a && people.releases[e][h][i] == b;
            counts.push_back(both);
          }
  for (std::size_t j = 1; j < people.shape.in_threes; ++j)
    for (std::size_t i = 0; i < j; ++i)
      for (const auto& [plus, other, minus] :
           {std::array<std::size_t, 3>{0, i + 1, j + 1}, std::array<std::size_t, 3>{0, j + 1, i + 1},
            std::array<std::size_t, 3>{i + 1, j + 1, 0}}) {
        u64 left = 0;
        for (std::size_t p = 0; p < people.count; ++p)
          left += people.in(plus, p) + people.in(other, p) != static_cast<int>(people.in(minus, p));
        counts.push_back(left);
      }
  return counts;
}

// Whether some union of shown groups of a family cancels all of a shown group of another release but few people.
bool leaves_few(const People& people, std::size_t subject_release, std::size_t subject_family, std::size_t release,
                std::size_t family, u64 few) {
  const ReleaseShape& subject_shape = people.shape_of(subject_release);
  const ReleaseShape& shape = people.shape_of(release);
  for (std::size_t g = 0; g < subject_shape.families[subject_family]; ++g) {
    if (people.size(subject_release, subject_family, g) < subject_shape.minimum) continue;
    for (u64 chosen = 0; chosen < (u64{1} << shape.families[family]); ++chosen) {
      bool all_shown = true;
      for (std::size_t h = 0; h < shape.families[family]; ++h)
        if (((chosen >> h) & 1) != 0) all_shown = all_shown && people.size(release, family, h) >= shape.minimum;
      if (!all_shown) continue;
      u64 left = 0;
      for (std::size_t i = 0; i < people.count; ++i) {
        const std::size_t h = people.releases[release][family][i];
        const bool in_union = h != none && ((chosen >> h) & 1) != 0;
        left += in_union != (people.releases[subject_release][subject_family][i] == g);
      }
      if (left > 0 && left < few) return true;
    }
  }
  return false;
}

SmallDifferences expected(const People& people) {
  SmallDifferences result;
  for (std::size_t e = 1; e < people.releases.size(); ++e) {
    const u64 few = std::min(people.shape.now.minimum, people.shape_of(e).minimum);
    result.families.emplace_back();
    for (std::size_t f = 0; f < people.shape.now.families.size(); ++f) {
      bool found = false;
      for (std::size_t h = 0; h < people.shape_of(e).families.size(); ++h)
        found = found || leaves_few(people, 0, f, e, h, few) || leaves_few(people, e, h, 0, f, few);
      result.families.back().push_back(found);
    }
  }
  const std::vector<u64> counts = counts_of(people);
  std::size_t next = counts.size() - 3 * people.shape.pairs();
  for (std::size_t j = 1; j < people.shape.in_threes; ++j)
    for (std::size_t i = 0; i < j; ++i) {
      const u64 few =
          std::min({people.shape.now.minimum, people.shape_of(i + 1).minimum, people.shape_of(j + 1).minimum});
      bool shown = true, found = false;
      for (const std::size_t r : {std::size_t{0}, i + 1, j + 1})
        shown = shown && people.size(r, 0, 0) >= people.shape_of(r).minimum;
      for (int form = 0; form < 3; ++form, ++next) found = found || (counts[next] > 0 && counts[next] < few);
      result.pairs.push_back(shown && found);
    }
  return result;
}

void expect_right(std::string_view protocol, const People& people) {
  const std::vector<u64> counts = counts_of(people);
  const auto found = mpc::simulate(protocol, [&](mpc::Engine& engine) {
    return small_differences(
        engine, people.shape,
        engine.share(0, engine.self() == 0 ? std::span<const u64>(counts) : std::span<const u64>(), counts.size()));
  });
  const SmallDifferences right = expected(people);
  for (const SmallDifferences& each : found) {
    EXPECT_EQ(each.families, right.families);
    EXPECT_EQ(each.pairs, right.pairs);
  }
}

TEST(Differences, AreThoseThatASearchOverAllUnionsFinds) {
  std::mt19937 random(20261201);
  std::size_t unsafe = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const People people = random_people(random, 1 + random() % 4);
    unsafe += expected(people).any();
    expect_right("plaintext", people);
  }
  EXPECT_GT(unsafe, 40u);
  EXPECT_LT(unsafe, 360u);
}

TEST(Differences, AreFoundUnderEveryProtocol) {
  std::mt19937 random(7);
  for (const std::string_view protocol : {"replicated3", "replicated4", "replicated3-malicious"})
    for (int trial = 0; trial < 8; ++trial) expect_right(protocol, random_people(random, 1 + random() % 3));
}

TEST(Differences, OfNothingEarlierThereAreNone) {
  EXPECT_FALSE(mpc::simulate("replicated3",
                             [](mpc::Engine& engine) {
                               const std::vector<u64> counts{40};
                               return small_differences(engine, {}, engine.constant(std::span<const u64>(counts)));
                             })
                   .front()
                   .any());
}

}  // namespace
}  // namespace cohortium::release
