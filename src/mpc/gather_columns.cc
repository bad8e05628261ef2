#include "mpc/gather_columns.h"

#include <algorithm>

namespace cohortium::mpc {

// Reads at random places wait for memory, so each is announced some turns before.
template <RingWord W>
void gather_plus(std::span<const std::uint32_t> p, std::span<const W> in, std::size_t from, const W* plus,
                 std::span<W> out) {
  constexpr std::size_t ahead = 32;
  const std::size_t n = p.size();
  for (std::size_t done = 0; done < out.size();) {
    const std::size_t at = (from + done) % n, count = std::min(out.size() - done, n - at);
    const W* const column = in.data() + (from + done - at);
    const std::uint32_t* const places = p.data() + at;
    const std::size_t announced = count > ahead ? count - ahead : 0;
    for (std::size_t i = 0; i < announced; ++i) {
      __builtin_prefetch(column + places[i + ahead]);
      out[done + i] = plus[done + i] + column[places[i]];
    }
    for (std::size_t i = announced; i < count; ++i) out[done + i] = plus[done + i] + column[places[i]];
    done += count;
  }
}

template void gather_plus(std::span<const std::uint32_t>, std::span<const u64>, std::size_t, const u64*,
                          std::span<u64>);
template void gather_plus(std::span<const std::uint32_t>, std::span<const u128>, std::size_t, const u128*,
                          std::span<u128>);

}  // namespace cohortium::mpc
