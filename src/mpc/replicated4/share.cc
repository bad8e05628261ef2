// Sharing of a vector that one party knows: of its three components the owner draws two with those who hold them, and
// sends the third, x minus both, to the two others that hold it; the fourth is zero. These two then compare what they got
// by tags whose key the owner does not know, before anything else happens.
//
// Security   malicious, 1 corruption of 4: an owner that sends different values is found out (one_time_tag.h says how
//            surely); any two components that a party lacks one of are uniform
// Reveals    nothing
// Rounds     2
// Sent       2k bits per element by the owner; 16 bytes by two others
// Requires   the owner passes `count` elements, the others none
// Source     input sharing of Dalskov, Escudero, Keller, USENIX Security 2021, section 3, with one component fixed to zero
#include "base/error.h"
#include "mpc/replicated4/replicated4.h"

namespace cohortium::mpc {

Cost Replicated4Cost::share_words(PartyId owner, std::size_t bytes) const {
  const PartyId place = (party_ + four - owner) % four;
  if (place == 0) return {2, 2 * bytes};
  return {2, place <= 2 && bytes > 0 ? sizeof(crypto::Tag) : 0};
}

template <class Group>
void Replicated4::share_words(PartyId owner, const typename Group::Word* values, std::size_t count,
                              View<typename Group::Word> out) {
  using Word = typename Group::Word;
  const PartyId first = (owner + 1) % four, second = (owner + 2) % four, last = (owner + 3) % four;
  const auto bytes = [count](Word* words) { return std::as_writable_bytes(std::span(words, count)); };
  for (PartyId drawn : {first, second}) {
    if (self() != drawn) party_.common(drawn).fill(bytes(out[drawn]));
  }
  LaneChannels& channels = party_.channels();
  const auto send_to = [&](PartyId to) {
    return OutgoingStream{to, count * sizeof(Word), sizeof(Word), [&](std::size_t from, std::size_t n) {
                            return std::span<const std::byte>(bytes(out[last])).subspan(from, n);
                          }};
  };
  if (self() == owner) {
    Group::add(values, out[last], count);
    for (PartyId drawn : {first, second}) Group::subtract(out[drawn], out[last], count);
    const std::array sends{send_to(first), send_to(second)};
    channels.stream(sends, {});
    channels.exchange({}, {});
  } else if (self() == last) {
    channels.stream({}, {});
    channels.exchange({}, {});
  } else {
    const std::array receives{
        IncomingStream{owner, count * sizeof(Word), sizeof(Word),
                       [&](std::size_t from, std::size_t n) { return bytes(out[last]).subspan(from, n); }}};
    channels.stream({}, receives);
    if (count == 0) return channels.exchange({}, {});
    const PartyId other = self() == first ? second : first;
    crypto::OneTimeTag tag(party_.tag_key(other));
    tag.update(bytes(out[last]));
    const crypto::Tag mine = tag.finish();
    crypto::Tag theirs;
    channels.exchange({{other, mine}}, {{other, theirs}});
    if (!equal_in_constant_time(mine, theirs)) {
      throw cheating_detected("one peer shared a value differently, or the other says so", party_.name_of(owner),
                              party_.name_of(other));
    }
  }
}

template <RingWord W>
Shared<W> Replicated4::share(PartyId owner, std::span<const W> values, std::size_t count) {
  COHORTIUM_CHECK(owner >= 0 && owner < four && values.size() == (self() == owner ? count : 0));
  Shared<W> result(count, four - 1);
  share_words<Sums<W>>(owner, values.data(), count, view(result));
  return result;
}

SharedBits Replicated4::share_bits(PartyId owner, std::span<const u64> words, std::size_t count) {
  SharedBits result(count, four - 1);
  COHORTIUM_CHECK(owner >= 0 && owner < four && words.size() == (self() == owner ? result.words() : 0));
  share_words<Bits>(owner, words.data(), result.words(), view(result));
  return result;
}

template Shared<u64> Replicated4::share(PartyId, std::span<const u64>, std::size_t);
template Shared<u128> Replicated4::share(PartyId, std::span<const u128>, std::size_t);

}  // namespace cohortium::mpc
